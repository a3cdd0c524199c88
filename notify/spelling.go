package notify

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// spellings are the forms in which a secret may stand in what a host or an error said: as it is, in
// JSON, in a Go error, in an address, in an Authorization header. Longer ones come first.
func spellings(text string) []string {
	if text == "" {
		return nil
	}
	inJSON, _ := json.Marshal(text) // a string always encodes
	quoted := strconv.Quote(text)
	all := []string{
		text, strings.Trim(string(inJSON), `"`), quoted[1 : len(quoted)-1],
		url.QueryEscape(text), url.PathEscape(text), base64.StdEncoding.EncodeToString([]byte(text)),
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}
