#!/bin/sh
# Entrypoint of the Redis stand-in: the server runs as its own user and listens to everyone.
set -eu

[ "${1:-redis-server}" = redis-server ] || exec "$@"
shift
if [ "$(id -u)" = 0 ]; then
	chown redis /data
	exec setpriv --reuid=redis --regid=redis --init-groups -- redis-server --protected-mode no --bind '* -::*' "$@"
fi
exec redis-server --protected-mode no --bind '* -::*' "$@"
