package suite

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/verdict"
)

// recording is what one proof waited for.
type recording struct {
	mu           sync.Mutex
	waits        []waited
	began, ended time.Time
}

func (r *recording) hear(w waited) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waits = append(r.waits, w)
}

// record proves the sample role of a tenant, and has to come to "enforced".
func record(b testing.TB, tenant *config.Tenant, way verdict.Way) *recording {
	b.Helper()
	r := &recording{began: time.Now()}
	proofs, err := Prove(b.Context(), Options{Tenant: tenant, EvidenceDir: b.TempDir(), Command: "go test -bench", watch: r.hear},
		ProveRequest{Roles: []string{embeddedRole}, Way: way}, nil)
	r.ended = time.Now()
	if err != nil {
		b.Fatal(err)
	}
	if got := proofs[0].Verdict.Outcome; got != verdict.Enforced {
		b.Fatalf("a benchmarked proof came to %s", got)
	}
	slices.SortFunc(r.waits, func(x, y waited) int { return x.Began.Compare(y.Began) })
	return r
}

// steps are what a bare driver has to do again: calls and navigations to the sign-in host, those that were
// under way at the same time together.
func (r *recording) steps() [][]waited {
	var all [][]waited
	var until time.Time
	for _, w := range r.waits {
		if w.What != waitCall && !(w.What == browser.WaitNavigation && strings.Contains(w.Address, "/authorize?")) {
			continue
		}
		if len(all) > 0 && w.Began.Before(until) {
			all[len(all)-1] = append(all[len(all)-1], w)
		} else {
			all = append(all, []waited{w})
		}
		if w.Ended.After(until) {
			until = w.Ended
		}
	}
	return all
}

// bare does the same page loads and calls as a proof did, with nothing around them: no picture, no evidence, no
// verdict, no check but that each answer has the status that the proof's had. What differs from session to
// session is put in its place.
type bare struct {
	admin    config.Admin
	opened   chan error // of open; nil once it was awaited
	failed   error      // what open came to
	running  *browser.Browser
	tab      *browser.Tab
	http     *http.Client
	offset   time.Duration // of the tenant's clock
	redirect string

	mu    sync.Mutex
	code  string
	pairs []string // of what the proof had, and what stands for it now
}

// verifier is that of every code; nobody else is there who could redeem one.
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// replay starts a browser, does every step and ends the browser again, which takes closing.
func (r *recording) replay(b testing.TB, tenant *config.Tenant, now time.Time) (closing time.Duration) {
	b.Helper()
	closing, err := r.replayed(b.Context(), tenant, now)
	if err != nil {
		b.Fatal(err)
	}
	return closing
}

