# shellcheck shell=bash
MIRROR_PORT=5000
