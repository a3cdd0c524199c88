package entra

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/browser"
)

//go:embed testdata/*.html
var imitation embed.FS

// texts are what the imitated portal shows.
type texts struct {
	Eligible, Active, Activate, Deactivate, Banner, Duration, Reason, Activated, Deactivated string
}

var english = texts{
	"Eligible assignments", "Active assignments", "Activate", "Deactivate",
	"A Conditional Access policy is enabled and may require additional verification. Click to continue.",
	"Duration (hours)", "Reason", "Activation completed successfully", "Deactivation completed successfully",
}

var german = texts{
	"Berechtigte Zuweisungen", "Aktive Zuweisungen", "Aktivieren", "Deaktivieren",
	"Eine Richtlinie für bedingten Zugriff ist aktiviert und erfordert vielleicht mehr. Klicken Sie hier.",
	"Dauer (Stunden)", "Grund", "Die Aktivierung wurde erfolgreich abgeschlossen", "Die Deaktivierung wurde erfolgreich abgeschlossen",
}

var french = texts{
	"Affectations éligibles", "Affectations actives", "Activer", "Désactiver",
	"Une stratégie d’accès conditionnel est activée et peut exiger davantage. Cliquez ici.",
	"Durée (heures)", "Motif", "L’activation s’est terminée correctement", "La désactivation s’est terminée correctement",
}

// klingon is a language that does not ship.
var klingon = texts{"chaw'", "DaH", "yIchu'", "yIchu'Ha'", "yI'ol!", "rep", "meq", "chu'lu'pu'", "chu'Ha'lu'pu'"}

// adminCentre is an imitated portal with its sign-in host.
type adminCentre struct {
	T       texts
	StepUp  string // "popup", or by redirect
	Demands int    // how many verifications an activation takes
	Refusal string // what the page says instead of activating
	Overlay string // what lies over the page: "survey", "stuck" (it does not close)

	Login, Frame string
}

// open serves the portal and its sign-in host, where pages are asked for at each visit.
func (c *adminCentre) open(t *testing.T, pages ...string) (portal *httptest.Server, login *host) {
	t.Helper()
	login = newHost(t, pages...)
	login.Config.Handler = backTo(login.Config.Handler, login)
	mux := http.NewServeMux()
	serve := func(name string) http.HandlerFunc {
		parsed := template.Must(template.ParseFS(imitation, "testdata/"+name))
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := parsed.Execute(w, c); err != nil {
				panic(err)
			}
		}
	}
	mux.HandleFunc("/blade", serve("blade.html"))
	mux.HandleFunc("/", serve("shell.html"))
	portal = httptest.NewServer(mux)
	t.Cleanup(portal.Close)
	parsed, err := url.Parse(portal.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.Login, c.Frame = login.URL, "http://localhost:"+parsed.Port() // another site than the shell's
	return portal, login
}

// backTo makes each authorize request begin anew and lead back to where it asks.
func backTo(pages http.Handler, h *host) http.Handler {
	back := ""
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/authorize" {
			back = r.URL.Query().Get("back")
			h.again()
		}
		pages.ServeHTTP(&redirecting{ResponseWriter: w, to: func() string { return back }}, r)
	})
}

// redirecting sends a redirect elsewhere.
type redirecting struct {
	http.ResponseWriter
	to func() string
}

func (r *redirecting) WriteHeader(status int) {
	if status == http.StatusFound {
		r.Header().Set("Location", r.to())
	}
	r.ResponseWriter.WriteHeader(status)
}

func newPortal(t *testing.T, portal *httptest.Server) (*Portal, *trial) {
	t.Helper()
	r := newTrial(t)
	return &Portal{
		Tab: r.Tab, URL: portal.URL, SignIn: r.SignIn, Timeout: 10 * time.Second, Labels: []Labels{labelsOf(t, klingon)},
	}, r
}

