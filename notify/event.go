package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// Schema names the form of a notification. Fields and kinds are only ever added to it.
const Schema = "reprompt/notification/v1"

// Kind is what a notification is about.
type Kind string

// The kinds.
const (
	VerdictChanged Kind = "verdict-changed" // also the first verdict of a role that is not enforced
	ProofOverdue   Kind = "proof-overdue"   // a proof has been due for longer than is allowed
	NotRestored    Kind = "not-restored"    // what was changed in a tenant could not be undone
)

// Event is one notification. It holds no secret; what a host or an error said is withheld where it
// contains one, see [Sender].
type Event struct {
	ID       string            // the same at each try
	Kind     Kind              // required
	At       time.Time         // by the tenant's clock
	TenantID string            // empty where it is not known
	Tenant   string            // its name in the list of tenants, or its file
	Labels   map[string]string // of the list of tenants
	Role     string            // display name; empty where it is about none
	RoleID   string
	Before   string   // the verdict that it had; empty: none yet
	After    string   // the verdict that it has
	Text     string   // one sentence for people
	Changes  []string // what was changed in the tenant, one sentence each
	Evidence string   // the folder of the bundle; empty: none
}

// wire is the object as it is sent; every field is always there.
type wire struct {
	Schema   string            `json:"schema"`
	ID       string            `json:"id"`
	Kind     Kind              `json:"kind"`
	At       time.Time         `json:"at"`
	TenantID string            `json:"tenant_id"`
	Tenant   string            `json:"tenant"`
	Labels   map[string]string `json:"labels"`
	Role     string            `json:"role"`
	RoleID   string            `json:"role_definition_id"`
	Before   string            `json:"before"`
	After    string            `json:"after"`
	Text     string            `json:"text"`
	Changes  []string          `json:"changes"`
	Evidence string            `json:"evidence"`
}

// withheld stands where a secret was.
const withheld = "[withheld]"

// body is the object, with every spelling of a secret withheld in its values.
func (e Event) body(secrets []secret.Text) ([]byte, error) {
	clean := withholding(secrets)
	w := wire{
		Schema: Schema, ID: e.ID, Kind: e.Kind, At: e.At.UTC().Truncate(time.Second), TenantID: clean(e.TenantID), Tenant: clean(e.Tenant),
		Labels: map[string]string{}, Role: clean(e.Role), RoleID: clean(e.RoleID), Before: e.Before, After: e.After,
		Text: clean(e.Text), Changes: []string{}, Evidence: clean(e.Evidence),
	}
	for name, value := range e.Labels {
		w.Labels[clean(name)] = clean(value)
	}
	for _, change := range e.Changes {
		w.Changes = append(w.Changes, clean(change))
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(w); err != nil {
		return nil, fmt.Errorf("encode the notification: %w", err)
	}
	return b.Bytes(), nil
}

func withholding(secrets []secret.Text) func(string) string {
	var pairs []string
	for _, s := range secrets {
		for _, spelling := range spellings(s.Reveal()) {
			pairs = append(pairs, spelling, withheld)
		}
	}
	return strings.NewReplacer(pairs...).Replace
}
