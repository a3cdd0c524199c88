package evidence

import "time"

// The parts of NIST's OSCAL assessment-results model (release 1.1.3, JSON) that makeOSCAL writes.
// Documented: https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-reference/
type (
	oscalDocument struct {
		Results oscalAssessmentResults `json:"assessment-results"`
	}
	oscalAssessmentResults struct {
		UUID       string          `json:"uuid"`
		Metadata   oscalMetadata   `json:"metadata"`
		ImportAP   oscalImport     `json:"import-ap"`
		Results    []oscalResult   `json:"results"`
		BackMatter oscalBackMatter `json:"back-matter"`
	}
	oscalMetadata struct {
		Title        string    `json:"title"`
		LastModified time.Time `json:"last-modified"`
		Version      string    `json:"version"`
		OSCALVersion string    `json:"oscal-version"`
	}
	oscalImport struct {
		Href string `json:"href"`
	}
	oscalResult struct {
		UUID         string                `json:"uuid"`
		Title        string                `json:"title"`
		Description  string                `json:"description"`
		Start        time.Time             `json:"start"`
		End          time.Time             `json:"end"`
		Props        []oscalProp           `json:"props,omitempty"`
		Local        oscalLocalDefinitions `json:"local-definitions"`
		Reviewed     oscalReviewed         `json:"reviewed-controls"`
		Observations []oscalObservation    `json:"observations,omitempty"`
		Findings     []oscalFinding        `json:"findings,omitempty"`
		Remarks      string                `json:"remarks,omitempty"`
	}
	oscalProp struct {
		Name  string `json:"name"`
		NS    string `json:"ns"`
		Value string `json:"value"`
	}
	oscalLocalDefinitions struct {
		Components []oscalComponent `json:"components"`
	}
	oscalComponent struct {
		UUID        string      `json:"uuid"`
		Type        string      `json:"type"`
		Title       string      `json:"title"`
		Description string      `json:"description"`
		Props       []oscalProp `json:"props,omitempty"`
		Status      oscalState  `json:"status"`
	}
	oscalState struct {
		State string `json:"state"`
	}
	oscalReviewed struct {
		Selections []oscalSelection `json:"control-selections"`
	}
	oscalSelection struct {
		Description string           `json:"description"`
		Include     []oscalControlID `json:"include-controls,omitempty"`
	}
	oscalControlID struct {
		ID string `json:"control-id"`
	}
	oscalObservation struct {
		UUID        string          `json:"uuid"`
		Title       string          `json:"title"`
		Description string          `json:"description"`
		Props       []oscalProp     `json:"props,omitempty"`
		Methods     []string        `json:"methods"`
		Types       []string        `json:"types"`
		Origins     []oscalOrigin   `json:"origins"`
		Subjects    []oscalSubject  `json:"subjects"`
		Evidence    []oscalEvidence `json:"relevant-evidence,omitempty"`
		Collected   time.Time       `json:"collected"`
		Remarks     string          `json:"remarks,omitempty"`
	}
	oscalOrigin struct {
		Actors []oscalActor `json:"actors"`
	}
	oscalActor struct {
		Type string `json:"type"`
		UUID string `json:"actor-uuid"`
	}
	oscalSubject struct {
		UUID string `json:"subject-uuid"`
		Type string `json:"type"`
	}
	oscalEvidence struct {
		Href        string `json:"href"`
		Description string `json:"description"`
	}
	oscalFinding struct {
		UUID        string         `json:"uuid"`
		Title       string         `json:"title"`
		Description string         `json:"description"`
		Props       []oscalProp    `json:"props,omitempty"`
		Links       []oscalLink    `json:"links"`
		Origins     []oscalOrigin  `json:"origins"`
		Target      oscalTarget    `json:"target"`
		Related     []oscalRelated `json:"related-observations,omitempty"`
	}
	oscalLink struct {
		Href string `json:"href"`
		Rel  string `json:"rel"`
	}
	oscalTarget struct {
		Type   string      `json:"type"`
		ID     string      `json:"target-id"`
		Status oscalStatus `json:"status"`
	}
	oscalStatus struct {
		State   string `json:"state"`
		Reason  string `json:"reason"`
		Remarks string `json:"remarks"`
	}
	oscalRelated struct {
		UUID string `json:"observation-uuid"`
	}
	oscalBackMatter struct {
		Resources []oscalResource `json:"resources"`
	}
	oscalResource struct {
		UUID        string            `json:"uuid"`
		Title       string            `json:"title"`
		Description string            `json:"description,omitempty"`
		Links       []oscalRemoteLink `json:"rlinks"`
	}
	oscalRemoteLink struct {
		Href   string      `json:"href"`
		Hashes []oscalHash `json:"hashes,omitempty"`
	}
	oscalHash struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"value"`
	}
)