// replayed has the browser start while the calls before the first page are made, as a proof does.
func (r *recording) replayed(ctx context.Context, tenant *config.Tenant, now time.Time) (closing time.Duration, err error) {
	d := &bare{admin: tenant.Admin, offset: time.Until(now), redirect: tenant.HarnessApp.RedirectURI, opened: make(chan error, 1)}
	go func() { d.opened <- d.open(ctx, tenant) }()
	defer func() {
		err = errors.Join(err, d.await())
		if d.running != nil {
			began := time.Now()
			err = errors.Join(err, d.running.Close())
			closing = time.Since(began)
		}
	}()
	dial, err := newDialer(tenant.Proxy, tenant.CA)
	if err != nil {
		return 0, err
	}
	defer dial.close()
	d.http = dial.client()
	for _, together := range r.steps() {
		var all sync.WaitGroup
		failed := make([]error, len(together))
		for i, w := range together {
			all.Go(func() { failed[i] = d.do(ctx, w) })
		}
		all.Wait()
		if err := errors.Join(failed...); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// open starts a browser with a session and a tab.
func (d *bare) open(ctx context.Context, tenant *config.Tenant) error {
	installation, err := browser.Find(os.Getenv("REPROMPT_BROWSER"))
	if err != nil {
		return err
	}
	trusted, err := spkiOf(tenant.CA)
	if err != nil {
		return err
	}
	if d.running, err = browser.Start(ctx, browser.Options{Installation: installation, Proxy: tenant.Proxy, TrustSPKI: trusted}); err != nil {
		return err
	}
	session, err := d.running.NewSession(ctx)
	if err != nil {
		return err
	}
	d.tab, err = session.NewTab(ctx)
	return err
}

// await waits until the browser is there.
func (d *bare) await() error {
	if d.opened != nil {
		d.failed = <-d.opened
		d.opened = nil
	}
	return d.failed
}

func (d *bare) do(ctx context.Context, w waited) error {
	if w.What == browser.WaitNavigation {
		if err := d.await(); err != nil {
			return err
		}
		return d.navigate(ctx, w.Address)
	}
	return d.call(ctx, w)
}

// again is a text of the proof with what stands for its tokens now.
func (d *bare) again(text string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.NewReplacer(d.pairs...).Replace(text)
}

// bareForms answers every sign-in page as it comes, without looking which it is. It never returns: the document
// goes.
const bareForms = `(forms => new Promise(() => {
	const done = new Set();
	const look = () => {
		if (document.readyState !== "complete") return;
		for (const [field, value, button] of forms) {
			const f = document.querySelector(field), b = document.querySelector(button);
			if (!f || !b || done.has(field) || f.offsetParent === null || b.disabled) continue;
			done.add(field);
			if (value) {
				f.value = value;
				for (const type of ["input", "change"]) f.dispatchEvent(new Event(type, {bubbles: true}));
			}
			b.click();
			return;
		}
	};
	new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true});
	addEventListener("load", () => setTimeout(look));
	look();
}))`

// navigate goes through the sign-in pages and keeps the code.
func (d *bare) navigate(ctx context.Context, address string) error {
	u, err := url.Parse(d.again(address))
	if err != nil {
		return err
	}
	query, sum := u.Query(), sha256.Sum256([]byte(verifier))
	query.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
	u.RawQuery = query.Encode()
	redirect, err := d.tab.CatchRedirect(d.redirect)
	if err != nil {
		return err
	}
	defer redirect.Stop()
	doc, err := d.tab.Navigate(ctx, u.String())
	for err == nil && !redirect.Matches(doc.URL()) {
		var forms []byte
		if forms, err = d.forms(); err != nil {
			return err
		}
		if err = doc.Eval(ctx, bareForms+"("+string(forms)+")", nil); !errors.Is(err, browser.ErrNavigated) {
			return fmt.Errorf("a sign-in page stayed: %w", err)
		}
		doc, err = d.tab.AwaitDocument(ctx, doc)
	}
	if err != nil {
		return err
	}
	back, err := redirect.Next(ctx)
	if err != nil {
		return err
	}
	d.code = back.Query().Get("code")
	return nil
}

func (d *bare) forms() ([]byte, error) {
	d.mu.Lock()
	now := time.Now().Add(d.offset)
	d.mu.Unlock()
	code, err := oneTimeCode(d.admin.TOTPSecret.Reveal(), now)
	if err != nil {
		return nil, err
	}
	return json.Marshal([][3]string{
		{"#i0116", d.admin.UPN, "#idSIButton9"},
		{"#i0118", d.admin.Password.Reveal(), "#idSIButton9"},
		{"#idTxtBx_SAOTCC_OTC", code, "#idSubmit_SAOTCC_Continue, #idSIButton9"},
		{"#KmsiDescription", "", "#idBtn_Back"},
	})
}

// oneTimeCode is the code of an instant (RFC 6238, with its defaults).
func oneTimeCode(seed string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(seed)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30) // a hash takes everything
	sum := mac.Sum(nil)
	part := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:])
	return fmt.Sprintf("%06d", part&0x7fffffff%1_000_000), nil
}

