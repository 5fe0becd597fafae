#!/bin/bash
# Writes a page of products every two seconds. The rows come from Redis while it has them and from
# Postgres, with ten seconds of caching, when it has not.
set -u
trap 'exit 0' TERM INT
rm -f /pages/index.html

# cache COMMAND ARGUMENT... sends one command to Redis and prints the answer, nothing for a nil.
cache() {
	local argument header length answer=
	exec 3<>/dev/tcp/cache/6379 || return 1
	printf '*%d\r\n' $# >&3
	for argument in "$@"; do
		printf '$%d\r\n%s\r\n' "${#argument}" "$argument" >&3
	done
	IFS= read -r header <&3
	header=${header%$'\r'}
	case $header in
	'$-1') ;;
	'$'*)
		length=${header#\$}
		IFS= read -r -N "$length" answer <&3
		printf '%s' "$answer"
		;;
	*) printf '%s' "${header#?}" ;;
	esac
	exec 3>&-
}

page() {
	local rows source=cache
	rows=$(cache GET products)
	if [ -z "$rows" ]; then
		source=database
		rows=$(psql --html --quiet --command 'SELECT name, price FROM products ORDER BY name') || return 1
		cache SET products "$rows" EX 10 >/dev/null
	fi
	echo '<!doctype html><meta charset="utf-8"><title>Products</title><h1>Products</h1>'
	echo "$rows"
	echo "<p>Rows from the $source; page number $(cache INCR pages)"
}

while true; do
	page >/pages/.next && mv /pages/.next /pages/index.html
	sleep 2 &
	wait $!
done
