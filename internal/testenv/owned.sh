# shellcheck shell=bash
# Engines that the tests own: each in mount, network, PID, IPC and UTS namespaces of its own, with its
# own data and socket, so that nothing of the machine's network or of another engine is touched.
#
# Files of engine NAME (trixie or sid):
#   $RUN_DIR/NAME/docker.sock   the API
#   $RUN_DIR/NAME/pid           the process that holds the namespaces, as the machine sees it
#   $RUN_DIR/NAME/dockerd.log
#   $CACHE_DIR/engines/NAME     its data root

owned_check_name() {
	case $1 in
	trixie | sid) ;;
	*) die "unknown engine \"$1\": use trixie (Engine 26.1) or sid (Engine 28.5)" ;;
	esac
}

owned_endpoint() { echo "unix://$RUN_DIR/$1/docker.sock"; }

# owned_pid prints the namespace holder's process id if it is alive.
owned_pid() {
	local pid
	pid=$(cat "$RUN_DIR/$1/pid" 2>/dev/null) || return 1
	# Numbers are reused after a reboot: believe it only if it runs our script (from whichever checkout).
	grep -qsz /internal/testenv/enter.sh "/proc/$pid/cmdline" || return 1
	echo "$pid"
}

owned_start() {
	owned_check_name "$1"
	need_package curl curl "asks engines whether they answer"
	need_package pgrep procps "finds the process that holds an engine's namespaces"
	root_make "$1" || return 1
	with_lock "engine-$1" owned_start_locked "$1"
	owned_endpoint "$1"
}

owned_start_locked() {
	local name=$1
	local run=$RUN_DIR/$name data=$CACHE_DIR/engines/$name
	local endpoint
	endpoint=$(owned_endpoint "$name")
	! endpoint_answers "$endpoint" || return 0
	need_root "starting an engine of its own for the tests"
	[ "${#run}" -lt 80 ] || die "$run is too long for a unix socket; set GOCOMPOSE_TEST_CACHE to a shorter path"
	owned_stop_locked "$name"
	mkdir -p "$run" "$data"
	mirror_configure "$run"
	say "starting the $name engine (log: $run/dockerd.log)"
	setsid nohup unshare --mount --net --pid --ipc --uts --fork --kill-child --propagation private -- \
		"$TESTENV_DIR/enter.sh" "$ROOTS_DIR/$name" "$data" "$run" "$REGISTRY_DIR" \
		--host "$endpoint" --cgroup-parent "/gocompose-test-$name" \
		--registry-mirror "http://$MIRROR_ADDRESS" \
		>"$run/dockerd.log" 2>&1 </dev/null 9>&- &
	local unshare_pid=$!
	wait_for 10 "the $name engine's namespaces" owned_note_pid "$unshare_pid" "$run" || true
	if ! wait_for 60 "the $name engine" endpoint_answers "$endpoint"; then
		tail -n 20 "$run/dockerd.log" >&2
		say "the $name engine did not come up; its last log lines are above"
		return 1
	fi
}

# owned_note_pid writes down the child of the unshare process, which holds the new namespaces.
owned_note_pid() {
	local pid
	pid=$(pgrep -P "$1") || return 1
	[ -n "$pid" ] && grep -qsz /internal/testenv/enter.sh "/proc/$pid/cmdline" && echo "$pid" >"$2/pid"
}

owned_stop() {
	owned_check_name "$1"
	mkdir -p "$RUN_DIR"
	with_lock "engine-$1" owned_stop_locked "$1"
}

owned_stop_locked() {
	local pid
	if pid=$(owned_pid "$1"); then
		say "stopping the $1 engine"
		kill -TERM "$pid"
		wait_for 20 "the $1 engine to end" owned_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
	fi
	rm -f "$RUN_DIR/$1/pid" "$RUN_DIR/$1/docker.sock"
}

owned_gone() { ! kill -0 "$1" 2>/dev/null; }

owned_status() {
	local name=$1 endpoint
	owned_check_name "$name"
	endpoint=$(owned_endpoint "$name")
	if endpoint_answers "$endpoint"; then
		echo "$name: running, Engine $(engine_version "$endpoint"), $endpoint"
	elif [ -e "$ROOTS_DIR/$name/.complete" ]; then
		echo "$name: not running (start it with: internal/testenv/testenv engine start $name)"
	else
		echo "$name: not made yet (internal/testenv/testenv engine start $name makes and starts it)"
	fi
}

# owned_exec NAME COMMAND... runs COMMAND in the engine's network, where its published ports answer.
owned_exec() {
	local name=$1 pid
	shift
	owned_check_name "$name"
	pid=$(owned_pid "$name") || die "the $name engine is not running"
	exec nsenter --net="/proc/$pid/ns/net" -- "$@"
}
