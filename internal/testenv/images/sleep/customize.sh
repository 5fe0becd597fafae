#!/bin/bash
# One static Go program (main.go beside this file) and nothing else.
tree=$1
rm -rf "${tree:?}"/*
cd "$(dirname "${BASH_SOURCE[0]}")" || exit
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$tree/sleeper" .
