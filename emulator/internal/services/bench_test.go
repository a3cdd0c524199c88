package services_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/gateway"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/provision"
	"github.com/reprompt/reprompt/emulator/internal/services"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// load is how full a process is: the tenant that is read, and the others.
type load struct {
	name   string
	others int // further tenants
	spread int // objects in each tenant
	read   int // further objects in the tenant that is read
}

// BenchmarkGraphRead is a read of Microsoft Graph as the server sees it, from the gateway
// to the answer, without TLS and without the latency that is made up: by a process with 300
// tenants and 20,000 objects, and by one that has all of these objects in the tenant that is
// read. Each request is followed by the same one to a process with nothing but this tenant,
// so that both meet the same machine. p95 is the 95th percentile, in microseconds, and
// p95-ratio what the load makes of it.
func BenchmarkGraphRead(b *testing.B) {
	empty := newProcess(b, load{})
	for _, l := range []load{{name: "300 tenants with 20,000 objects", others: 299, spread: 67}, {name: "20,000 objects in one tenant", others: 299, read: 20_000}} {
		full := newProcess(b, l)
		for _, read := range []struct {
			name string
			path func(provision.Facts) string
		}{
			{"user", func(f provision.Facts) string { return "/v1.0/users/" + f.AdminID }},
			{"user by name", func(f provision.Facts) string { return "/v1.0/users?$filter=userPrincipalName eq '" + f.AdminUPN + "'" }},
			{"policies", func(provision.Facts) string { return "/v1.0/identity/conditionalAccess/policies" }},
			{"eligibility of a user", func(f provision.Facts) string {
				return "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances?$filter=principalId eq '" + f.AdminID + "'"
			}},
			{"groups of a user", func(f provision.Facts) string { return "/v1.0/users/" + f.AdminID + "/transitiveMemberOf" }},
			{"a page of users", func(provision.Facts) string { return "/v1.0/users?$top=3" }},
		} {
			b.Run(l.name+"/"+read.name, func(b *testing.B) {
				var of, alone []time.Duration
				for b.Loop() {
					of, alone = append(of, full.get(b, read.path(full.facts))), append(alone, empty.get(b, read.path(empty.facts)))
				}
				b.ReportMetric(float64(percentile(of, 95).Microseconds()), "p95-µs")
				b.ReportMetric(float64(percentile(alone, 95).Microseconds()), "p95-empty-µs")
				b.ReportMetric(float64(percentile(of, 95))/float64(percentile(alone, 95)), "p95-ratio")
				b.ReportMetric(float64(percentile(of, 50))/float64(percentile(alone, 50)), "p50-ratio")
			})
		}
	}
}

// process is a server with tenants, and a token of the application in the one that is read.
type process struct {
	handler http.Handler
	facts   provision.Facts
	token   string
}

func newProcess(b *testing.B, l load) *process {
	b.Helper()
	st := store.New(5, nil)
	keys := issuer.NewKeys(time.Now(), 0)
	p := &process{handler: gateway.New(st, services.New(st, keys), nil)}
	for i := range l.others + 1 {
		_, err := st.Create(func(t *store.Tenant) error {
			facts := provision.Fill(t)
			if i > 0 {
				populate(t, l.spread)
				return nil
			}
			p.facts = facts
			populate(t, l.spread+l.read)
			return provision.Sample(t, facts)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	var err error
	if p.token, err = (&tenant{store: st, parts: services.New(st, keys), facts: p.facts}).applicationToken(); err != nil {
		b.Fatal(err)
	}
	return p
}

// populate adds objects: of ten, seven users, two groups of five members, one eligibility.
func populate(t *store.Tenant, objects int) {
	var users []string
	for i := range objects {
		switch {
		case i%10 < 7:
			id := t.NewID()
			users = append(users, id)
			t.Users.Put(id, &store.User{ID: id, UPN: fmt.Sprintf("user%d@%s", i, t.Domain), DisplayName: fmt.Sprintf("User %d", i), Enabled: true, CreatedAt: t.Now()})
		case i%10 < 9:
			id := t.NewID()
			t.Groups.Put(id, &store.Group{ID: id, DisplayName: fmt.Sprintf("Group %d", i), Members: slices.Clone(users[len(users)-5:]), CreatedAt: t.Now()})
		default:
			s := store.Schedule{ID: t.NewID(), Kind: store.Eligibility, PrincipalID: users[len(users)-1], RoleDefinitionID: store.RoleUserAdministrator, DirectoryScopeID: "/", Start: t.Now(), CreatedAt: t.Now()}
			t.Schedules.Put(s.ID, s, t.Now())
		}
	}
}

// get sends one read and returns how long it took.
func (p *process) get(b *testing.B, path string) time.Duration {
	r := httptest.NewRequest(http.MethodGet, "https://graph.microsoft.com"+strings.ReplaceAll(path, " ", "%20"), nil)
	r.Header.Set("Authorization", "Bearer "+p.token)
	w := httptest.NewRecorder()
	began := time.Now()
	p.handler.ServeHTTP(w, r)
	took := time.Since(began)
	if w.Code != http.StatusOK {
		b.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return took
}

func percentile(took []time.Duration, n int) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)*n/100]
}
