package evidence

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// StyleHash is the digest of a style sheet as a content security policy writes it in HTML.
func StyleHash(sheet string) string {
	sum := sha256.Sum256([]byte(sheet))
	return strings.ReplaceAll("sha256-"+base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;")
}

// ControlProves is what the report says that a control proves.
func ControlProves(name string) string { return controlProves[name] }

// ReadTimestamp reads an authority's answer for what is signed.
var ReadTimestamp = readTimestamp
