#!/bin/sh
# Runs every fuzz target of the module for a while each: fuzz.sh 60s. What one finds is kept below the
# package's testdata/fuzz, and is a test from then on: go test runs every seed.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
lasting=${1:?usage: fuzz.sh DURATION, such as 60s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
targets=$(grep -rl --include='*_test.go' '^func Fuzz' . | grep -v '/node_modules/' | sort)
[ -n "$targets" ] || { echo "fuzz.sh: no target was found" >&2; exit 1; }
for file in $targets; do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$file"); do
		echo "$(dirname "$file") $target"
		"$go" test -run '^$' -fuzz "^$target\$" -fuzztime "$lasting" "$(dirname "$file")" >fuzz.log 2>&1 || { cat fuzz.log >&2; rm -f fuzz.log; exit 1; }
		tail -n 3 fuzz.log | sed -n 's/^fuzz: elapsed/  elapsed/p' | tail -n 1
	done
done
rm -f fuzz.log
