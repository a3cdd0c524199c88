package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/page"
)

// masked are the fields whose content never gets into a picture, by the names that sign-in
// pages use for credentials and by what the markup says they are.
var masked = []string{
	`input[type=password]`, `input[name=passwd]`, `input[name=otc]`, `input[name=accesspass]`,
	`input[autocomplete=one-time-code]`, `input[autocomplete=current-password]`, `input[autocomplete=new-password]`,
}

// mask hides the content of fields, whatever the page's own styles say, by a style sheet that
// is no element, so that no policy of the page refuses it and no observer sees it. It reaches
// into open shadow trees.
const mask = `(selectors => {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(selectors.join(",") +
		"{color:transparent!important;-webkit-text-fill-color:transparent!important;text-shadow:none!important;" +
		"caret-color:transparent!important;background:repeating-linear-gradient(45deg,#555,#555 4px,#777 4px,#777 8px)!important}");
	const roots = [document];
	for (let i = 0; i < roots.length; i++) {
		for (const element of roots[i].querySelectorAll("*")) if (element.shadowRoot) roots.push(element.shadowRoot);
		roots[i].adoptedStyleSheets = [...roots[i].adoptedStyleSheets, sheet];
	}
	globalThis.__unmask = () => {
		for (const root of roots) root.adoptedStyleSheets = root.adoptedStyleSheets.filter(other => other !== sheet);
	};
})`

const unmask = `globalThis.__unmask && (__unmask(), delete globalThis.__unmask, undefined)`

// largestScreenshot bounds a picture. It shows the window, not the whole page, which may be as long as its
// author likes; a window full of noise has some 4 MB.
const largestScreenshot = 16 << 20

// picturePatience bounds a picture, which takes a tenth of a second: Chromium waits for a frame that a page
// which has just been replaced never draws.
const picturePatience = 10 * time.Second

// Screenshot returns a PNG of what the tab shows. For the moment of the capture credential
// fields are covered, in every frame, and with them the fields that the given CSS selectors
// name. If a frame cannot be masked there is no picture, nor where the page does not stand still for
// one in picturePatience.
func (t *Tab) Screenshot(ctx context.Context, extra []string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, picturePatience, ErrStuck)
	defer cancel()
	selectors, err := json.Marshal(append(append([]string{}, masked...), extra...))
	if err != nil {
		return nil, fmt.Errorf("take screenshot: %w", err)
	}
	documents := t.Documents()
	defer func() {
		for _, d := range documents {
			d.tell(unmask)
		}
	}()
	if err := maskAll(ctx, documents, mask+"("+string(selectors)+")"); err != nil {
		return nil, err
	}
	taken, err := call(ctx, t.page.route, t.Closed(), page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, OptimizeForSpeed: new(true),
	})
	if err != nil {
		return nil, fmt.Errorf("take screenshot: %w", err)
	}
	if len(taken.Data) > largestScreenshot {
		return nil, fmt.Errorf("take screenshot: it has %d bytes, more than %d", len(taken.Data), largestScreenshot)
	}
	return taken.Data, nil
}

// maskAll masks documents, all at once, and returns when they are.
func maskAll(ctx context.Context, documents []*Document, script string) error {
	failed := make([]error, len(documents))
	var all sync.WaitGroup
	for i, d := range documents {
		all.Go(func() {
			if err := d.Eval(ctx, script, nil); err != nil && d.stillThere() == nil {
				failed[i] = fmt.Errorf("take screenshot: mask %s: %w", bareURL(d.URL()), err)
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// Fail makes a *PageError for the tab, with a screenshot where one can still be taken.
func (t *Tab) Fail(ctx context.Context, what string, cause error) *PageError {
	ctx, cancel := aftermath(ctx)
	defer cancel()
	e := &PageError{URL: bareURL(t.URL()), What: what, Err: cause}
	e.Screenshot, _ = t.Screenshot(ctx, nil)
	return e
}

// aftermath is a context for what is still to be done though the caller's may have ended.
func aftermath(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
}

// Documents are the tab's documents: the top one first, then those of its frames, whichever
// process they live in.
func (t *Tab) Documents() []*Document {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return nil
	}
	all := []*Document{t.documents[t.main()]}
	for id, d := range t.documents {
		if id != t.main() && !strings.HasPrefix(d.url, "chrome-error:") {
			all = append(all, d)
		}
	}
	return all
}
