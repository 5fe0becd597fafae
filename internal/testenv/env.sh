# shellcheck shell=bash
# What the tests are told: the variables of README.md, as shell lines.

# setup makes everything and prints the variables. What may be missing (sid) is left out with a word.
setup() {
	local host trixie oracle sid
	host=$(host_start)
	images_load "$host"
	sweep_engine "$host"
	trixie=$(owned_start trixie)
	images_load "$trixie"
	sweep_engine "$trixie"
	mirror_fill trixie
	env_export GOCOMPOSE_TEST_DOCKER_HOST "$host"
	env_export GOCOMPOSE_TEST_DOCKER_HOST_NEW "$trixie"
	env_export GOCOMPOSE_TEST_NETNS_NEW "/proc/$(owned_pid trixie)/ns/net"
	env_export GOCOMPOSE_TEST_REGISTRY "$(registry_make)"
	env_export GOCOMPOSE_TEST_REGISTRY_TLS "$(registry_trust)"
	if oracle=$(oracle_make); then
		env_export GOCOMPOSE_TEST_ORACLE "$oracle"
	fi
	if [ "${GOCOMPOSE_TEST_SID:-}" = 0 ]; then
		return 0
	fi
	if sid=$(owned_start sid) && images_load "$sid"; then
		sweep_engine "$sid"
		env_export GOCOMPOSE_TEST_DOCKER_HOST_SID "$sid"
		env_export GOCOMPOSE_TEST_NETNS_SID "/proc/$(owned_pid sid)/ns/net"
	else
		say "no Engine 28.5: sid may be broken today; tests that need it are skipped"
	fi
}

env_export() { printf 'export %s=%q\n' "$1" "$2"; }