// call makes one call anew.
func (d *bare) call(ctx context.Context, w waited) error {
	body := d.again(string(w.body))
	if form, err := url.ParseQuery(string(w.body)); err == nil && form.Get("grant_type") != "" {
		for name := range form {
			form.Set(name, d.again(form.Get(name)))
		}
		if form.Get("code") != "" {
			form.Set("code", d.code)
			form.Set("code_verifier", verifier)
		}
		body = form.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, w.request.Method, d.again(w.request.URL.String()), strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header = w.request.Header.Clone()
	r.Header.Set("Authorization", d.again(r.Header.Get("Authorization")))
	client := d.http
	if r.URL.Scheme == "http" { // the control listener, which the proxy does not lead to
		client = http.DefaultClient
	}
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != w.status {
		err = fmt.Errorf("%s %s: HTTP %d, the proof had %d: %s", r.Method, r.URL.Path, response.StatusCode, w.status, answer)
	}
	d.learn(w, answer)
	return err
}

// learn takes what stands for the proof's tokens and session from now on, and how far the clock was moved.
func (d *bare) learn(w waited, answer []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var moved struct{ Duration string }
	if strings.HasSuffix(w.request.URL.Path, "/clock/advance") && json.Unmarshal(w.body, &moved) == nil {
		by, _ := time.ParseDuration(moved.Duration) // the listener took it
		d.offset += by
	}
	var then, now map[string]any
	if !bytes.Contains(w.answer, []byte(`_token"`)) || json.Unmarshal(w.answer, &then) != nil || json.Unmarshal(answer, &now) != nil {
		return
	}
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		before, _ := then[name].(string)
		after, _ := now[name].(string)
		if before != "" && after != "" {
			d.pairs = append(d.pairs, before, after)
		}
		if name == "id_token" && before != "" {
			d.pairs = append(d.pairs, sidOf(before), sidOf(after))
		}
	}
}

// sidOf is the session of an ID token; something that is nowhere else where it has none.
func sidOf(token string) string {
	var claims struct{ SID string }
	if parts := strings.Split(token, "."); len(parts) == 3 {
		payload, _ := base64.RawURLEncoding.DecodeString(parts[1]) // undecodable is without
		_ = json.Unmarshal(payload, &claims)
	}
	return cmp.Or(claims.SID, "no session "+token)
}

// tenantNow moves the tenant's clock so far that nothing of an earlier proof counts any more, and reads it.
func tenantNow(b testing.TB, tenant *config.Tenant) time.Time {
	b.Helper()
	c := placeOfFile(tenant).control
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, c.url+"/clock/advance?tenant="+tenant.TenantID, strings.NewReader(`{"duration":"90m"}`))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	response, err := c.http.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	var clock struct {
		Now time.Time `json:"now"`
	}
	if err := json.NewDecoder(response.Body).Decode(&clock); err != nil || clock.Now.IsZero() {
		b.Fatalf("clock %v, %v", clock, err)
	}
	return clock.Now
}

// A bare driver can do again what a proof did: every call is answered as it was, and as many pages are opened.
// Without that the benchmark of the harness's own share would compare two different things.
func TestABareDriverDoesTheSame(t *testing.T) {
	tenant := lab(t, true)
	tenant.Safety.MaxActivationsPerDay = 0
	proof := record(t, tenant, verdict.WayGraph)
	var calls, pages int
	for _, together := range proof.steps() {
		for _, w := range together {
			if w.What == waitCall {
				calls++
			} else {
				pages++
			}
		}
	}
	if calls < 20 || pages < 4 {
		t.Fatalf("%d calls and %d navigations were recorded, a proof has more", calls, pages)
	}
	proof.replay(t, tenant, tenantNow(t, tenant))
}

// BenchmarkShare is a proof through Graph on the tenant of a file, from nothing to the closed report, and the
// same page loads and calls driven bare, one after the other; medians. own-% is what the harness adds. The rest
// says where: of the proof its pictures, what lay between anything that it waited for, and what came after all
// of it (evidence beside the browser's end), which the bare driver needs for the browser's end alone.
//
// Both have the browser start while the calls before the first page are made. The bare driver takes no picture:
// that a proof has pictures is what the harness is for, and so its own share.
func BenchmarkShare(b *testing.B) {
	tenant := lab(b, true)
	tenant.Safety.MaxActivationsPerDay = 0
	all := map[string][]float64{}
	note := func(what string, took time.Duration) { all[what] = append(all[what], took.Seconds()*1000) }
	for b.Loop() {
		tenantNow(b, tenant)
		proof := record(b, tenant, verdict.WayGraph)
		note("proof", proof.ended.Sub(proof.began))
		portions, _ := proof.breakdown()
		note("pictures", portions[partPictures])
		note("between", portions[partHarness])
		note("closing", portions[partClosing])
		now := tenantNow(b, tenant)
		began := time.Now()
		closing := proof.replay(b, tenant, now)
		note("bare", time.Since(began))
		note("bare-closing", closing)
	}
	median := func(what string) float64 {
		slices.Sort(all[what])
		return all[what][len(all[what])/2]
	}
	for what := range all {
		b.ReportMetric(median(what), what+"-ms")
	}
	b.ReportMetric(100*(median("proof")-median("bare"))/median("proof"), "own-%")
}
