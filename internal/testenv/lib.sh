# shellcheck shell=bash
# Shared by every part of the test environment: where things live, how it talks, how it installs packages.
# shellcheck disable=SC2034

TESTENV_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE_DIR=${GOCOMPOSE_TEST_CACHE:-${HOME:-/root}/.cache/gocompose-test}
ROOTS_DIR=$CACHE_DIR/roots     # Debian trees that hold the newer engines and docker-compose
RUN_DIR=$CACHE_DIR/run         # sockets, pid files and logs of what is running
BIN_DIR=$CACHE_DIR/bin
ARCHIVES_DIR=$CACHE_DIR/images # stand-in images, for docker load

say()  { printf 'testenv: %s\n' "$*" >&2; }
die()  { printf 'testenv: error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# need_root WHY dies with WHY unless run as root on a Debian-like system.
need_root() {
	[ "$(id -u)" = 0 ] || die "$1 needs root; run it as root, or set DOCKER_HOST to an engine that answers"
	have apt-get || die "$1 needs apt-get (Debian 12); set DOCKER_HOST to an engine that answers instead"
}

# need_package COMMAND PACKAGE WHY installs PACKAGE unless COMMAND is there.
need_package() {
	! have "$1" || return 0
	need_root "installing $2 ($3)"
	say "installing Debian package $2: $3"
	apt_install "$2"
}

# apt_install PACKAGE... installs quietly and shows apt's words only when it fails.
apt_install() {
	local log
	log=$(mktemp)
	if ! DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
		apt-get update >"$log" 2>&1 </dev/null || true
		if ! DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null; then
			tail -n 20 "$log" >&2
			rm -f "$log"
			die "apt-get could not install: $*"
		fi
	fi
	rm -f "$log"
}

# with_lock NAME COMMAND... keeps two set-ups from working on the same thing at once. The lock is
# given up by closing descriptor 9, so a daemon started inside must not inherit it (9>&-).
with_lock() {
	local name=$1
	shift
	mkdir -p "$CACHE_DIR"
	(
		flock 9
		"$@"
	) 9>"$CACHE_DIR/.$name.lock"
}

# wait_for SECONDS WHAT COMMAND... polls COMMAND until it succeeds.
wait_for() {
	local deadline=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || { say "gave up waiting for $what"; return 1; }
		sleep 0.2
	done
}

# endpoint_answers URL reports whether a Docker engine answers there (unix:// or tcp://).
endpoint_answers() {
	local reply
	case $1 in
	unix://*) reply=$(curl -s -m 5 --unix-socket "${1#unix://}" http://localhost/_ping 2>/dev/null) ;;
	tcp://*) reply=$(curl -s -m 5 "http://${1#tcp://}/_ping" 2>/dev/null) ;;
	*) reply=$(DOCKER_HOST=$1 docker version --format OK 2>/dev/null) ;;
	esac
	[ "$reply" = OK ]
}

# engine_version URL prints "20.10.24 (API 1.41)" for an engine.
engine_version() {
	DOCKER_HOST=$1 docker version --format '{{.Server.Version}} (API {{.Server.APIVersion}})' 2>/dev/null || echo unknown
}
