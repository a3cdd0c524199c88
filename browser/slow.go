package browser

import "context"

// BeforeEach has pause called before each thing that is done in a page: a navigation, a click, a field
// filled, a passkey touched. A person who watches sees what comes. The error of pause is that of what was
// to be done. Call it before the first session.
func (b *Browser) BeforeEach(pause func(ctx context.Context) error) { b.pause = pause }

func (t *Tab) pause(ctx context.Context) error {
	if pause := t.page.browser.pause; pause != nil {
		return pause(ctx)
	}
	return nil
}
