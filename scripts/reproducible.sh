#!/bin/sh
# Builds the last commit twice, in two folders and each from nothing, and fails when the programs differ in a
# byte. With one cache the second build would be the first one's copy.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
export CGO_ENABLED=0
for n in one another-folder; do
	git clone -q --no-hardlinks . "$work/$n"
	(cd "$work/$n" && GOCACHE="$work/cache" go build -trimpath -buildvcs=true -ldflags "-s -w" -o "$work/$n.bin" ./cmd/reprompt)
	rm -rf "$work/cache"
done
cmp "$work/one.bin" "$work/another-folder.bin"
if ! go version -m "$work/one.bin" | grep -q "vcs.revision=$(git rev-parse HEAD)"; then
	echo "reproducible.sh: the program does not say which commit it was built from" >&2
	exit 1
fi
sha256sum "$work/one.bin" | cut -d ' ' -f 1
if grep -qF "$work" "$work/one.bin"; then
	echo "reproducible.sh: the program holds the folder that it was built in" >&2
	exit 1
fi
