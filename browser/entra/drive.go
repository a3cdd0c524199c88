package entra

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/telemetry"
)

// drive is one pass through the sign-in pages.
type drive struct {
	*SignIn
	doc *browser.Document
	// report is what the document showed last; empty before the first look.
	report string
	seen   snapshot
	// acted are the pages of this document that were acted on, by name.
	acted map[string]bool
	// sent are the pages that were answered in this pass, by name.
	sent map[string]bool
	// pressed counts, by name, the pages that were left by a button and without an answer.
	pressed map[string]int
	// visit is the page that the browser stands on; nil between pages.
	visit *Visit
	watch *sentWatch
	since time.Time
	// span is of the page that the browser stands on; nil between pages, and where none is recorded.
	span *telemetry.Span
}

func newDrive(s *SignIn, doc *browser.Document) *drive {
	if s.Used == nil {
		s.Used = new(UsedCodes)
	}
	reportEarly(s.Tab)
	d := &drive{SignIn: s, sent: map[string]bool{}, pressed: map[string]int{}}
	d.arrive(doc)
	return d
}

// arrive begins with another document.
func (d *drive) arrive(doc *browser.Document) {
	d.doc, d.report, d.acted = doc, "", map[string]bool{}
	d.seen, d.since = snapshot{}, time.Now()
}

// turn looks at the page once, or waits until it changes, and does what it asks for.
func (d *drive) turn(ctx context.Context) error {
	bounded, cancel := context.WithDeadlineCause(ctx, d.since.Add(d.patience()), errPatience)
	defer cancel()
	err := d.step(bounded, ctx)
	switch {
	case errors.Is(err, browser.ErrNavigated):
		return d.follow(bounded, ctx)
	case impatient(ctx, err):
		return d.stuck(ctx)
	}
	return err
}

// impatient says whether err is that a page kept us waiting for too long. What was found out about
// the page itself is not, however late it was found.
func impatient(ctx context.Context, err error) bool {
	return ctx.Err() == nil && errors.Is(err, errPatience)
}

// step is one look. bounded ends with the patience for this page; acting and waiting for the
// tenant's clock go by ctx.
func (d *drive) step(bounded, ctx context.Context) error {
	shown, report, err := observe(bounded, d.doc, d.report)
	if err != nil {
		return err
	}
	d.seen, d.report = shown, report
	if d.doc.Leaving() {
		return browser.ErrNavigated // it goes by itself; follow says so
	}
	p := recognise(shown)
	switch {
	case p == nil:
		return d.unrecognised(ctx)
	case d.acted[p.name] && d.byPerson(p):
		return nil
	case d.acted[p.name]:
		return d.rejection(ctx, p, shown)
	case !p.stands(shown):
		return nil
	case d.byPerson(p):
		return d.leaveToPerson(ctx, p, shown)
	}
	return d.answer(ctx, p, shown)
}

// follow goes on with the next document. A page that was recognised and not acted on went by
// itself.
func (d *drive) follow(bounded, ctx context.Context) error {
	if d.visit == nil {
		d.passed(ctx)
	}
	next, err := d.Tab.AwaitDocument(bounded, d.doc)
	d.leave()
	if impatient(ctx, err) {
		return d.stuck(ctx)
	}
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	d.arrive(next)
	return nil
}

// passed records a page that did not wait.
func (d *drive) passed(ctx context.Context) {
	shown := d.seen
	if d.report == "" {
		shown, _ = glimpse(d.doc)
	}
	if p := recognise(shown); p != nil {
		d.standOn(ctx, p)
		d.visit = &Visit{At: d.now(), Page: p.name, PGID: shown.PGID, Host: shown.Host, Factor: p.factor}
	}
}

// leave closes the visit of the current page.
func (d *drive) leave() {
	if d.visit == nil {
		d.standNowhere()
		return
	}
	visit := *d.visit
	if at, ok := d.watch.seen(); ok {
		visit.Sent, visit.SentAt = true, d.tenantTime(at)
	}
	d.visit, d.watch = nil, nil
	d.span.Set(
		telemetry.String("server.address", visit.Host), telemetry.String("reprompt.page.id", visit.PGID), telemetry.String("reprompt.page.factor", visit.Factor),
		telemetry.Bool("reprompt.page.stood_still", visit.StoodStill), telemetry.Bool("reprompt.page.sent", visit.Sent),
	)
	d.standNowhere()
	if d.OnPage != nil {
		d.OnPage(visit)
	}
}

