package verdict_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// irrelevant are the fields that may be missing or wrong in a proof that is enforced all the
// same, each with the reason. A path is a regular expression over the whole of it.
var irrelevant = []struct {
	path *regexp.Regexp
	why  string
}{
	{whole(`Started|Finished`), "only the order of the steps counts, and each step has its own instant"},
	{whole(`Way`), "each way leaves the same facts; which one it was is told, not judged"},
	{whole(`Role\..*|Admin\.UPN`), "names for people: eligibility and assignments were read for the role itself"},
	{whole(`Setting\.(MFARequired|ApprovalRequired|EnabledRules.*|MaximumDuration)`), "PIM's other conditions ask for no fresh sign-in"},
	{whole(`Setting\.PolicyID`), "only that the setting was read counts, not its id"},
	{whole(`SignIn\.(Started|Finished|Token.*|Authorize.*)`), "the sign-in's verified ID token is what ties the proof to the admin"},
	{whole(`SignIn\.Pages.*`), "how the admin signed in first is not judged; its instants only make the session older or younger"},
	{whole(`.*\.ID\.(Issuer|Audience|Subject|UPN|UTI|IssuedAt|NotBefore|Expires|ACRS.*|AMR.*|SHA256)`), "checked when the token was verified; only who, which session and when it authenticated is compared"},
	{whole(`SignIn\.ID\.AuthTime`), "the silent looks say when the session last authenticated"},
	{whole(`Priming\.(Text|Authentication\.(Started|Finished|Pages.*|Authorize.*))`), "only that the context was satisfied counts"},
	{whole(`Priming\.Authentication\.(ID|Token).*`), "the verified ID token and the access token of the priming each may show the context"},
	{whole(`Probes\[\d\]\.(N|AADSTS|Text)`), "an order among silent looks, and words about a refusal that did not happen"},
	{whole(`Probes\[[23]\]\.Dead`), "a look that returned a verified ID token was not at a dead session, whatever else it says"},
	{whole(`Replays\[\d\]\.(Mode|Age|RequestID)`), "one refusal of a real request is enough, and how old the token was is told, not judged"},
	{whole(`Replays\[\d\]\.Claims\.(Audience|Issuer|AppID|SessionID|UTI|Scopes.*|Roles.*|WIDs.*|AMR.*|XMSCC|IssuedAt|NotBefore|Expires|AuthTime|SHA256|ACRS.*)`), "opaque evidence: only the admin, the capability and the absence of the context count"},
	{whole(`Activations\[\d\]\.(RequestID|Demands|Deactivated|GiveBackRefusals|Withdrawn|Approval|Expired|Code|TokenHost|TokenProblem|AuthAge)`), "words about the request, and what was done afterwards; the age is also measured from the sign-in"},
	{whole(`Activations\[\d\]\.Status`), "200 and 201 are both observed for an accepted activation"},
	{whole(`Activations\[\d\]\.Challenge\.Source`), "where the demand was seen follows from the way"},
	{whole(`Activations\[\d\]\.StepUp\.(Started|Finished|Token.*)`), "the pages, the authorize request and the token that activated are what counts"},
	{whole(`graph: Activations\[0\]\.StepUp\.ID`), "the silent look after the activation shows the same"},
	{whole(`graph: Probes\[2\].*|graph: Probes`), "the ID token of the own step-up shows the same"},
	{whole(`Activations\[\d\]\.StepUp\.Authorize\.(At|ClientID)`), "who asked and when exactly is told; what it asked for is judged"},
	{whole(`Activations\[\d\]\.StepUp\.Pages\[\d\]\.(Page|PGID|Host|Screenshot|Factor)`), "under any credential it counts that a credential page stood still, not which"},
	{whole(`Activations\[\d\]\.Token\.(Audience|Issuer|AppID|SessionID|UTI|Scopes.*|Roles.*|WIDs.*|ACRS|AMR.*|XMSCC.*|IssuedAt|NotBefore|Expires|AuthTime|SHA256)`), "opaque evidence: that the server took the token is the proof"},
	{whole(`Configuration.*`), "read beside the proof: it limits what the sentence says, not what was seen"},
	{whole(`Log.*`), "the log confirms or disagrees, it never overrules"},
	{whole(`Entries.*`), "how the portal was opened is told; a credential that was asked for there ends the proof"},
	{whole(`Elsewhere|Elsewhere\.(Asked|SignIns|Activations|Complete|Text)`), "somebody else can suppress a prompt and cause none: what could not be looked at takes nothing from one that was seen"},
	{whole(`Prediction.*`), "What-If advises: it reads the configuration and tries nothing"},
}

