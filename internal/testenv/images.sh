# shellcheck shell=bash
# Stand-ins for images of Docker Hub, made of Debian packages. Each is described by a directory
# images/NAME: packages, config.json (the image's configuration), tags (official names that the mirror of an
# owned engine serves it under), files/ (copied onto the tree), customize.sh (run on the tree) and
# mirror-only (no engine keeps it; it comes from the mirror).
#
# On an engine they are named gocompose-test/NAME and labelled org.gocompose.stand-in=true.

IMAGES_DIR=$TESTENV_DIR/images
IMAGE_SUITE=trixie

image_names() { ls "$IMAGES_DIR"; }

image_official_names() { cat "$IMAGES_DIR/$1/tags" 2>/dev/null || true; }

# image_inputs NAME prints a digest of all that the image is made of; a changed one means: make it anew.
image_inputs() {
	(cd "$IMAGES_DIR/$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) |
		cat - <(echo "$IMAGE_SUITE") | sha256sum | cut -c1-16
}

# image_archive NAME makes a file for "docker load" and prints its path.
image_archive() {
	local name=$1 archive
	archive=$ARCHIVES_DIR/$name-$(image_inputs "$name").tar
	[ -e "$archive" ] || with_lock "image-$name" image_archive_locked "$name" "$archive"
	echo "$archive"
}

image_archive_locked() {
	local name=$1 archive=$2 work
	local source=$IMAGES_DIR/$name
	[ ! -e "$archive" ] || return 0
	mkdir -p "$ARCHIVES_DIR"
	rm -rf "$ARCHIVES_DIR/$name"-*
	work=$archive.work
	mkdir "$work"
	say "making the $name stand-in"
	if [ -e "$source/packages" ]; then
		image_tree_debian "$source" "$work/layer.tar"
	else
		image_tree_plain "$source" "$work/layer.tar"
	fi
	image_describe "$name" "$work"
	tar -C "$work" -cf "$archive.new" manifest.json image.json layer.tar
	mv "$archive.new" "$archive"
	rm -rf "$work"
}

# image_describe NAME WORK writes what "docker load" wants beside the layer (the image spec's v1.2 form).
image_describe() {
	local name=$1 work=$2 digest architecture
	digest=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
	architecture=$(dpkg --print-architecture)
	cat >"$work/image.json" <<-IMAGE
		{
		  "architecture": "$architecture",
		  "os": "linux",
		  "created": "$(date --utc +%FT%TZ)",
		  "config": $(sed "s/@INPUTS@/$(image_inputs "$name")/" "$IMAGES_DIR/$name/config.json"),
		  "rootfs": {"type": "layers", "diff_ids": ["sha256:$digest"]},
		  "history": [{"created_by": "gocompose stand-in for $name"}]
		}
	IMAGE
	echo "[{\"Config\":\"image.json\",\"RepoTags\":[\"gocompose-test/$name:latest\"],\"Layers\":[\"layer.tar\"]}]" \
		>"$work/manifest.json"
}

# image_tree_debian SOURCE TAR packs Debian packages without documentation, messages and lists.
image_tree_debian() {
	local packages
	need_root "making the tree of an image from Debian packages"
	need_package mmdebstrap mmdebstrap "makes Debian trees for the newer engines and the images"
	packages=$(paste -sd, "$1/packages")
	if ! mmdebstrap --quiet --variant=minbase --include="$packages" --format=tar \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		--customize-hook="'$IMAGES_DIR/../customize-tree' '$1' \"\$1\"" \
		"$IMAGE_SUITE" "$2" >"$2.log" 2>&1 </dev/null; then
		tail -n 20 "$2.log" >&2
		rm -f "$2"
		die "mmdebstrap could not make $1; its last lines are above"
	fi
	rm -f "$2.log"
}

image_tree_plain() {
	local tree
	tree=$(mktemp -d)
	"$TESTENV_DIR/customize-tree" "$1" "$tree"
	tar --owner=0 --group=0 -C "$tree" -cf "$2" .
	rm -rf "$tree"
}

# images_load ENDPOINT gives the engine every stand-in that it lacks or has an old one of.
images_load() {
	local name
	for name in $(image_names); do
		[ -e "$IMAGES_DIR/$name/mirror-only" ] || image_load "$1" "$name"
	done
}

image_load() {
	local endpoint=$1 name=$2 inputs old archive
	inputs=$(image_inputs "$name")
	old=$(docker --host "$endpoint" image inspect --format \
		'{{.Id}} {{index .Config.Labels "org.gocompose.stand-in.inputs"}}' "gocompose-test/$name" 2>/dev/null) || old=
	[ "${old#* }" != "$inputs" ] || return 0
	archive=$(image_archive "$name")
	say "loading gocompose-test/$name into $endpoint"
	docker --host "$endpoint" load --quiet --input "$archive" >/dev/null
	[ -z "$old" ] || docker --host "$endpoint" rmi "${old%% *}" >/dev/null 2>&1 || true
}
