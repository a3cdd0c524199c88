package store

import (
	"math/rand/v2"
	"time"
)

// Languages of the pages. The last is a pseudo-locale: English in letters that nobody reads,
// and longer, as software vendors test with; clients that follow words instead of ids fail
// on it. The pages of portal and sign-in know English, German, French and Polish; under any
// other they are English.
const (
	English = "en"
	German  = "de"
	French  = "fr"
	Polish  = "pl"
	Pseudo  = "qps-ploc"
)

// Languages lists them.
func Languages() []string { return append(drawn(), Polish) }

// drawn are the languages that an adversarial tenant may be in. Polish is not: it is there for clients
// that are told what its words are.
func drawn() []string { return []string{English, German, French, Pseudo} }

// Manner is what an adversarial tenant does that a real one may do or leave: nothing in it
// is wrong, and no client may depend on it. It comes from the tenant's variant. The zero
// value is the manner of a tenant that is not adversarial.
type Manner struct {
	// HidesStay: "stay signed in?" is not asked (documented: an option of company branding).
	HidesStay bool
	// Confirms: the app is to be confirmed after a sign-in to a native client (observed as
	// AADSTS50199, not in every tenant).
	Confirms bool
	// ConfirmsFirst puts that page before "stay signed in?".
	ConfirmsFirst bool
	// Latency bounds how long an answer takes on top of what every tenant's takes.
	Latency time.Duration
}

// adversary is the source of an adversarial tenant's manner. It is not [Tenant.Rand], so
// that ids and secrets stay those of the seed.
type adversary struct {
	manner Manner
	source *rand.Rand
}

// slowest keeps a run usable; it is many times what an answer takes otherwise.
const slowest = 30 * time.Millisecond

// SetAdversarial makes the tenant vary, by its variant, what a real one may vary: the order
// of its collections, the pages between sign-in and client, and its latency. language
// chooses the language too.
func (t *Tenant) SetAdversarial(language bool) {
	source := newRand(t.Variant, 0xad7e)
	t.adversary = &adversary{source: source, manner: Manner{
		HidesStay: source.IntN(3) == 0, Confirms: source.IntN(2) == 0, ConfirmsFirst: source.IntN(2) == 0,
		Latency: slowest/4 + time.Duration(source.Int64N(int64(slowest*3/4))),
	}}
	if language {
		t.Language = drawn()[source.IntN(len(drawn()))]
	}
	for _, collection := range t.collections() {
		collection.scatter(source)
	}
}

// SetOrdinary takes the manner away; orders that were mixed up stay so.
func (t *Tenant) SetOrdinary() {
	t.adversary = nil
	for _, collection := range t.collections() {
		collection.scatter(nil)
	}
}

// Manner is how the tenant behaves where a real one is free.
func (t *Tenant) Manner() Manner {
	if t.adversary == nil {
		return Manner{}
	}
	return t.adversary.manner
}

// Latency draws how long the next answer takes on top of what every tenant's takes.
func (t *Tenant) Latency() time.Duration {
	if t.adversary == nil {
		return 0
	}
	return time.Duration(t.adversary.source.Int64N(int64(t.adversary.manner.Latency)))
}

// scatterer is a collection whose order nobody promises.
type scatterer interface{ scatter(source *rand.Rand) }

func (t *Tenant) collections() []scatterer {
	return []scatterer{
		t.Users, t.Groups, t.RoleDefs, t.Units, t.Apps, t.NamedLocations, t.Strengths,
		t.Contexts, t.Policies, t.RoleSettings, t.Schedules, t.Requests,
	}
}
