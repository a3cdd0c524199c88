package login

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// answer is what a handler returns; write is the one place that turns it into HTTP.
type answer struct {
	status      int
	contentType string
	body        []byte
	location    string
	cookies     []*http.Cookie
	csp         string
	cors        bool
	requestID   string
	view        *view // rendered in place of body
}

func (a answer) write(w http.ResponseWriter, r *http.Request) {
	a.renderBody()
	h := w.Header()
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	if a.requestID != "" {
		h.Set("x-ms-request-id", a.requestID)
	}
	if a.cors {
		allowOrigin(h, r)
	}
	if a.csp != "" {
		h.Set("Content-Security-Policy", a.csp)
		h.Set("X-Frame-Options", "DENY")
	}
	for _, cookie := range a.cookies {
		http.SetCookie(w, cookie)
	}
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if a.contentType != "" {
		h.Set("Content-Type", a.contentType)
	}
	w.WriteHeader(a.status)
	// A browser that went away does not need the rest.
	_, _ = w.Write(a.body)
}

// allowOrigin lets scripts of other origins read the answer. Browsers send token requests
// without a preflight; the header must be there on errors too (measured with MSAL).
func allowOrigin(h http.Header, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		origin = "*"
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "Content-Length,Content-Encoding,x-ms-request-id,x-ms-srs,Date")
	h.Add("Vary", "Origin")
}

func preflight(r *http.Request) answer {
	return answer{status: http.StatusNoContent, cors: true}
}

func textAnswer(status int, text string) answer {
	return answer{status: status, contentType: "text/plain; charset=utf-8", body: []byte(text + "\n")}
}

func jsonAnswer(status int, value any) answer {
	body, err := json.Marshal(value)
	if err != nil {
		return textAnswer(http.StatusInternalServerError, "encode answer: "+err.Error())
	}
	return answer{status: status, contentType: "application/json; charset=utf-8", body: body, cors: true}
}

// redirect sends the browser to a client, with the parameters where response_mode wants
// them. form_post is a page and made elsewhere.
func redirect(to, mode string, parameters url.Values, cookies []*http.Cookie) answer {
	separator := "?"
	switch {
	case mode == "fragment":
		separator = "#"
	case strings.Contains(to, "?"):
		separator = "&"
	}
	return answer{status: http.StatusFound, location: to + separator + parameters.Encode(), cookies: cookies}
}
