#!/bin/sh
# Builds the last commit twice, in two folders, and fails when the programs differ in a byte.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
for n in one another-folder; do
	git clone -q --no-hardlinks . "$work/$n"
	(cd "$work/$n" && go build -trimpath -ldflags "-s -w" -o "$work/$n.bin" ./cmd/reprompt)
done
cmp "$work/one.bin" "$work/another-folder.bin"
sha256sum "$work/one.bin" | cut -d ' ' -f 1
if strings -a "$work/one.bin" 2>/dev/null | grep -qF "$work"; then
	echo "reproducible.sh: the program holds the folder that it was built in" >&2
	exit 1
fi
