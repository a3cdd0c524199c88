#!/bin/sh
# Every rule that a machine can hold us to. The import table, one package doc a folder,
# the step catalogue and the fidelity table are Go tests and run in `make test`.
set -eu
failed=0
stage() { printf '%-12s' "$1"; }
good() { echo ok; }
bad() { echo "FAILED"; failed=1; }

stage gofumpt
unformatted=$(go tool gofumpt -l $(git ls-files '*.go') || true)
if [ -z "$unformatted" ]; then good; else bad; echo "$unformatted" | sed 's/^/  run gofumpt on /'; fi

stage vet
if go vet ./...; then good; else bad; fi

# Systems that nobody tried. What compiles the Graph SDK is left out: for each system it would
# take minutes.
stage elsewhere
light=$(go list -f '{{.ImportPath}}' . ./await ./browser/... ./config ./emulator/... ./evidence ./secret ./signin ./tokens ./verdict)
if GOOS=windows go vet $light && GOOS=darwin go vet $light; then good; else bad; fi

stage staticcheck
if go tool staticcheck ./...; then good; else bad; fi

stage tidy
if go mod tidy -diff >/dev/null && (cd examples/own-suite && go mod tidy -diff >/dev/null); then good; else bad; echo "  run go mod tidy here and in examples/own-suite"; fi

stage generated
if go generate ./... && git diff --quiet -- . ; then good; else bad; echo "  generated files are not as committed, or the tree has changes: git diff"; fi

stage shell
if sh -n scripts/deps.sh && bash -n .ci/run; then good; else bad; fi

stage tree
dirty=$(git status --porcelain)
if [ -z "$dirty" ]; then good; else bad; echo "$dirty"; fi

exit $failed