// labelsOf reads a language from the file that somebody might write for it.
func labelsOf(t *testing.T, shown texts) Labels {
	t.Helper()
	file := fmt.Sprintf(`{"language": "tlh", "eligible": [%q], "active": [%q], "activate": [%q], "deactivate": [%q], "activate_title": [%q],
		"deactivate_title": [%q], "context_banner": [%q], "duration": [%q], "reason": [%q], "activated": [%q], "deactivated": [%q]}`,
		shown.Eligible, shown.Active, shown.Activate, shown.Deactivate, shown.Activate+" - ", shown.Deactivate+" - ",
		shown.Banner, shown.Duration, shown.Reason, shown.Activated, shown.Deactivated)
	labels, err := ReadLabels(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return labels
}

const administrator = "Application Administrator"

func TestActivateAndDeactivate(t *testing.T) {
	for name, row := range map[string]struct {
		centre adminCentre
		pages  []string // visited for the step-up
	}{
		"without a demand":       {adminCentre{T: english}, nil},
		"stepped up by redirect": {adminCentre{T: english, Demands: 1}, []string{"password sent"}},
		"stepped up in a popup":  {adminCentre{T: english, Demands: 1, StepUp: "popup"}, []string{"password sent"}},
		"asked twice":            {adminCentre{T: english, Demands: 2}, []string{"password sent", "password sent"}},
		"in German, by redirect": {adminCentre{T: german, Demands: 1}, []string{"password sent"}},
		"in French, in a popup":  {adminCentre{T: french, Demands: 1, StepUp: "popup"}, []string{"password sent"}},
		"in a language by file":  {adminCentre{T: klingon, Demands: 1}, []string{"password sent"}},
		"under a survey":         {adminCentre{T: english, Demands: 1, Overlay: "survey"}, []string{"password sent"}},
		"under what never goes":  {adminCentre{T: english, Demands: 1, Overlay: "stuck"}, []string{"password sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			server, _ := row.centre.open(t, password)
			portal, r := newPortal(t, server)
			var pictures []string
			portal.OnPicture = func(stage string, png []byte) {
				if len(png) > 0 {
					pictures = append(pictures, stage)
				}
			}
			ctx := testContext(t)
			if err := portal.OpenMyRoles(ctx); err != nil {
				t.Fatal(err)
			}
			wantNames(t, r, "password sent") // the portal's own sign-in
			got, err := portal.Activate(ctx, administrator, ActivateOptions{Duration: 30 * time.Minute, Reason: "because"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Outcome != OutcomeActive || len(got.Banners) != row.centre.Demands || got.Submitted.IsZero() {
				t.Errorf("%+v", got)
			}
			wantNames(t, r, append([]string{"password sent"}, row.pages...)...)
			if !slices.Contains(pictures, "outcome") || slices.Contains(pictures, "banner") != (row.centre.Demands > 0) {
				t.Errorf("pictures of %q", pictures)
			}
			if surveyed := slices.Contains(pictures, overlay); surveyed != (row.centre.Overlay == "survey") && row.centre.Overlay != "stuck" {
				t.Errorf("pictures of %q", pictures)
			}
			wantStatus(t, portal, row.centre.T.Activated+". [0.5 because]")
			if err := portal.Deactivate(ctx, administrator, "done"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// wantStatus checks what the page says in the end, which repeats what it was given.
func wantStatus(t *testing.T, portal *Portal, want string) {
	t.Helper()
	_, _, err := portal.Tab.Find(testContext(t), browser.Query{Roles: textRoles, Names: []string{want}})
	if err != nil {
		t.Error(err)
	}
}

func TestOpenMyRolesAgainKeepsTheSession(t *testing.T) {
	centre := adminCentre{T: english}
	server, _ := centre.open(t, password)
	portal, r := newPortal(t, server)
	for range 2 {
		if err := portal.OpenMyRoles(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	wantNames(t, r, "password sent")
}

func TestPortalThatRefuses(t *testing.T) {
	centre := adminCentre{T: english, Refusal: "RoleAssignmentExists: The Role assignment already exists."}
	server, _ := centre.open(t)
	portal, _ := newPortal(t, server)
	ctx := testContext(t)
	if err := portal.OpenMyRoles(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := portal.Activate(ctx, administrator, ActivateOptions{Reason: "because"})
	var refused *PortalError
	if !errors.As(err, &refused) || refused.Text != centre.Refusal || len(refused.Screenshot) == 0 {
		t.Errorf("error %v", err)
	}
}

func TestPortalThatDemandsAgainAndAgain(t *testing.T) {
	centre := adminCentre{T: english, Demands: 9}
	server, _ := centre.open(t, password)
	portal, _ := newPortal(t, server)
	ctx := testContext(t)
	if err := portal.OpenMyRoles(ctx); err != nil {
		t.Fatal(err)
	}
	got, err := portal.Activate(ctx, administrator, ActivateOptions{Reason: "because"})
	if !errors.Is(err, ErrBannerLoop) || len(got.Banners) != maxBanners {
		t.Errorf("%d banners, error %v", len(got.Banners), err)
	}
}

func TestPortalWithoutTheRole(t *testing.T) {
	centre := adminCentre{T: english}
	server, _ := centre.open(t)
	portal, _ := newPortal(t, server)
	ctx := testContext(t)
	if err := portal.OpenMyRoles(ctx); err != nil {
		t.Fatal(err)
	}
	portal.Timeout = 2 * time.Second
	_, err := portal.Activate(ctx, "Global Administrator", ActivateOptions{})
	var page *browser.PageError
	if !errors.As(err, &page) || !strings.Contains(err.Error(), `in the row of "Global Administrator"`) || len(page.Screenshot) == 0 {
		t.Errorf("error %v", err)
	}
}

func TestPortalBehindARejectedPassword(t *testing.T) {
	centre := adminCentre{T: english}
	server, login := centre.open(t, password, passwordPage("¡no!"))
	portal, _ := newPortal(t, server)
	err := portal.OpenMyRoles(testContext(t))
	var rejected *CredentialRejected
	if !errors.As(err, &rejected) {
		t.Errorf("error %v", err)
	}
	if sent := fmt.Sprint(login.sent("passwd")); sent != "[correct horse]" {
		t.Errorf("sent %s", sent)
	}
}
