package entra

// labels are the accessible names of the portal's controls, in every language that is known.
// English names are documented or observed, as their comments say; all others are inferred.
type labels struct {
	eligible, active         []string
	activate, deactivate     []string
	activateTitle            []string // before the role's name
	deactivateTitle          []string
	contextBanner, mfaBanner []string
	duration, reason         []string
	ticketNumber             []string
	ticketSystem             []string
	activated, pending       []string
	scheduled, accepted      []string
	deactivated              []string
}

var portalLabels = labels{
	// Documented.
	eligible: []string{"Eligible assignments", "Berechtigte Zuweisungen"},
	active:   []string{"Active assignments", "Aktive Zuweisungen"},
	// Documented.
	activate: []string{"Activate", "Aktivieren"},
	// Documented.
	deactivate: []string{"Deactivate", "Deaktivieren"},
	// Observed.
	activateTitle:   []string{"Activate - ", "Aktivieren - ", "Aktivieren – "},
	deactivateTitle: []string{"Deactivate - ", "Deaktivieren - ", "Deaktivieren – "},
	// Documented; the trailing stop is missing in one source.
	contextBanner: []string{
		"A Conditional Access policy is enabled and may require additional verification. Click to continue",
		"Eine Richtlinie für bedingten Zugriff ist aktiviert",
	},
	// Observed.
	mfaBanner: []string{
		"Additional verification required. Click to continue",
		"Zusätzliche Überprüfung erforderlich",
	},
	// Inferred; the page offers half hours up to the role setting's maximum.
	duration: []string{"Duration (hours)", "Dauer (Stunden)"},
	// Documented.
	reason:       []string{"Reason", "Grund"},
	ticketNumber: []string{"Ticket number", "Ticketnummer"},
	ticketSystem: []string{"Ticket system", "Ticketsystem"},
	// Inferred, as is everything below: what the page says in the end.
	activated:   []string{"Activation completed successfully", "Die Aktivierung wurde erfolgreich abgeschlossen"},
	pending:     []string{"Your request is pending approval", "Ihre Anforderung wartet auf Genehmigung"},
	scheduled:   []string{"Your activation is scheduled", "Ihre Aktivierung ist geplant"},
	accepted:    []string{"Your activation was accepted and is still being applied", "Ihre Aktivierung wurde angenommen"},
	deactivated: []string{"Deactivation completed successfully", "Die Deaktivierung wurde erfolgreich abgeschlossen"},
}

// Roles of ARIA under which the portal may show a thing.
var (
	pressable  = []string{"button", "link"}
	panes      = []string{"dialog", "alertdialog", "region", "complementary"}
	rangeRoles = []string{"spinbutton", "slider", "textbox"}
	textRoles  = []string{"StaticText"}
)
