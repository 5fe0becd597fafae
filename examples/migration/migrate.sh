#!/bin/bash
# Applies, in order and each in a transaction, the migrations that the database has not seen, and
# writes a page that lists what was applied.
set -euo pipefail

query() { psql --quiet --no-psqlrc -v ON_ERROR_STOP=1 "$@"; }

query --command 'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, at timestamptz DEFAULT now())' 2>/dev/null
for file in /migrations/*.sql; do
	name=$(basename "$file")
	if [ "$(query -At --command "SELECT count(*) FROM migrations WHERE name = '$name'")" = 0 ]; then
		echo "applying $name"
		query --single-transaction --file "$file" --command "INSERT INTO migrations (name) VALUES ('$name')"
	fi
done
{
	echo '<!doctype html><meta charset="utf-8"><title>Migrations</title><h1>Migrations applied</h1>'
	query --html --command 'SELECT name, at FROM migrations ORDER BY name'
} >/pages/index.html
echo "up to date"
