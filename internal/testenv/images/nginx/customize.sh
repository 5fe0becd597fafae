#!/bin/bash
# Where the upstream image keeps its pages, configuration and logs.
tree=$1
mkdir -p "$tree/usr/share/nginx/html" "$tree/etc/nginx/conf.d"
rm -rf "$tree"/etc/nginx/sites-enabled "$tree"/etc/nginx/sites-available "$tree"/var/www
ln -sf /dev/stdout "$tree/var/log/nginx/access.log"
ln -sf /dev/stderr "$tree/var/log/nginx/error.log"
