#!/bin/bash
# The first process of an engine that the tests own. Runs in fresh mount, network, PID and IPC
# namespaces (see owned.sh), makes ROOT the root directory and runs dockerd there.
#
# A plain chroot does not do: dockerd and containerd need their root to be a mount point.
set -euo pipefail

root=$1 data=$2 run=$3
shift 3

mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --rbind /dev dev
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount --rbind /tmp tmp
mkdir -p var/lib/docker ".$run" .old
mount --bind "$data" var/lib/docker
mkdir -p ".$run"
mount --bind "$run" ".$run"
pivot_root . .old
cd /
umount -l /.old
ip link set lo up 2>/dev/null || true

# Not exec: this shell is PID 1 and reaps the shims that containerd leaves behind. When it ends,
# the kernel ends everything in the PID namespace.
trap 'kill -TERM "$engine" 2>/dev/null || true' TERM INT
dockerd "$@" &
engine=$!
while kill -0 "$engine" 2>/dev/null; do
	wait "$engine" || true
done
