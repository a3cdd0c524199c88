package metrics

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// Verdicts are the values of the label verdict, each with a sample of its own, so that an alert can name
// the one that it wants.
var Verdicts = []string{"enforced", "not-enforced", "inconclusive"}

// Role is what is known of one role of one tenant.
type Role struct {
	Tenant, TenantID string // the tenant's name in the list, or its file; its id
	Name, ID         string // the role's display name; the id of its definition
	Verdict          string // one of Verdicts; empty: no proof came to a verdict
	Decided          time.Time
	Took             time.Duration // of the proof; 0: not known
}

// Tenant is what is known of one tenant.
type Tenant struct {
	Name, ID    string
	Due         int       // roles whose proof is due
	Overdue     int       // of those, the ones that wait for longer than is allowed
	NotRestored bool      // something of it could not be undone
	Failed      bool      // the last look at it, or its proof, failed
	Looked      time.Time // when its log was last read; zero: not yet, or never
	Undelivered int       // notifications that are yet to be delivered
}

// Board holds the last that is known. It may be used by several goroutines; its zero value is empty.
type Board struct {
	// Now is the clock by which ages are told; nil means the machine's.
	Now func() time.Time

	mu      sync.Mutex
	roles   map[[2]string]Role
	tenants map[string]Tenant
}

// SetRole replaces what is known of a role.
func (b *Board) SetRole(r Role) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.roles == nil {
		b.roles = map[[2]string]Role{}
	}
	b.roles[[2]string{r.Tenant, r.ID}] = r
}

// SetTenant replaces what is known of a tenant.
func (b *Board) SetTenant(t Tenant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tenants == nil {
		b.tenants = map[string]Tenant{}
	}
	b.tenants[t.Name] = t
}

// Families are the metrics at this moment, in a fixed order.
func (b *Board) Families() []Family {
	b.mu.Lock()
	roles := slices.SortedFunc(maps.Values(b.roles), func(x, y Role) int { return cmp.Or(cmp.Compare(x.Tenant, y.Tenant), cmp.Compare(x.ID, y.ID)) })
	tenants := slices.SortedFunc(maps.Values(b.tenants), func(x, y Tenant) int { return cmp.Compare(x.Name, y.Name) })
	b.mu.Unlock()
	now := time.Now
	if b.Now != nil {
		now = b.Now
	}
	return append(roleFamilies(roles, now()), tenantFamilies(tenants)...)
}

func roleFamilies(roles []Role, now time.Time) []Family {
	verdicts := Family{Name: "reprompt_verdict", Help: "1 for the last verdict of a role, 0 for the other two."}
	decided := Family{Name: "reprompt_verdict_timestamp_seconds", Help: "When the last verdict of a role was reached."}
	age := Family{Name: "reprompt_verdict_age_seconds", Help: "How long ago the last verdict of a role was reached."}
	took := Family{Name: "reprompt_proof_duration_seconds", Help: "How long the last proof of a role took, by the tenant's clock."}
	for _, r := range roles {
		labels := []Label{{"tenant", r.Tenant}, {"tenant_id", r.TenantID}, {"role", r.Name}, {"role_id", r.ID}}
		for _, v := range Verdicts {
			if r.Verdict != "" {
				verdicts.add(truth(v == r.Verdict), append(slices.Clone(labels), Label{"verdict", v})...)
			}
		}
		if !r.Decided.IsZero() {
			decided.add(float64(r.Decided.Unix()), labels...)
			age.add(now.Sub(r.Decided).Round(time.Second).Seconds(), labels...)
		}
		if r.Took > 0 {
			took.add(r.Took.Seconds(), labels...)
		}
	}
	return []Family{verdicts, decided, age, took}
}

func tenantFamilies(tenants []Tenant) []Family {
	due := Family{Name: "reprompt_proofs_due", Help: "Roles of a tenant whose proof is due."}
	overdue := Family{Name: "reprompt_proofs_overdue", Help: "Roles of a tenant whose proof is due for longer than is allowed."}
	restored := Family{Name: "reprompt_tenant_restored", Help: "0 for a tenant that could not be restored."}
	up := Family{Name: "reprompt_tenant_up", Help: "0 for a tenant that could not be looked at, or not be proved, the last time."}
	looked := Family{Name: "reprompt_audit_log_read_timestamp_seconds", Help: "When the audit log of a tenant was last read."}
	undelivered := Family{Name: "reprompt_notifications_undelivered", Help: "Notifications about a tenant that are yet to be delivered."}
	for _, t := range tenants {
		labels := []Label{{"tenant", t.Name}, {"tenant_id", t.ID}}
		due.add(float64(t.Due), labels...)
		overdue.add(float64(t.Overdue), labels...)
		restored.add(truth(!t.NotRestored), labels...)
		up.add(truth(!t.Failed), labels...)
		undelivered.add(float64(t.Undelivered), labels...)
		if !t.Looked.IsZero() {
			looked.add(float64(t.Looked.Unix()), labels...)
		}
	}
	return []Family{due, overdue, restored, up, looked, undelivered}
}

func (f *Family) add(value float64, labels ...Label) {
	f.Samples = append(f.Samples, Sample{Labels: labels, Value: value})
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
