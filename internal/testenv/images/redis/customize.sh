#!/bin/bash
tree=$1
chroot "$tree" install -d -o redis -g redis /data
chmod 755 "$tree/usr/local/bin/docker-entrypoint.sh"
