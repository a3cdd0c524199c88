package entra

import (
	"context"
	"slices"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// personPatience is how long a page waits for a person, who may have to look for a telephone.
const personPatience = 10 * time.Minute

// personal are the pages that a person may answer. At others a sign-in ends, whoever drives it:
// somebody who consents or registers a method there would change the tenant.
var personal = []string{
	PageUserName, PageAccountPicker, PagePassword, PageTemporaryAccessPass, PageOneTimeCode, PagePush, PageMethods,
	PagePasskeyOffer, PagePasskey, PageStaySignedIn, PageConfirm,
}

// byPerson reports whether a person answers the page.
func (d *drive) byPerson(p *page) bool { return d.Person != nil && slices.Contains(personal, p.name) }

// leaveToPerson does nothing to a page that stands still but watch whether its credential leaves.
// What it is nobody but the person and the page know. A page that refuses an answer is the person's
// to answer again, so that nothing of this pass counts as rejected.
func (d *drive) leaveToPerson(ctx context.Context, p *page, shown snapshot) error {
	if err := d.enter(ctx, p, shown); err != nil {
		return err
	}
	if p.factor != "" {
		d.watch = watchSent(d.Tab.Session().Wiretap(), p.factor, secret.Text{})
	}
	d.acted[p.name] = true
	d.Person(p.name)
	return nil
}
