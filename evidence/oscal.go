package evidence

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
)

const (
	oscalName = "oscal-assessment-results.json"
	// oscalVersion is the release of NIST's schema that the file is valid against.
	oscalVersion = "1.1.3"
	// oscalNamespace is that of our properties, and the root of every id.
	oscalNamespace = "https://github.com/reprompt/reprompt/ns/oscal"
)

// makeOSCAL writes assessment results: an observation per proof, a finding per mapped control, and every
// file that they lean on as a resource with its digest. The ids are made from the run and from what they
// name (UUID version 5), so that the same run always has the same ones.
//
// OSCAL knows two states of a finding. Undecided is written as not-satisfied with the reason "other",
// and with why in its remarks; "fail" is written only where a proof showed that the control is not met.
func makeOSCAL(c contents) ([]byte, error) {
	files, err := c.files.list()
	if err != nil {
		return nil, err
	}
	a := newAssessor(c, files)
	document := oscalDocument{Results: oscalAssessmentResults{
		UUID: a.id("assessment-results"),
		Metadata: oscalMetadata{
			Title: "Re-authentication on the activation of privileged roles, run " + c.run.ID, LastModified: a.end(),
			Version: c.run.ID, OSCALVersion: oscalVersion,
		},
		ImportAP:   oscalImport{Href: "#" + a.id("plan")},
		Results:    []oscalResult{a.result()},
		BackMatter: oscalBackMatter{Resources: a.resources()},
	}}
	content, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write OSCAL: %w", err)
	}
	return append(content, '\n'), nil
}

// assessor makes the parts of the document.
type assessor struct {
	contents
	space uuid   // of the run
	kept  []File // those that the document links to
}

func newAssessor(c contents, files []File) assessor {
	root := namespaceURL.named(oscalNamespace)
	name := strings.Join([]string{c.run.TenantID, c.run.ID, c.run.Started.UTC().Format(time.RFC3339Nano)}, "\n")
	a := assessor{contents: c, space: root.named(name)}
	ofProofs := map[string]bool{}
	for _, s := range c.run.Scenarios {
		ofProofs[s.Dir] = true
	}
	for _, file := range files {
		if file.Path == reportName || file.Path == runName || ofProofs[path.Dir(file.Path)] && path.Ext(file.Path) != ".png" {
			a.kept = append(a.kept, file)
		}
	}
	return a
}

// id is that of a part of the document, by its name.
func (a assessor) id(name string) string { return a.space.named(name).String() }

func (a assessor) end() time.Time {
	if a.run.Finished != nil {
		return a.run.Finished.UTC()
	}
	return a.run.Started.UTC()
}

func (a assessor) result() oscalResult {
	r := oscalResult{
		UUID: a.id("result"), Title: "Run " + a.run.ID, Start: a.run.Started.UTC(), End: a.end(),
		Description: "Each proof activated a role as an admin would and watched whether the tenant asked to sign in again.",
		Props:       a.props("target", string(a.run.Target), "reprompt-version", a.run.Build.Version, "reprompt-commit", a.run.Build.Commit),
		Local:       a.localDefinitions(),
		Reviewed:    a.reviewed(),
		Remarks:     a.remarks(),
	}
	for _, s := range a.all() {
		r.Observations = append(r.Observations, a.observation(s))
	}
	assessed := a.assess(a.run.Controls)
	for i, control := range a.run.Controls {
		r.Findings = append(r.Findings, a.finding(control, assessed[i]))
	}
	return r
}

// clockRemark says by which clock the times of the document are.
const clockRemark = "Every time here is by the clock of the machine that ran; the files of the evidence give the tenant's, too."

func (a assessor) remarks() string {
	if b := bannerFor(a.run); b.Title != "" {
		return b.Title + ": " + b.Text + " " + clockRemark
	}
	return clockRemark
}

// collected is when a scenario ended, by the clock of the run's start and end.
func (a assessor) collected(s scenarioContents) time.Time {
	if s.Started.IsZero() {
		return a.end()
	}
	return s.Started.Add(s.Took).UTC()
}

// props are properties of our own by name and value; those without a value are left out.
func (a assessor) props(pairs ...string) []oscalProp {
	var all []oscalProp
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := strings.Join(strings.Fields(pairs[i+1]), " "); value != "" {
			all = append(all, oscalProp{Name: pairs[i], NS: oscalNamespace, Value: value})
		}
	}
	return all
}

// localDefinitions name the tenant, which is the subject, and reprompt, which is the tool.
func (a assessor) localDefinitions() oscalLocalDefinitions {
	tenant := "A Microsoft Entra tenant"
	if a.run.TenantID != "" {
		tenant += " " + a.run.TenantID
	}
	tool := oscalComponent{
		UUID: a.id("tool"), Type: "software", Title: "reprompt", Status: oscalState{State: "operational"},
		Description: "Activates privileged roles with a real browser and decides from what was observed.",
	}
	subject := oscalComponent{
		UUID: a.id("tenant"), Type: "service", Title: tenant, Description: "The tenant that the proofs were made of.",
		Props: a.props("target", string(a.run.Target), "tenant-id", a.run.TenantID), Status: oscalState{State: "operational"},
	}
	return oscalLocalDefinitions{Components: []oscalComponent{subject, tool}}
}

