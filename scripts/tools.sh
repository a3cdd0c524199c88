#!/bin/sh
# Installs the verifiers that are not ours into bin/tools, at pinned versions and outside go.mod: their
# dependencies are none of reprompt's. cosign is large: about four minutes of CPU the first time.
set -eu
cd "$(dirname "$0")/.."
tools=$PWD/bin/tools
mkdir -p "$tools"
cosign=v3.1.3
if [ "$(go version -m "$tools/cosign" 2>/dev/null | awk '$1 == "mod" {print $3}')" != "$cosign" ]; then
	(cd "$tools" && GOFLAGS=-mod=mod GOBIN=$tools go install "github.com/sigstore/cosign/v3/cmd/cosign@$cosign")
fi
(cd verifiers && go build -o "$tools/intoto-verify" .)
echo "cosign $cosign and intoto-verify are in bin/tools"
