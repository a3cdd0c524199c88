// Package portal serves the Privileged Identity Management page of the embedded tenant: the
// portal's shell at entra.microsoft.com and portal.azure.com, and the blade in a frame of
// another site, sandbox-1.reactblade.portal.azure.net.
//
// # What it imitates
//
// Observed: the portal is a single-page application whose blades run in sandboxed frames of
// numbered hosts of another site; the shell brokers tokens to them, and the client of the PIM
// blade is not the shell's. Documented: the labels, the banner and the order of an activation.
// Inferred, and so free to be wrong: how the shell and the frame talk (postMessage, both
// origins checked), the address of the frame, that the pane keeps the reason over a step-up.
//
// # Addresses
//
//	GET /                               shell (and /signin/index/, where authorize answers)
//	GET /{tenant}/portal/configuration  shell: {"time","language","api","stepUp","transport","survey","bubble"}
//	GET /React/Index                    frame
//	GET /assets/{name}                  scripts and styles of either
//
// Views are in the fragment, such as
// #view/Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/aadmigratedroles. Everything else is
// answered 501, which the embedded tenant records as unmodelled; the shell asks for
// /{tenant}/unmodelled/{view} when a fragment names a view that is not there.
//
// The national clouds have the same page at their own hosts; which sign-in host, frame and
// services a page talks to is written into it.
//
// The page keeps nothing in cookies. Its tokens are in the shell's sessionStorage, and live
// and die by the tenant's clock.
package portal

import (
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// New returns the handler of the shell's and the frame's hosts in every cloud; it tells them
// apart by the request's host. Of the store it only reads a tenant's clock, language, variant
// and settings.
func New(st *store.Store) http.Handler {
	shell, frame := shellHandler(st), frameHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch _, part := placeOf(r); part {
		case cloud.Portal:
			shell.ServeHTTP(w, r)
		case cloud.Frame:
			frame.ServeHTTP(w, r)
		default:
			unmodelled(w, r)
		}
	})
}

func placeOf(r *http.Request) (cloud.Cloud, cloud.Part) {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	c, part, _ := cloud.Of(host)
	return c, part
}

func shellHandler(st *store.Store) http.Handler {
	mux := http.NewServeMux()
	page := document("shell", shellPolicy)
	mux.Handle("GET /{$}", page)
	mux.Handle("GET /signin/index/{$}", page)
	mux.Handle("GET /{tenant}/portal/configuration", configuration(st))
	mux.Handle("GET /assets/{name}", assets("shell"))
	mux.HandleFunc("GET /favicon.ico", noIcon)
	mux.HandleFunc("/", unmodelled)
	return mux
}

func frameHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /React/Index", document("frame", framePolicy))
	mux.Handle("GET /assets/{name}", assets("frame"))
	mux.HandleFunc("GET /favicon.ico", noIcon)
	mux.HandleFunc("/", unmodelled)
	return mux
}

// settings is the answer that the shell steers by.
type settings struct {
	Time      time.Time `json:"time"`      // the tenant's clock
	Language  string    `json:"language"`  // "en", "de", "fr" or "pl"; English under any other
	API       string    `json:"api"`       // "graph" or "mspim"
	StepUp    string    `json:"stepUp"`    // "redirect" or "popup"
	Transport string    `json:"transport"` // "frame" or "worker"
	// Survey lays a survey over the page whenever it is loaded.
	Survey bool `json:"survey,omitempty"`
	// Bubble lays a teaching bubble over the first control of the list.
	Bubble bool `json:"bubble,omitempty"`
	// Prompt is sent with the step-up, by the defect [store.PortalForcesPrompt] only.
	Prompt string `json:"prompt,omitempty"`
}

func configuration(st *store.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer settings
		err := st.With(r.PathValue("tenant"), func(t *store.Tenant) error {
			answer = settings{
				Time: t.Now(), Language: t.Language, Transport: transport(t.Variant),
				API: t.Settings.PortalAPI, StepUp: t.Settings.PortalStepUp, Survey: t.Settings.PortalSurvey, Bubble: t.Settings.PortalBubble,
			}
			if t.Misbehaves(store.PortalForcesPrompt) {
				answer.Prompt = "login"
			}
			return nil
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(answer)
	})
}

// transport says where the blade sends its writes from. Observed: calls of the real portal may
// come from workers, where a listener on the top frame misses them; half of the variants do so.
func transport(variant uint64) string {
	if variant%2 == 1 {
		return "worker"
	}
	return "frame"
}

// noIcon answers the request that a full browser makes by itself.
func noIcon(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func unmodelled(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotImplemented) }