// reviewed lists the controls, one selection per framework.
func (a assessor) reviewed() oscalReviewed {
	var r oscalReviewed
	at := map[string]int{}
	for _, control := range a.run.Controls {
		i, known := at[control.Framework]
		if !known {
			i = len(r.Selections)
			at[control.Framework] = i
			r.Selections = append(r.Selections, oscalSelection{Description: control.Framework})
		}
		r.Selections[i].Include = append(r.Selections[i].Include, oscalControlID{ID: control.ID})
	}
	if len(r.Selections) == 0 {
		r.Selections = []oscalSelection{{Description: "No control was mapped."}}
	}
	return r
}

func (a assessor) observation(s scenarioContents) oscalObservation {
	o := oscalObservation{
		UUID: a.id("observation " + s.Dir), Title: s.Name, Description: "The proof came to no verdict.",
		Methods: []string{"TEST"}, Types: []string{"control-objective"}, Collected: a.collected(s),
		Props:    a.props("verdict", string(s.Verdict), "state", s.State, "feature", s.Feature),
		Origins:  a.origins(),
		Subjects: []oscalSubject{{UUID: a.id("tenant"), Type: "component"}},
		Evidence: a.evidenceOf(s.scenarioRecord),
		Remarks:  s.Failure,
	}
	if s.observation != nil {
		o.Props = append(o.Props, a.props("role", s.observation.Role.Name, "role-definition-id", s.observation.Role.DefinitionID,
			"way", string(s.observation.Way), "require", string(s.observation.Require))...)
	}
	if s.verdict != nil {
		o.Description = s.verdict.Summary
		o.Props = append(o.Props, a.props("rules", fmt.Sprint(s.verdict.Rules), "screen", s.verdict.Witnesses.Screen,
			"token", s.verdict.Witnesses.Token, "log", s.verdict.Witnesses.Log)...)
		for _, reason := range s.verdict.Reasons {
			o.Props = append(o.Props, a.props("reason", string(reason.Code))...)
		}
		for _, cause := range s.verdict.Causes {
			o.Props = append(o.Props, a.props("cause", string(cause.Code))...)
		}
	}
	return o
}

func (a assessor) origins() []oscalOrigin {
	return []oscalOrigin{{Actors: []oscalActor{{Type: "tool", UUID: a.id("tool")}}}}
}

// evidenceOf links to the files of a proof.
func (a assessor) evidenceOf(s scenarioRecord) []oscalEvidence {
	var all []oscalEvidence
	for _, file := range a.kept {
		if path.Dir(file.Path) == s.Dir {
			all = append(all, oscalEvidence{Href: "#" + a.id("file "+file.Path), Description: file.Path})
		}
	}
	return all
}

func (a assessor) finding(control MappedControl, assessed Assessment) oscalFinding {
	f := oscalFinding{
		UUID: a.id("finding " + control.ID), Title: control.Label + " " + control.Title,
		Description: "What a proof says of it: " + control.Says + " What it does not say: " + control.Limits,
		Props:       a.props("framework", control.Framework, "label", control.Label, "state", string(assessed.State)),
		Links:       []oscalLink{{Href: control.Source, Rel: "reference"}},
		Origins:     a.origins(),
		Target:      oscalTarget{Type: "objective-id", ID: control.objective(), Status: assessed.oscal()},
	}
	for _, s := range a.run.Scenarios {
		f.Related = append(f.Related, oscalRelated{UUID: a.id("observation " + s.Dir)})
		for _, file := range a.evidenceOf(s) {
			if path.Base(file.Description) == verdictName {
				f.Links = append(f.Links, oscalLink{Href: file.Href, Rel: "evidence"})
			}
		}
	}
	return f
}

func (c MappedControl) objective() string {
	if c.Objective != "" {
		return c.Objective
	}
	return c.ID
}

// oscal is the state in OSCAL's words.
func (a Assessment) oscal() oscalStatus {
	switch a.State {
	case Satisfied:
		return oscalStatus{State: "satisfied", Reason: "pass", Remarks: a.Text}
	case NotSatisfied:
		return oscalStatus{State: "not-satisfied", Reason: "fail", Remarks: a.Text}
	default:
		return oscalStatus{State: "not-satisfied", Reason: "other", Remarks: "Not decided. " + a.Text}
	}
}

// resources are the files, and what stands for the plan, which there is none of.
func (a assessor) resources() []oscalResource {
	all := []oscalResource{{
		UUID: a.id("plan"), Title: "No assessment plan",
		Description: "The assessment follows no plan in OSCAL. What was done stands in the command of run.json and in each proof's events.",
		Links:       []oscalRemoteLink{{Href: runName}},
	}}
	for _, file := range a.kept {
		all = append(all, oscalResource{
			UUID: a.id("file " + file.Path), Title: file.Path,
			Links: []oscalRemoteLink{{Href: file.Path, Hashes: []oscalHash{{Algorithm: "SHA-256", Value: file.SHA256}}}},
		})
	}
	return all
}
