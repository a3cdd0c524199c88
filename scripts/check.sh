#!/bin/sh
# Every rule that a machine can hold us to. The import table, one package doc a folder,
# the step catalogue and the fidelity table are Go tests and run in `make test`.
set -eu
failed=0
stage() { printf '%-12s' "$1"; }
good() { echo ok; }
bad() { echo "FAILED"; failed=1; }

# This module, and those of their own below it.
modules=$(git ls-files | grep -E '(^|/)go\.mod$' | xargs -n 1 dirname)

stage gofumpt
unformatted=$(go tool gofumpt -l $(git ls-files '*.go') || true)
if [ -z "$unformatted" ]; then good; else bad; echo "$unformatted" | sed 's/^/  run gofumpt on /'; fi

stage vet
failing=
for module in $modules; do (cd "$module" && go vet ./...) || failing="$failing $module"; done
if [ -z "$failing" ]; then good; else bad; echo "  go vet finds fault in:$failing"; fi

# Systems that nobody tried. What compiles the Graph SDK is left out: for each system it would
# take minutes.
stage elsewhere
light=$(go list -f '{{.ImportPath}}' . ./await ./browser/... ./config ./emulator/... ./evidence ./secret ./signin ./tokens ./verdict)
if GOOS=windows go vet $light && GOOS=darwin go vet $light; then good; else bad; fi

stage staticcheck
staticcheck=$(go tool -n staticcheck)
if "$staticcheck" ./... && (cd emulator/contract && "$staticcheck" ./...) && (cd clients/go && "$staticcheck" ./...); then good; else bad; fi

stage tidy
untidy=
for module in $modules; do (cd "$module" && go mod tidy -diff >/dev/null) || untidy="$untidy $module"; done
if [ -z "$untidy" ]; then good; else bad; echo "  run go mod tidy in:$untidy"; fi

stage generated
if go generate ./... && git diff --quiet -- . ; then good; else bad; echo "  generated files are not as committed, or the tree has changes: git diff"; fi

stage licences
bill=$(mktemp)
if sh scripts/sbom.sh "$bill" && go run ./scripts/licences <"$bill"; then good; else bad; fi
rm -f "$bill"

# The database of vulnerabilities is on the network, or in a folder that GOVULNDB names. Where it cannot be
# reached, nothing is known: that is said, and is no failure of the change.
stage vulnerable
report=$(go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./... 2>&1) && good || case "$report" in
*"fetching vulnerabilities"*) echo "NOT CHECKED: the database cannot be reached; name a copy with GOVULNDB" ;;
*) bad; echo "$report" ;;
esac

stage shell
if for s in scripts/*.sh; do sh -n "$s" || exit 1; done && bash -n .ci/run; then good; else bad; fi

stage tree
dirty=$(git status --porcelain)
if [ -z "$dirty" ]; then good; else bad; echo "$dirty"; fi

exit $failed
