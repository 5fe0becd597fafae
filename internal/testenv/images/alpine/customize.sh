#!/bin/bash
# The busybox tree plus something that does not compress, so that a pull takes a moment.
bash -euo pipefail "$(dirname "${BASH_SOURCE[0]}")/../busybox/customize.sh" "$1"
mkdir -p "$1/usr/share"
head -c 24000000 /dev/urandom >"$1/usr/share/filler"
