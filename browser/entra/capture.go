package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/browser"
)

// CapturedSchema names the format of Captured.
const CapturedSchema = "reprompt/page/v1"

// Captured is a page without what is secret or personal in it: what its $Config holds, with
// strings replaced by their length unless they are known to be harmless, and the elements by
// which pages are recognised, without their texts and values. It is made from a page that is
// none of the table, to be added to it, and the tests of the table are written in it.
//
// It does not hold: texts, titles, field values, query strings, identifiers of tenant or account.
type Captured struct {
	Schema string `json:"schema"`
	// Table is the PagesVersion that did not know the page.
	Table string `json:"table,omitempty"`
	// Page is the name under which the table is to know it; empty when it does not.
	Page string `json:"page,omitempty"`
	Host string `json:"host"`
	Path string `json:"path"`
	// Lang of the document.
	Lang   string `json:"lang,omitempty"`
	Status int    `json:"status,omitempty"`
	// Config is $Config; only pgid is known when the page's script could not be read.
	Config   map[string]any    `json:"config"`
	Elements []CapturedElement `json:"elements"`
}

// CapturedElement is an element with an id, a name, a role or a choice, and whether it could be
// seen and used.
type CapturedElement struct {
	Tag  string `json:"tag"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Type string `json:"type,omitempty"`
	Role string `json:"role,omitempty"`
	// Choice is data-value, Bind is data-bind: what a control is for, in the page's own words.
	Choice   string `json:"choice,omitempty"`
	Bind     string `json:"bind,omitempty"`
	Hidden   bool   `json:"hidden,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
}

// captureScript reads what Captured is made from, once the document is parsed, or as far as it came.
const captureScript = `(async () => {
	if (document.readyState === "loading") await new Promise(done => {
		addEventListener("DOMContentLoaded", done, {once: true});
		setTimeout(done, 2000);
	});
	const visible = ` + visibleFunction + `;
	const elements = [...document.querySelectorAll("form, input, button, a[id], a[data-bind], select, [role], [data-value], [id]")]
		.filter(e => !["SCRIPT", "STYLE", "LINK", "META", "HEAD", "HTML", "BODY", "TITLE"].includes(e.tagName)).slice(0, 300);
	return JSON.stringify({
		host: location.host, path: location.pathname, lang: document.documentElement.lang,
		config: (` + configScript + `)().set,
		elements: elements.map(e => ({
			tag: e.tagName.toLowerCase(), id: e.id, name: e.getAttribute("name") || "", type: e.getAttribute("type") || "",
			role: e.getAttribute("role") || "", choice: e.dataset.value || "", bind: e.dataset.bind || "",
			hidden: !visible(e), disabled: !!e.disabled,
		})),
	});
})()`

// Capture reads the page that a document shows. What is secret in it never leaves this function.
func Capture(ctx context.Context, doc *browser.Document) (*Captured, error) {
	var report string
	if err := doc.Eval(ctx, captureScript, &report); err != nil {
		return nil, fmt.Errorf("capture the page: %w", err)
	}
	c := &Captured{Schema: CapturedSchema, Table: PagesVersion, Status: doc.Status()}
	if err := json.Unmarshal([]byte(report), c); err != nil {
		return nil, fmt.Errorf("capture the page: %w", err)
	}
	c.redact()
	return c, nil
}

// capture is Capture for a page that failed already: nil when it cannot be read.
func capture(ctx context.Context, doc *browser.Document) *Captured {
	c, err := Capture(ctx, doc)
	if err != nil {
		return nil
	}
	return c
}

func (c *Captured) redact() {
	c.Path = identifiers.ReplaceAllString(c.Path, "{id}")
	if !word.MatchString(c.Lang) {
		c.Lang = ""
	}
	c.Config, _ = redacted("", c.Config, 0).(map[string]any)
	for i := range c.Elements {
		e := &c.Elements[i]
		for _, text := range []*string{&e.ID, &e.Name, &e.Type, &e.Role, &e.Choice} {
			if !word.MatchString(*text) {
				*text = ""
			}
		}
		e.Bind = strings.Join(bindings.FindAllString(e.Bind, -1), " ")
	}
	c.Elements = slices.DeleteFunc(c.Elements, func(e CapturedElement) bool {
		return e.ID+e.Name+e.Role+e.Choice+e.Bind == ""
	})
}

var (
	// identifiers are tenant ids, verified domains and account names in a path.
	identifiers = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F-]{27,}|[^/]*@[^/]*|[^/]*\.[A-Za-z]{2,}`)
	// word is an identifier such as the pages use; anything else may be somebody's data.
	word = regexp.MustCompile(`^[A-Za-z][A-Za-z_:-]{0,40}\d{0,4}[A-Za-z_]{0,20}$`)
	// placeholder is what stands for a text that was taken out: a captured page can be captured again.
	placeholder = regexp.MustCompile(`^«\d+ characters»$`)
	// bindings are the names of handlers that a control is bound to.
	bindings = regexp.MustCompile(`\b[a-zA-Z]+_on[A-Z][A-Za-z]*|\b[A-Z][A-Za-z]*Registration\b`)
)

// harmless are the members of $Config whose text may be kept: names and numbers of the service's
// own (ENTRA's pages; observed).
var harmless = []string{
	"pgid", "sErrorCode", "iErrorCode", "sFTName", "authMethodId", "sTrustedDeviceCheckboxName",
	"sAuthMethodInputFieldName", "urlPostMethod",
}

// redacted is a value of $Config without what may be secret or personal. Beyond what a page holds
// (depth, and number of members of a list) nothing is kept.
func redacted(key string, value any, depth int) any {
	switch value := value.(type) {
	case map[string]any:
		if depth == 8 {
			return "{…}"
		}
		clean := make(map[string]any, len(value))
		for name, member := range value {
			if word.MatchString(name) {
				clean[name] = redacted(name, member, depth+1)
			}
		}
		return clean
	case []any:
		clean := []any{}
		for _, member := range value[:min(len(value), 20)] {
			clean = append(clean, redacted(key, member, depth+1))
		}
		return clean
	case string:
		if value != "" && slices.Contains(credentials, strings.ToLower(key)) {
			return nothingLeft
		}
		return redactedText(key, value)
	}
	return value
}

// credentials are members whose text alone signs in. Even its length would stand in the place of a
// credential, which the evidence rightly refuses to hold.
var credentials = []string{
	"flowtoken", "flow_token", "sft", "canary", "apicanary", "access_token", "refresh_token", "id_token", "passwd", "password", "otc", "accesspass",
}

// nothingLeft stands for such a text.
const nothingLeft = "«»"

// redactedText keeps the number of an error, the host and path of an address, and a harmless
// word. Of anything else it keeps the length.
func redactedText(key, text string) string {
	if text == "" || placeholder.MatchString(text) {
		return text
	}
	if number := aadstsOf(text); number != 0 {
		return fmt.Sprintf("AADSTS%d: …", number)
	}
	if slices.Contains(harmless, key) && len(text) <= 60 {
		return text
	}
	address, err := url.Parse(text)
	if err == nil && address.Scheme == "https" && address.Host != "" {
		return "https://" + address.Host + identifiers.ReplaceAllString(address.Path, "{id}")
	}
	return fmt.Sprintf("«%d characters»", len([]rune(text)))
}
