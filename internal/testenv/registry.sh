# shellcheck shell=bash
# Debian's registry from the trixie tree, for tests that start one of their own. It runs on this
# machine through the tree's own dynamic loader, like the oracle.

REGISTRY=$BIN_DIR/docker-registry

# registry_make writes the wrapper and prints its path.
registry_make() {
	local root=$ROOTS_DIR/trixie loader libraries
	root_make trixie
	loader=$(find "$root/usr/lib" -maxdepth 2 -name 'ld-linux-*.so.*' | head -n 1)
	libraries=$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name libc.so.6 | head -n 1)")
	mkdir -p "$BIN_DIR"
	printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$loader" "$libraries" "$root/usr/bin/docker-registry" >"$REGISTRY.new"
	chmod +x "$REGISTRY.new"
	mv "$REGISTRY.new" "$REGISTRY"
	"$REGISTRY" --version >/dev/null || die "docker-registry of the trixie tree does not run here"
	echo "$REGISTRY"
}
