#!/bin/bash
# Debian's static busybox with a link for each applet: sh, httpd, nc, wget, sleep and so on.
tree=$1
if [ ! -x /bin/busybox ] || ! grep -q '^Package: busybox-static$' /var/lib/dpkg/status; then
	echo "testenv: installing Debian package busybox-static: the stand-in for busybox and alpine" >&2
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends busybox-static >/dev/null </dev/null
fi
mkdir -p "$tree"/{bin,dev,etc,home,proc,root,sys,usr/bin,var/www}
cp /bin/busybox "$tree/bin/busybox"
for applet in $(/bin/busybox --list); do
	[ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
done
ln -s ../../bin/env "$tree/usr/bin/env"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n' >"$tree/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$tree/etc/group"
