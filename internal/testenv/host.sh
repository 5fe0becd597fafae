# shellcheck shell=bash
# The machine's own engine: used as it is where one answers, installed and started where none does.

# host_endpoint prints the address of an engine that answers, or fails.
host_endpoint() {
	local candidate
	for candidate in "${DOCKER_HOST:-}" "$(context_endpoint)" unix:///var/run/docker.sock; do
		[ -n "$candidate" ] || continue
		if endpoint_answers "$candidate"; then
			echo "$candidate"
			return 0
		fi
		if [ "$candidate" = "${DOCKER_HOST:-}" ]; then
			die "DOCKER_HOST=$DOCKER_HOST is set but no engine answers there; start it or unset DOCKER_HOST"
		fi
	done
	return 1
}

# context_endpoint prints the address in the docker CLI's current context, if there is one.
context_endpoint() {
	have docker || return 0
	docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null || true
}

# host_start prints the address of the machine's engine and starts one if need be.
host_start() {
	need_package curl curl "asks engines whether they answer"
	if host_endpoint; then
		need_package docker docker.io "the docker command line"
		return 0
	fi
	need_root "starting a Docker engine (none answers on DOCKER_HOST or /var/run/docker.sock)"
	if ! have dockerd; then
		say "installing Debian package docker.io: no Docker engine on this machine"
		apt_install docker.io
	fi
	host_mount_cgroups
	mkdir -p "$RUN_DIR"
	local log=$RUN_DIR/host-dockerd.log
	say "starting dockerd (log: $log)"
	rm -f /var/run/docker.pid
	setsid nohup dockerd >"$log" 2>&1 </dev/null 9>&- &
	if ! wait_for 60 "dockerd" endpoint_answers unix:///var/run/docker.sock; then
		tail -n 20 "$log" >&2
		die "dockerd did not come up; its last log lines are above"
	fi
	echo unix:///var/run/docker.sock
}

# host_mount_cgroups mounts the cgroup tree where no init system has done it.
host_mount_cgroups() {
	! grep -q ' cgroup2\? ' /proc/mounts || return 0
	say "mounting cgroups: nothing has mounted them"
	need_package cgroupfs-mount cgroupfs-mount "mounts cgroups where no init system does"
	cgroupfs-mount
}
