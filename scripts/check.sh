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
if go vet ./... && (cd emulator/contract && go vet ./...) && (cd clients/go && go vet ./...); then good; else bad; fi

stage staticcheck
staticcheck=$(go tool -n staticcheck)
if "$staticcheck" ./... && (cd emulator/contract && "$staticcheck" ./...) && (cd clients/go && "$staticcheck" ./...); then good; else bad; fi

stage tidy
if go mod tidy -diff >/dev/null && (cd examples/own-suite && go mod tidy -diff >/dev/null) && (cd emulator/contract && go mod tidy -diff >/dev/null) && (cd clients/go && go mod tidy -diff >/dev/null); then good; else bad; echo "  run go mod tidy here, in examples/own-suite, emulator/contract and clients/go"; fi

stage generated
if go generate ./... && git diff --quiet -- . ; then good; else bad; echo "  generated files are not as committed, or the tree has changes: git diff"; fi

stage shell
if sh -n scripts/deps.sh && bash -n .ci/run; then good; else bad; fi

stage tree
dirty=$(git status --porcelain)
if [ -z "$dirty" ]; then good; else bad; echo "$dirty"; fi

exit $failed
