#!/bin/bash
# The package's own cluster goes: the entrypoint makes one in PGDATA on the first start.
tree=$1
rm -rf "$tree"/var/lib/postgresql/* "$tree"/etc/postgresql/* "$tree"/usr/lib/postgresql/*/lib/bitcode
# The query compiler is half of the tree and Postgres does without it.
rm -f "$tree"/usr/lib/postgresql/*/lib/llvmjit* "$tree"/usr/lib/*/libLLVM*
chroot "$tree" install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data
mkdir -p "$tree/docker-entrypoint-initdb.d"
chmod 755 "$tree/usr/local/bin/docker-entrypoint.sh"
