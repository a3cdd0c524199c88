package login

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// evaluation is one question to Conditional Access, about an authorize request or a refresh.
type evaluation struct {
	User       *store.User
	ClientID   string
	Resource   string
	Contexts   []string // asked for and published
	ClientType string
	UserAgent  string
	DeviceFlow bool
	Factors    []store.Factor
	StepUpAt   time.Time // what PIM's window counts from
	Started    time.Time // zero for a refresh: nothing can be asked in it
}

// decide evaluates the policies that are in effect in the tenant now.
func decide(t *store.Tenant, e evaluation) (ca.Decision, error) {
	policies, err := policiesInEffect(t)
	if err != nil {
		return ca.Decision{}, err
	}
	return ca.Evaluate(e.signIn(t), policies), nil
}

func policiesInEffect(t *store.Tenant) ([]ca.Policy, error) {
	var raw []json.RawMessage
	for _, p := range t.Policies.ListAt(t.Now()) {
		raw = append(raw, p.Raw)
	}
	policies, err := ca.ParseAll(raw)
	if err != nil {
		return nil, fmt.Errorf("read the policies in effect: %w", err)
	}
	return policies, nil
}

func (e evaluation) signIn(t *store.Tenant) ca.SignIn {
	now := t.Now()
	locations, trusted := locationsOf(t)
	return ca.SignIn{
		UserID: e.User.ID, GroupIDs: t.GroupsAt(e.User.ID, now), RoleIDs: t.RolesOf(e.User.ID, now),
		Guest: e.User.GuestType, ClientAppID: e.ClientID, ResourceIDs: []string{resourceAppID(e.Resource)},
		Contexts: e.Contexts, ClientAppType: e.ClientType, TransferMethod: e.transfer(),
		Platform: platformOf(e.UserAgent), LocationIDs: locations, LocationTrusted: trusted,
		UserRisk: e.User.Risk, Now: now, Started: e.Started,
		Session: sessionState(e.Factors, e.StepUpAt),
		Windows: ca.Windows{Rule: ca.WindowRule(t.Settings.Windows)},

		SecondaryMeansBoth: t.Settings.SecondaryAsks == store.SecondaryAsksBoth,
	}
}

func (e evaluation) transfer() string {
	if e.DeviceFlow {
		return "deviceCodeFlow"
	}
	return ""
}

func sessionState(factors []store.Factor, stepUp time.Time) ca.SessionState {
	state := ca.SessionState{StepUpAt: stepUp}
	for _, f := range factors {
		factor := ca.Factor{Method: ca.Method(f.Method), At: f.At}
		state.Done = append(state.Done, factor)
		if f.Primary && f.At.After(state.Primary.At) {
			state.Primary = factor
		}
		if f.Secondary && f.At.After(state.Secondary.At) {
			state.Secondary = factor
		}
	}
	return state
}

// stepUpInstant is what PIM's ten-minute window counts from, by the setting of what it is
// keyed on.
func stepUpInstant(t *store.Tenant, user *store.User, session *store.Session) time.Time {
	if t.Settings.WindowsKeyedOn != store.KeyedOnSession {
		return user.PIMStepUpAt
	}
	if session == nil {
		return time.Time{}
	}
	return session.PIMStepUp
}

// clientAddress is where every sign-in of the embedded tenant comes from.
const clientAddress = "127.0.0.1"

// locationsOf names the locations that contain the client's address.
func locationsOf(t *store.Tenant) (ids []string, trusted bool) {
	for _, l := range t.NamedLocations.List() {
		if slices.ContainsFunc(l.Ranges, func(cidr string) bool { return rangeContains(cidr, clientAddress) }) {
			ids = append(ids, l.ID)
			trusted = trusted || l.Trusted
		}
	}
	return ids, trusted
}

// platformOf reads the device platform from the user agent, as the service does
// (documented: "not verified").
func platformOf(userAgent string) string {
	agent := strings.ToLower(userAgent)
	for _, row := range [][2]string{
		{"windows phone", "windowsPhone"},
		{"android", "android"},
		{"iphone", "iOS"},
		{"ipad", "iOS"},
		{"windows", "windows"},
		{"macintosh", "macOS"},
		{"linux", "linux"},
	} {
		if strings.Contains(agent, row[0]) {
			return row[1]
		}
	}
	return ""
}

// published keeps the contexts that are published to apps. Observed: a context that is not
// cannot be satisfied, and the client loops.
func published(t *store.Tenant, contexts []string) []string {
	var list []string
	for _, id := range contexts {
		if c, ok := t.Contexts.GetAt(id, t.Now()); ok && c.Available {
			list = append(list, id)
		}
	}
	return list
}

// contextsToEmit are the contexts for the acrs claim: those satisfied on demand and, by the
// setting, every published one that no enabled policy targets (observed: emitted unasked,
// so that acrs alone proves nothing).
func contextsToEmit(t *store.Tenant, satisfied []string) ([]string, error) {
	list := slices.Clone(satisfied)
	if !t.Settings.UnaskedContexts && !t.Misbehaves(store.EveryContext) {
		return list, nil
	}
	policies, err := policiesInEffect(t)
	if err != nil {
		return nil, err
	}
	for _, c := range t.Contexts.ListAt(t.Now()) {
		unprotected := t.Misbehaves(store.EveryContext) || !ca.ContextProtected(c.ID, policies)
		if c.Available && !slices.Contains(list, c.ID) && unprotected {
			list = append(list, c.ID)
		}
	}
	return list, nil
}
