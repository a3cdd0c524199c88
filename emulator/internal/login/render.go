package login

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
)

//go:embed pages
var pageFiles embed.FS

var pageTemplates = template.Must(template.New("").ParseFS(pageFiles, "pages/*.html"))

// Assets that every page carries inline: the pages load nothing.
var (
	styleSheet = template.CSS(mustRead("pages/style.css")) //nolint:gosec // our own file
	pageScript = template.JS(mustRead("pages/script.js"))  //nolint:gosec // our own file
)

func mustRead(name string) string {
	data, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err) // an embedded file is there or the program does not build
	}
	return string(data)
}

// pageAnswer is rendered when it is written, after the store's lock was released.
func pageAnswer(v *view) answer {
	return answer{status: v.Status, contentType: "text/html; charset=utf-8", view: v, csp: v.policy(), requestID: v.Trace.ID}
}

// policy lets the page run its own inline script and nothing else. form-action stays open:
// it would also forbid the redirects to clients that follow a form.
func (v *view) policy() string {
	return fmt.Sprintf("default-src 'none'; style-src 'nonce-%[1]s'; script-src 'nonce-%[1]s'; connect-src https://%[2]s; base-uri 'none'; frame-ancestors 'none'", v.Nonce, v.Host)
}

func (v *view) render() ([]byte, error) {
	var out bytes.Buffer
	page := "layout.html"
	if v.Kind == pageFormPost {
		page = "formpost.html" // observed: clients know this page by its first words
	}
	if err := pageTemplates.ExecuteTemplate(&out, page, v); err != nil {
		return nil, fmt.Errorf("render page %s: %w", v.Kind, err)
	}
	return out.Bytes(), nil
}

// renderBody fills in the body of a page answer.
func (a *answer) renderBody() {
	if a.view == nil {
		return
	}
	body, err := a.view.render()
	if err != nil {
		*a = textAnswer(http.StatusInternalServerError, err.Error())
		return
	}
	a.body = body
}

// Clock is the tenant's time of the page, so that the pictures of two sign-ins differ; the
// machine's where the page belongs to no tenant.
func (v *view) Clock() string { return v.Trace.At.UTC().Format("15:04:05 UTC") }

// T is a text of the page in its language.
func (v *view) T(key string) string { return text(v.Lang, key) }

// Style and Script are the page's own.
func (v *view) Style() template.CSS { return styleSheet }

// Script is the page's script.
func (v *view) Script() template.JS { return pageScript }

// ConfirmText names the application that a device code signs in to.
func (v *view) ConfirmText() string { return fmt.Sprintf(v.T("confirm"), v.App) }

// SkipText says how long the registration can still be put off.
func (v *view) SkipText() string { return fmt.Sprintf(v.T("skip"), v.SkipDays) }

// Body renders the part of the page that its kind has for itself.
func (v *view) Body() (template.HTML, error) {
	var out bytes.Buffer
	err := pageTemplates.ExecuteTemplate(&out, string(v.Kind)+".html", v)
	return template.HTML(out.String()), err //nolint:gosec // rendered by html/template
}

// Hidden are the fields that every form of the sign-in sends along (observed names), in an
// order that differs from tenant to tenant.
func (v *view) Hidden() []field {
	fields := []field{
		{"flowToken", v.Flow},
		{"ctx", v.Context},
		{"canary", v.Canary},
		{"hpgrequestid", v.Trace.ID},
		{"login", v.Account},
	}
	shuffle(fields, v.Variant)
	return fields
}

// PageID is the page's pgid, which the real pages name in their head too (observed).
func (v *view) PageID() string { return fingerprints[v.Kind].ID }

// Title is the document's title.
func (v *view) Title() string {
	return v.T("signIn")
}

// MessageHelp is the key of the sentence under the message's title.
func (v *view) MessageHelp() string { return v.Message + "Help" }

// GoesOn says that the page leaves for the passkey origin by itself. After an error it
// stands still, so that the user can read it.
func (v *view) GoesOn() bool { return v.Kind == pagePasskeyStart && v.Error == nil }
