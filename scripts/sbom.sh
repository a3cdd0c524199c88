#!/bin/sh
# Writes what the program is made of (CycloneDX, JSON) to a file, with the licence of each part.
set -eu
go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 app -licenses -json -noserial -notimestamp \
	-main cmd/reprompt -output "${1:?usage: sbom.sh FILE}" . 2>/dev/null ||
	{ echo "sbom.sh: the bill of materials could not be made; run it in a clone, with the Go module proxy in reach" >&2; exit 1; }
