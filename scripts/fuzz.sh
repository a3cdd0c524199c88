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

# fuzz FOLDER TARGET. A run in which Go's own end of the time is all that failed is repeated, twice at the most
# (https://go.dev/issue/75804, mended in Go 1.27): no input was found. One that hangs fails each time.
fuzz() {
	for attempt in 1 2 3; do
		if (cd "$1" && "$go" test -run '^$' -fuzz "^$2\$" -fuzztime "$lasting" .) >"$log" 2>&1; then return; fi
		if [ "$attempt" = 3 ] || ! grep -qx ' *context deadline exceeded' "$log" || grep -q 'Failing input written' "$log"; then break; fi
		echo "$1 $2: again, Go's deadline was taken for a failure"
	done
	cat "$log" >&2
	return 1
}

for folder in $(grep -rl --include='*_test.go' '^func Fuzz' . | grep -v '/node_modules/' | xargs -n 1 dirname | sort -u); do
	if [ "${2:-}" = light ] && (cd "$folder" && "$go" list -deps -test .) | grep -q microsoftgraph/msgraph-sdk-go; then
		echo "left out: $folder"
		continue
	fi
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$folder"/*_test.go); do
		echo "$folder $target"
		fuzz "$folder" "$target"
		count=$((count + 1))
	done
done
[ "$count" -gt 0 ] || { echo "fuzz.sh: no target was found" >&2; exit 1; }
echo "$count targets, $lasting each"
