package entra

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// Labels are the accessible names of the portal's controls in one language. Of each there may be
// several, where pages of different ages differ. A list may be empty: the English name is always
// tried as well.
type Labels struct {
	// Language is for people to read.
	Language string `json:"language"`
	// Eligible and Active are the tabs of My roles.
	Eligible []string `json:"eligible"`
	Active   []string `json:"active"`
	// Activate and Deactivate are the links in the row of a role, and the buttons of its pane.
	Activate   []string `json:"activate"`
	Deactivate []string `json:"deactivate"`
	// ActivateTitle and DeactivateTitle are what the pane's title says before the role's name.
	ActivateTitle   []string `json:"activate_title"`
	DeactivateTitle []string `json:"deactivate_title"`
	// ContextBanner and MFABanner are the beginnings of the demands for additional verification.
	ContextBanner []string `json:"context_banner"`
	MFABanner     []string `json:"mfa_banner"`
	// Fields of the form.
	Duration     []string `json:"duration"`
	Reason       []string `json:"reason"`
	TicketNumber []string `json:"ticket_number"`
	TicketSystem []string `json:"ticket_system"`
	// What the page says in the end.
	Activated   []string `json:"activated"`
	Pending     []string `json:"pending"`
	Scheduled   []string `json:"scheduled"`
	Accepted    []string `json:"accepted"`
	Deactivated []string `json:"deactivated"`
	// Dismiss are the buttons that close a survey, a teaching bubble, or news.
	Dismiss []string `json:"dismiss"`

	languages []string // of labels that were added up
}

// inEnglish is built in. Names are documented or observed where a comment says so.
var inEnglish = Labels{
	Language: "en",
	// Documented, as are Activate, Deactivate and Reason.
	Eligible:   []string{"Eligible assignments"},
	Active:     []string{"Active assignments"},
	Activate:   []string{"Activate"},
	Deactivate: []string{"Deactivate"},
	// Observed.
	ActivateTitle:   []string{"Activate - "},
	DeactivateTitle: []string{"Deactivate - "},
	// Documented; the trailing stop is missing in one source.
	ContextBanner: []string{"A Conditional Access policy is enabled and may require additional verification. Click to continue"},
	// Observed.
	MFABanner: []string{"Additional verification required. Click to continue"},
	// Inferred; the page offers half hours up to the role setting's maximum.
	Duration:     []string{"Duration (hours)"},
	Reason:       []string{"Reason"},
	TicketNumber: []string{"Ticket number"},
	TicketSystem: []string{"Ticket system"},
	// Inferred, as is everything below.
	Activated:   []string{"Activation completed successfully"},
	Pending:     []string{"Your request is pending approval"},
	Scheduled:   []string{"Your activation is scheduled"},
	Accepted:    []string{"Your activation was accepted and is still being applied"},
	Deactivated: []string{"Deactivation completed successfully"},
	Dismiss:     []string{"Close", "Dismiss", "Got it", "Not now", "Maybe later", "No thanks", "Skip"},
}

//go:embed labels/*.json
var labelFiles embed.FS

// known are the labels of every language that ships: English, and the files in labels.
var known = func() Labels {
	all := inEnglish
	all.languages = []string{inEnglish.Language}
	files, err := labelFiles.ReadDir("labels")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, file := range files {
		text, err := labelFiles.ReadFile("labels/" + file.Name())
		if err != nil {
			panic(err)
		}
		more, err := ReadLabels(bytes.NewReader(text))
		if err != nil {
			panic(fmt.Errorf("%s: %w", file.Name(), err)) // a test reads them
		}
		all = all.with(more)
	}
	return all
}()

// ReadLabels reads the labels of one language from JSON: an object with the members of Labels. A
// member that is not one of them is an error, and so is a file with no label at all. It says
// nothing about whether the names are right: the portal shows that.
func ReadLabels(r io.Reader) (Labels, error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	var l Labels
	if err := decoder.Decode(&l); err != nil {
		return Labels{}, fmt.Errorf("read portal labels: %w (members: %s)", err, strings.Join(labelMembers(), ", "))
	}
	if l.Language == "" {
		return Labels{}, fmt.Errorf("read portal labels: member %q is missing: which language is this?", "language")
	}
	given := 0
	for _, list := range l.lists() {
		given += len(*list)
		for _, text := range *list {
			if strings.TrimSpace(text) == "" {
				return Labels{}, fmt.Errorf("read portal labels: a label of %q is empty, and would match anything", l.Language)
			}
		}
	}
	if given == 0 {
		return Labels{}, fmt.Errorf("read portal labels: %q names nothing (members: %s)", l.Language, strings.Join(labelMembers(), ", "))
	}
	return l, nil
}

// with returns labels that match in this language and in another.
func (l Labels) with(more Labels) Labels {
	l.languages = append(slices.Clone(l.languages), strings.ToLower(more.Language))
	own, other := l.lists(), more.lists()
	for i := range own {
		*own[i] = append((*own[i])[:len(*own[i]):len(*own[i])], *other[i]...)
	}
	return l
}

// lists are all lists, in the order of the struct.
func (l *Labels) lists() []*[]string {
	var all []*[]string
	for i, v := 0, reflect.ValueOf(l).Elem(); i < v.NumField(); i++ {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		if list, ok := v.Field(i).Addr().Interface().(*[]string); ok {
			all = append(all, list)
		}
	}
	return all
}

// labelMembers are the names of the members in a file.
func labelMembers() []string {
	var names []string
	for field := range reflect.TypeFor[Labels]().Fields() {
		if !field.IsExported() {
			continue
		}
		names = append(names, field.Tag.Get("json"))
	}
	return names
}

// Roles of ARIA under which the portal may show a thing.
var (
	pressable  = []string{"button", "link"}
	panes      = []string{"dialog", "alertdialog", "region", "complementary"}
	rangeRoles = []string{"spinbutton", "slider", "textbox"}
	textRoles  = []string{"StaticText"}
)
