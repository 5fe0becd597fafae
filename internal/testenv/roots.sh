# shellcheck shell=bash
# Debian trees made by mmdebstrap: trixie holds Engine 26.1, sid holds Engine 28.5 and docker-compose 2.40.3.

ROOT_PACKAGES=docker.io,docker-cli,docker-buildx,docker-registry,iptables,iproute2,mount,ca-certificates

# root_make SUITE makes the tree once; a half-made one is thrown away.
root_make() { with_lock "root-$1" root_make_locked "$1"; }

root_make_locked() {
	local suite=$1 packages=$ROOT_PACKAGES
	local dir=$ROOTS_DIR/$suite options=()
	[ "$suite" != sid ] || packages=$packages,docker-compose
	[ "$(cat "$dir/.complete" 2>/dev/null)" != "$packages" ] || return 0
	need_root "making a Debian $suite tree"
	need_package mmdebstrap mmdebstrap "makes Debian trees for the newer engines and the images"
	if [ "$suite" = sid ]; then
		options+=(--aptopt='Acquire::Check-Valid-Until "false"')
	fi
	say "making a Debian $suite tree with mmdebstrap (about 30 s, 600 MB): $dir"
	mkdir -p "$ROOTS_DIR"
	owned_stop "$suite"
	rm -rf "$dir.new" "$dir"
	if ! mmdebstrap --quiet --variant=apt --include="$packages" "${options[@]}" "$suite" "$dir.new" \
		>"$ROOTS_DIR/$suite.log" 2>&1 </dev/null; then
		tail -n 20 "$ROOTS_DIR/$suite.log" >&2
		rm -rf "$dir.new"
		say "mmdebstrap could not make the $suite tree; its last lines are above"
		return 1
	fi
	rm -rf "$dir.new"/var/cache/apt/* "$dir.new"/var/lib/apt/lists/* "$dir.new"/usr/share/doc/*
	echo "$packages" >"$dir.new/.complete"
	mv "$dir.new" "$dir"
}
