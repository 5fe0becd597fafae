# shellcheck shell=bash
# What tests need to start registries of their own: the program, and for the trixie engine a certificate
# that it trusts. Engines ask for none at loopback addresses, so its network has one more address.

REGISTRY=$BIN_DIR/docker-registry
REGISTRY_TLS_DIR=$CACHE_DIR/registry-tls
REGISTRY_TLS_ADDRESS=192.0.2.1 # of the block for documentation
REGISTRY_TLS_PORT=5443

# registry_make writes a wrapper that runs the trixie tree's registry here, through that tree's loader.
registry_make() {
	local root=$ROOTS_DIR/trixie loader libraries
	root_make trixie || return 1
	loader=$(find "$root/usr/lib" -maxdepth 2 -name 'ld-linux-*.so.*' | head -n 1)
	libraries=$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name libc.so.6 | head -n 1)")
	mkdir -p "$BIN_DIR"
	printf '#!/bin/sh\nexec %s --library-path %s %s/usr/bin/docker-registry "$@"\n' "$loader" "$libraries" "$root" >"$REGISTRY.new"
	chmod +x "$REGISTRY.new"
	mv "$REGISTRY.new" "$REGISTRY"
	echo "$REGISTRY"
}

# registry_trust makes the certificate once, has the trixie engine trust it at that address, and gives its
# network the address. Engines look for certificates at each request. It prints the certificate's directory.
registry_trust() {
	local trusted=$ROOTS_DIR/trixie/etc/docker/certs.d/$REGISTRY_TLS_ADDRESS:$REGISTRY_TLS_PORT
	need_package openssl openssl "makes the certificate of a registry"
	need_package ip iproute2 "gives the trixie engine's network the address of a registry"
	with_lock registry-tls registry_certificate
	mkdir -p "$trusted"
	cp "$REGISTRY_TLS_DIR/registry.crt" "$trusted/ca.crt"
	(owned_exec trixie ip address replace "$REGISTRY_TLS_ADDRESS/32" dev lo)
	echo "$REGISTRY_TLS_DIR"
}

registry_certificate() {
	if openssl x509 -checkend 86400 -noout -in "$REGISTRY_TLS_DIR/registry.crt" >/dev/null 2>&1; then
		return 0
	fi
	mkdir -p "$REGISTRY_TLS_DIR"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
		-subj "/CN=gocompose test registry" -addext "subjectAltName=IP:$REGISTRY_TLS_ADDRESS" \
		-keyout "$REGISTRY_TLS_DIR/registry.key" -out "$REGISTRY_TLS_DIR/registry.crt" 2>/dev/null
}
