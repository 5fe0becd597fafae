# shellcheck shell=bash
# docker-compose 2.40.3 from Debian sid, the tool that gocompose is compared with. It runs on this
# machine through the sid tree's own dynamic loader and talks to any engine by DOCKER_HOST.

ORACLE_VERSION=2.40.3
ORACLE=$BIN_DIR/docker-compose-oracle

# oracle_make writes the wrapper, or says why there is none.
oracle_make() {
	local root=$ROOTS_DIR/sid plugin loader libraries found
	root_make sid || { say "no oracle: sid may be broken today; tests that need it are skipped"; return 1; }
	plugin=$root/usr/libexec/docker/cli-plugins/docker-compose
	loader=$(find "$root/usr/lib" -maxdepth 2 -name 'ld-linux-*.so.*' | head -n 1)
	libraries=$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name libc.so.6 | head -n 1)")
	if [ ! -x "$plugin" ] || [ -z "$loader" ]; then
		say "no oracle: the sid tree lacks docker-compose or its loader; tests that need it are skipped"
		return 1
	fi
	mkdir -p "$BIN_DIR"
	printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$loader" "$libraries" "$plugin" >"$ORACLE.new"
	chmod +x "$ORACLE.new"
	mv "$ORACLE.new" "$ORACLE"
	ln -sfn "$plugin" "$ORACLE.program"
	oracle_buildx "$loader --library-path $libraries ${plugin%compose}buildx"
	found=$("$ORACLE" version --short 2>/dev/null) || found=none
	case $found in
	"$ORACLE_VERSION"*) ;;
	*)
		say "no oracle: wanted docker-compose $ORACLE_VERSION, sid has \"$found\"; tests that need it are skipped"
		rm -f "$ORACLE"
		return 1
		;;
	esac
	echo "$ORACLE"
}

# oracle_buildx COMMAND makes a docker configuration in which docker-compose finds the buildx that it
# builds with: $ORACLE.config.
oracle_buildx() {
	local buildx=$ORACLE.config/cli-plugins/docker-buildx
	mkdir -p "$(dirname "$buildx")"
	printf '#!/bin/sh\nexec %s "$@"\n' "$1" >"$buildx.new"
	chmod +x "$buildx.new"
	mv "$buildx.new" "$buildx"
}
