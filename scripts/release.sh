#!/bin/sh
# Builds the release archives: make release, or sh scripts/release.sh "linux/amd64 darwin/arm64".
# Each holds the program, its manual pages, its completions, the licence and the README. The same commit
# makes the same bytes, on any machine with the same Go: nothing of the machine or the hour gets in.
set -eu
targets=${1:-"linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64"}
out=${DIST:-dist}
version=$(git describe --tags --always --dirty 2>/dev/null || echo devel)
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
rm -rf "$out"
mkdir -p "$out"

export CGO_ENABLED=0

# What does not depend on the target comes from the program itself.
go build -trimpath -buildvcs=true -ldflags "-s -w" -o "$work/reprompt" ./cmd/reprompt
case "$("$work/reprompt" version)" in
*devel*) echo "release.sh: the program does not know its version: build in a clone, with git" >&2; exit 1 ;;
esac
mkdir -p "$work/share/completion"
"$work/reprompt" man "$work/share/man" >/dev/null
for shell in bash zsh fish powershell; do "$work/reprompt" completion "$shell" >"$work/share/completion/reprompt.$shell"; done
cp LICENSE README.md "$work/share/"

for target in $targets; do
	os=${target%/*} arch=${target#*/}
	name="reprompt-$version-$os-$arch"
	mkdir -p "$work/$name"
	cp -R "$work/share/." "$work/$name/"
	program=reprompt
	[ "$os" = windows ] && program=reprompt.exe
	GOOS=$os GOARCH=$arch go build -trimpath -buildvcs=true -ldflags "-s -w" -o "$work/$name/$program" ./cmd/reprompt
	tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$name" | gzip -n -9 >"$out/$name.tar.gz"
	echo "$out/$name.tar.gz"
done

sh scripts/sbom.sh "$out/reprompt-$version.cdx.json"
(cd "$out" && sha256sum * >SHA256SUMS)
echo "$out/SHA256SUMS"