// standOn ends the span of the page that the browser stood on and begins that of another.
func (d *drive) standOn(ctx context.Context, p *page) {
	d.standNowhere()
	_, d.span = telemetry.Start(ctx, "page "+p.name)
}

// standNowhere ends the span of the page that the browser stood on.
func (d *drive) standNowhere() {
	d.span.End()
	d.span = nil
}

// tenantTime turns an instant of the machine's clock into the tenant's.
func (d *drive) tenantTime(machine time.Time) time.Time { return d.now().Add(-time.Since(machine)) }

// enter opens the visit of a page that stands still. Should it have gone by itself while its
// picture was taken, it did not.
func (d *drive) enter(ctx context.Context, p *page, shown snapshot) error {
	d.leave()
	d.standOn(ctx, p)
	visit := &Visit{
		At: d.now(), Page: p.name, PGID: shown.PGID, Host: shown.Host, Factor: p.factor, StoodStill: true,
	}
	if !d.NoPictures {
		visit.Screenshot = d.picture(ctx)
		d.look(ctx, p.name, visit.Screenshot)
	}
	if d.doc.Leaving() {
		return browser.ErrNavigated
	}
	d.visit, d.since = visit, time.Now()
	return nil
}

// picture is a screenshot, or nil: a page that cannot be photographed is still a page.
func (d *drive) picture(ctx context.Context) []byte {
	png, err := d.Tab.Screenshot(ctx, nil)
	if err != nil {
		return nil
	}
	return png
}

// rejection looks whether a page that was acted on says that it did not take the answer.
func (d *drive) rejection(ctx context.Context, p *page, shown snapshot) error {
	if shown.Problem == "" {
		return nil
	}
	return d.rejected(ctx, p, shown.Problem)
}

func (d *drive) rejected(ctx context.Context, p *page, text string) error {
	factor := p.factor
	if factor == "" {
		factor = p.name
	}
	d.remember(p)
	return &CredentialRejected{Factor: factor, Text: text, Screenshot: d.picture(ctx)}
}

// remember keeps what was rejected from being sent again. For one-time codes that is the seed:
// a second wrong code is one step closer to a locked account.
func (d *drive) remember(p *page) {
	switch p.factor {
	case FactorTOTP:
		d.Used.reject(p.factor, d.Admin.TOTP)
	case FactorPassword:
		d.Used.reject(p.factor, d.Admin.Password)
	case FactorTemporaryAccessPass:
		d.Used.reject(p.factor, d.Admin.TemporaryAccessPass)
	}
}

// unrecognised gives up on a page at once when its status says that it is an error, and else
// lets it become something.
func (d *drive) unrecognised(ctx context.Context) error {
	if status := d.doc.Status(); status >= 400 {
		return d.strange(ctx, fmt.Sprintf("the server answered HTTP %d", status))
	}
	return nil
}

// stuck is a page that stayed as it was for too long.
func (d *drive) stuck(ctx context.Context) error {
	switch p := recognise(d.seen); {
	case d.report == "":
		return d.strange(ctx, fmt.Sprintf("it did not load within %s", d.patience()))
	case p == nil:
		return d.strange(ctx, fmt.Sprintf("it is no page that is known, and became none within %s", d.patience()))
	case d.acted[p.name]:
		return d.strange(ctx, fmt.Sprintf("the page %q did not go on within %s after it was answered", p.name, d.patience()))
	default:
		return d.strange(ctx, fmt.Sprintf("the page %q was not ready within %s", p.name, d.patience()))
	}
}

func (d *drive) strange(ctx context.Context, what string) error {
	failed := d.Tab.Fail(ctx, what, nil)
	return &PageNotRecognised{
		PGID: d.seen.PGID, Title: d.seen.Title, URL: failed.URL, What: what, Screenshot: failed.Screenshot,
		Captured: capture(ctx, d.Tab.Document()),
	}
}
