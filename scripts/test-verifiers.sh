#!/bin/sh
# Holds bundles against verifiers that are not ours: cosign, and in-toto's own libraries. Each has to
# accept what was signed, by either kind of key, and to refuse what was changed or signed by another.
# It fails when a verifier is missing; it never skips.
set -eu
cd "$(dirname "$0")/.."
reprompt=$PWD/bin/reprompt
for tool in cosign intoto-verify; do
	if [ ! -x "bin/tools/$tool" ]; then
		echo "test-verifiers: bin/tools/$tool is missing: run make tools" >&2
		exit 1
	fi
done
PATH=$PWD/bin/tools:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() { echo "test-verifiers: $*" >&2; cat out >&2; exit 1; }
accepts() { what=$1; shift; if ! "$@" >out 2>&1; then fail "$what: refused what is right: $*"; fi; echo "ok  $what accepts"; }
refuses() { what=$1; shift; if "$@" >out 2>&1; then fail "$what: accepted what is wrong: $*"; fi; echo "ok  $what refuses"; }
with_cosign() { # KEY ENVELOPE TYPE BLOB
	cosign verify-blob-attestation --key "$1" --insecure-ignore-tlog --new-bundle-format=false \
		--signature "$2" --type "https://in-toto.io/attestation/$3/v0.1" "$4"
}

"$reprompt" keygen --out other.pem >/dev/null
for algorithm in ecdsa-p256 ed25519; do
	"$reprompt" keygen --out $algorithm.pem --algorithm $algorithm >/dev/null
	"$reprompt" prove --embedded --role "Application Administrator" --way graph --evidence $algorithm --sign-key $algorithm.pem >/dev/null 2>log ||
		{ cat log >&2; exit 1; }
	bundle=$(echo $algorithm/*)
	for of in statement:test-result svr:svr; do
		envelope=$bundle/${of%:*}.dsse.json
		name="$algorithm, ${of#*:}"
		accepts "cosign, $name" with_cosign $algorithm.pem.pub "$envelope" "${of#*:}" "$bundle/manifest.json"
		refuses "cosign, $name, another key" with_cosign other.pem.pub "$envelope" "${of#*:}" "$bundle/manifest.json"
		refuses "cosign, $name, another file" with_cosign $algorithm.pem.pub "$envelope" "${of#*:}" other.pem.pub
		accepts "in-toto, $name" intoto-verify --key $algorithm.pem.pub --dir "$bundle" "$envelope"
		refuses "in-toto, $name, another key" intoto-verify --key other.pem.pub --dir "$bundle" "$envelope"
	done
	accepts "cosign, $algorithm, a verdict" with_cosign $algorithm.pem.pub "$bundle/statement.dsse.json" test-result "$(echo "$bundle"/scenarios/*/verdict.json)"
	sed -i 's/enforced/enforceD/' "$bundle"/scenarios/*/verdict.json
	refuses "cosign, $algorithm, a changed verdict" with_cosign $algorithm.pem.pub "$bundle/statement.dsse.json" test-result "$(echo "$bundle"/scenarios/*/verdict.json)"
	refuses "in-toto, $algorithm, a changed verdict" intoto-verify --key $algorithm.pem.pub --dir "$bundle" "$bundle/statement.dsse.json"
done
