#!/bin/sh
# Says when web changes between answering and not answering.
trap 'exit 0' TERM INT
last=unknown
while true; do
	if wget -q -O /dev/null http://web/; then now=up; else now=down; fi
	[ "$now" = "$last" ] || echo "web is $now"
	last=$now
	sleep 1 &
	wait $!
done