// exceptions are fields below an irrelevant one that matter in one way: dropping them must
// never leave enforced.
var exceptions = []struct {
	path   *regexp.Regexp
	damage string
}{
	{whole(`Setting\.PolicyID`), "drop"},
	{whole(`Activations\[\d\]\.Status`), "drop"},
	{whole(`Activations\[\d\]\.AuthAge`), "drop"},
	{whole(`Activations\[\d\]\.StepUp\.Authorize\.At`), "drop"},
	{whole(`Activations\[\d\]\.StepUp\.Pages\[\d\]\.Factor`), "drop"},
	{whole(`Probes\[[01]\]\.ID`), "drop"},
	{whole(`Activations\[\d\]\.Token\.ACRS`), "drop"},
	{whole(`Replays\[\d\]\.Claims\.XMSCC`), "drop"},
}

// whole is a pattern for a whole path, in every proof or, after its name and a colon, in one.
func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

// excuse is the index in irrelevant of the reason why this damage to the named proof does not
// matter; -1 when there is none.
func excuse(proof string, d damage) int {
	for _, e := range exceptions {
		if e.damage == d.kind && e.path.MatchString(d.path) {
			return -1
		}
	}
	for i, row := range irrelevant {
		if row.path.MatchString(d.path) || row.path.MatchString(proof+": "+d.path) {
			return i
		}
	}
	return -1
}

// damage is one way to spoil one field.
type damage struct {
	path, kind string
	spoil      func(root reflect.Value)
}

// damages lists every way to spoil every field below v; reach finds the field in a copy.
func damages(v reflect.Value, path string, reach func(reflect.Value) reflect.Value) []damage {
	add := func(kind string, set func(reflect.Value)) damage {
		return damage{path, kind, func(root reflect.Value) { set(reach(root)) }}
	}
	var drop []damage
	if !v.IsZero() {
		drop = []damage{add("drop", func(f reflect.Value) { f.SetZero() })}
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		shift := func(d time.Duration) func(reflect.Value) {
			return func(f reflect.Value) { f.Set(reflect.ValueOf(f.Interface().(time.Time).Add(d))) }
		}
		return append(drop, add("a day later", shift(24*time.Hour)), add("a day earlier", shift(-24*time.Hour)))
	}
	switch v.Kind() {
	case reflect.Struct:
		return structDamages(v, path, reach)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return append(damages(v.Elem(), path, func(r reflect.Value) reflect.Value { return reach(r).Elem() }), drop...)
	case reflect.Slice:
		return append(sliceDamages(v, path, reach), drop...)
	case reflect.String:
		return append(drop, add("garble", func(f reflect.Value) { f.SetString("garbled") }))
	case reflect.Bool:
		return []damage{add("turn", func(f reflect.Value) { f.SetBool(!f.Bool()) })}
	default:
		return append(drop, add("more", func(f reflect.Value) { f.SetInt(f.Int() + 1) }), add("negative", func(f reflect.Value) { f.SetInt(-1 - f.Int()) }))
	}
}

func structDamages(v reflect.Value, path string, reach func(reflect.Value) reflect.Value) []damage {
	var all []damage
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if path != "" {
			name = path + "." + name
		}
		all = append(all, damages(v.Field(i), name, func(r reflect.Value) reflect.Value { return reach(r).Field(i) })...)
	}
	return all
}

func sliceDamages(v reflect.Value, path string, reach func(reflect.Value) reflect.Value) []damage {
	var all []damage
	if v.Type().Elem().Kind() == reflect.String {
		all = append(all, damage{path, "add", func(root reflect.Value) {
			f := reach(root)
			f.Set(reflect.Append(f, reflect.ValueOf("added").Convert(f.Type().Elem())))
		}})
	}
	for i := range v.Len() {
		element := fmt.Sprintf("%s[%d]", path, i)
		all = append(all, damages(v.Index(i), element, func(r reflect.Value) reflect.Value { return reach(r).Index(i) })...)
		all = append(all, damage{element, "remove", func(root reflect.Value) {
			f := reach(root)
			f.Set(reflect.AppendSlice(f.Slice(0, i), f.Slice(i+1, f.Len())))
		}})
	}
	return all
}

