#!/bin/sh
# Runs every fuzz target of the module for a while each: fuzz.sh 60s. With "light" those are left out that
# have the Graph SDK compiled for fuzzing, which takes minutes; go test runs their seeds all the same. What a
# target finds is kept below the package's testdata/fuzz, and is a test from then on.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
lasting=${1:?usage: fuzz.sh DURATION [light], such as 60s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT INT TERM
count=0
for folder in $(grep -rl --include='*_test.go' '^func Fuzz' . | grep -v '/node_modules/' | xargs -n 1 dirname | sort -u); do
	if [ "${2:-}" = light ] && (cd "$folder" && "$go" list -deps -test .) | grep -q microsoftgraph/msgraph-sdk-go; then
		echo "left out: $folder"
		continue
	fi
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$folder"/*_test.go); do
		echo "$folder $target"
		(cd "$folder" && "$go" test -run '^$' -fuzz "^$target\$" -fuzztime "$lasting" .) >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
		count=$((count + 1))
	done
done
[ "$count" -gt 0 ] || { echo "fuzz.sh: no target was found" >&2; exit 1; }
echo "$count targets, $lasting each"
