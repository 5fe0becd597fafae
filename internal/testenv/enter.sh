#!/bin/bash
# The first process of an engine that the tests own. Runs in fresh mount, network, PID, IPC and UTS
# namespaces (see owned.sh), makes ROOT the root directory and runs a registry and dockerd there.
#
#	enter.sh ROOT DATA RUN REGISTRY DOCKERD-OPTION...
#
# A plain chroot does not do: dockerd and containerd need their root to be a mount point.
set -euo pipefail

root=$1 data=$2 run=$3 registry=$4
shift 4

# bind_same DIRECTORY makes it seen at the same path inside.
bind_same() {
	mkdir -p ".$1"
	mount --bind "$1" ".$1"
}

mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --rbind /dev dev
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount --rbind /tmp tmp
mkdir -p var/lib/docker .old
mount --bind "$data" var/lib/docker
bind_same "$run"
bind_same "$registry"
pivot_root . .old
cd /
umount -l /.old
ip link set lo up
hostname "gocompose-test-$(basename "$root")"

# Not exec: this shell is PID 1 and reaps the shims that containerd leaves behind. When it ends,
# the kernel ends everything in the PID namespace, the registry too.
docker-registry serve "$run/registry.yml" >"$run/registry.log" 2>&1 </dev/null &
dockerd "$@" &
engine=$!
trap 'kill -TERM "$engine" 2>/dev/null || true' TERM INT
while kill -0 "$engine" 2>/dev/null; do
	wait "$engine" || true
done