// lean is a proof without anything twice: one page that asked, and no second account of it.
func lean() verdict.Observation {
	o := enforced()
	first(&o).StepUp.Pages = []verdict.PageVisit{credential("passkey", "passkey", at(11, 35))}
	return o
}

// leanTwice has two activations, each without anything twice.
func leanTwice() verdict.Observation {
	o := twice()
	for i := range o.Activations {
		o.Activations[i].StepUp.Pages = o.Activations[i].StepUp.Pages[:1]
	}
	return o
}

func copyOf(t testing.TB, o verdict.Observation) verdict.Observation {
	t.Helper()
	content, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var c verdict.Observation
	if err := json.Unmarshal(content, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func itself(v reflect.Value) reflect.Value { return v }

// proofs are what is damaged, by name.
func proofs() map[string]verdict.Observation {
	graph := throughGraph()
	graph.Log = logOf(logRow())
	graph.Prediction = foretold("enabled", "everyTime")
	graph.Elsewhere = &verdict.Elsewhere{Asked: at(17, 0), SignIns: []verdict.OtherUse{}, Activations: []verdict.OtherUse{}, Complete: true}
	graph.Activations[0].StepUp.Pages = graph.Activations[0].StepUp.Pages[:1]
	portal := lean()
	portal.Entries = []verdict.Authentication{{Started: at(11, 30), Finished: at(11, 31), Pages: []verdict.PageVisit{{At: at(11, 30), Page: "account picker", StoodStill: true}}}}
	return map[string]verdict.Observation{"portal": portal, "twice": leanTwice(), "graph": graph}
}

// No single field that is dropped or damaged may leave a proof enforced, unless the list above
// says why it does not matter.
func TestADamagedProofIsNeverEnforced(t *testing.T) {
	excused := map[int]bool{}
	for name, proof := range proofs() {
		if v := verdict.Decide(proof); v.Outcome != verdict.Enforced {
			t.Fatalf("%s: the undamaged proof is %s: %v", name, v.Outcome, v.Reasons)
		}
		all := damages(reflect.ValueOf(&proof).Elem(), "", itself)
		if len(all) < 500 {
			t.Fatalf("%s: only %d ways to damage a proof: the walk is broken", name, len(all))
		}
		for _, d := range all {
			o := copyOf(t, proof)
			d.spoil(reflect.ValueOf(&o).Elem())
			if verdict.Decide(o).Outcome != verdict.Enforced {
				continue
			}
			why := excuse(name, d)
			if why < 0 {
				t.Errorf("%s: %s of %s left it enforced", name, d.kind, d.path)
			}
			excused[why] = true
		}
	}
	for i, row := range irrelevant {
		if !excused[i] {
			t.Errorf("%s is listed as irrelevant, yet no damage to it left a proof enforced: take it off the list", row.path)
		}
	}
}

// Many things wrong at once must not add up to enforced either: a proof from which one thing
// that matters is missing stays short of it whatever else is damaged.
func FuzzDamagedTogether(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	proof := leanTwice()
	all := damages(reflect.ValueOf(&proof).Elem(), "", itself)
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		o := copyOf(t, proof)
		matters, spoiled := false, map[string]bool{}
		for range 2 + random.IntN(6) {
			d := all[random.IntN(len(all))]
			if spoiled[d.path] {
				continue // it would take the place of the first: a field that was dropped is there again, garbled
			}
			spoiled[d.path] = true
			matters = spoilIfThere(d, &o) && excuse("twice", d) < 0 || matters
		}
		if v := verdict.Decide(o); matters && v.Outcome == verdict.Enforced {
			t.Errorf("seed %d: enforced with what matters damaged: %v", seed, v.Reasons)
		}
	})
}

// spoilIfThere applies a damage unless an earlier one took the place away.
func spoilIfThere(d damage, o *verdict.Observation) (done bool) {
	defer func() {
		if recover() != nil {
			done = false
		}
	}()
	d.spoil(reflect.ValueOf(o).Elem())
	return true
}
