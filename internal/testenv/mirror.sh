# shellcheck shell=bash
# A registry inside each owned engine's namespaces, which answers for Docker Hub there: on an owned
# engine "image: postgres:17" is really pulled, and what comes is our stand-in.

MIRROR_ADDRESS=127.0.0.1:5000
REGISTRY_DIR=$CACHE_DIR/registry

# mirror_configure RUN writes the registry's configuration into the engine's run directory.
mirror_configure() {
	mkdir -p "$REGISTRY_DIR"
	cat >"$1/registry.yml" <<-CONFIG
		version: 0.1
		log: {level: warn, accesslog: {disabled: true}}
		storage:
		  filesystem: {rootdirectory: $REGISTRY_DIR}
		  delete: {enabled: true}
		http: {addr: "$MIRROR_ADDRESS"}
	CONFIG
}

# mirror_fill ENGINE pushes every stand-in under the official names listed in images/NAME/tags.
mirror_fill() { with_lock mirror mirror_fill_locked "$1"; }

mirror_fill_locked() {
	local name tag pushed endpoint
	endpoint=$(owned_endpoint "$1")
	for name in $(image_names); do
		pushed=$REGISTRY_DIR/.pushed-$name
		[ "$(cat "$pushed" 2>/dev/null)" != "$(image_inputs "$name")" ] || continue
		image_load "$endpoint" "$name"
		while read -r tag; do
			mirror_push "$endpoint" "$name" "$tag"
		done < <(image_official_names "$name")
		[ ! -e "$IMAGES_DIR/$name/mirror-only" ] || docker --host "$endpoint" rmi "gocompose-test/$name" >/dev/null
		image_inputs "$name" >"$pushed"
	done
}

mirror_push() {
	local endpoint=$1 remote=$MIRROR_ADDRESS/library/$3
	say "pushing the $2 stand-in to the mirror as $3"
	docker --host "$endpoint" tag "gocompose-test/$2" "$remote"
	docker --host "$endpoint" push --quiet "$remote" >/dev/null
	docker --host "$endpoint" rmi "$remote" >/dev/null
}
