#!/bin/bash
# Entrypoint of the Postgres stand-in. On the first start it makes the cluster, the role and the
# database that POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB name, and runs /docker-entrypoint-initdb.d.
set -euo pipefail

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
password=${POSTGRES_PASSWORD:-}
if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
	password=$(cat "$POSTGRES_PASSWORD_FILE")
fi

case ${1:-postgres} in
-*) set -- postgres "$@" ;;
esac
[ "${1:-postgres}" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
	install -d -o postgres -g postgres -m 3777 /var/run/postgresql
	mkdir -p "$PGDATA"
	chown -R postgres "$PGDATA"
	chmod 700 "$PGDATA"
	exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi

make_cluster() {
	initdb --username="$user" --pwfile=<(echo "$password") --auth-host=scram-sha-256 --auth-local=trust
	echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
	# Nobody from outside gets in before the init scripts are through.
	pg_ctl -w start -o "-c listen_addresses=''"
	if [ "$database" != postgres ]; then
		createdb --username="$user" "$database"
	fi
	local file
	for file in /docker-entrypoint-initdb.d/*; do
		echo "init: $file"
		case $file in
		*.sql) psql -v ON_ERROR_STOP=1 --no-psqlrc --username="$user" --dbname="$database" --file="$file" ;;
		*.sh) bash "$file" ;;
		esac
	done
	pg_ctl -w -m fast stop
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	if [ -z "$password" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
		echo "error: the database is new and POSTGRES_PASSWORD is not set" >&2
		exit 1
	fi
	make_cluster
fi
exec "$@" -c listen_addresses='*'
