package pim_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestDefaultRules(t *testing.T) {
	l := newLab(t)
	var got []any
	l.with(func(tenant *store.Tenant) {
		for _, r := range pim.SettingOf(tenant, tenantWide(role)).Rules {
			o := document.MustParse(r.Raw)
			var v any
			if err := json.Unmarshal(o.Raw(), &v); err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
	})
	text, err := os.ReadFile("testdata/default_rules.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != 17 {
		t.Fatalf("testdata has %d rules", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMFAAndContextExcludeEachOtherOneWay(t *testing.T) {
	const context, enablement = "AuthenticationContext_EndUser_Assignment", "Enablement_EndUser_Assignment"
	l := newLab(t)
	if err := l.rule(context, "AuthenticationContext", `"isEnabled":true,"claimValue":"c1"`); err != nil {
		t.Fatalf("the context beside MFA, which is on by default: %v", err)
	}
	if err := l.rule(enablement, "Enablement", `"enabledRules":["MultiFactorAuthentication"]`); err != nil {
		t.Fatalf("MFA that was on already: %v", err)
	}
	l.enable("")
	const conflict = "MfaAndAcrsConflict: The Mfa and Acrs policy settings cannot be enabled simultaneously."
	if err := l.rule(enablement, "Enablement", `"enabledRules":["multifactorauthentication"]`); refusal(err) != conflict {
		t.Errorf("MFA beside the context: %q", refusal(err))
	}
	l.mustRule(context, "AuthenticationContext", `"isEnabled":false,"claimValue":null`)
	if err := l.rule(enablement, "Enablement", `"enabledRules":["MultiFactorAuthentication"]`); err != nil {
		t.Errorf("MFA after the context is off: %v", err)
	}
}

func TestPatchRuleRefuses(t *testing.T) {
	for name, test := range map[string]struct{ id, kind, properties, want string }{
		"another kind of rule":     {"Expiration_EndUser_Assignment", "Enablement", `"enabledRules":[]`, "BadRequest: The property '@odata.type'"},
		"a property of another":    {"Expiration_EndUser_Assignment", "Expiration", `"enabledRules":[]`, "BadRequest: The property 'enabledRules' does not exist"},
		"a word that is none":      {"Enablement_EndUser_Assignment", "Enablement", `"enabledRules":["Activate"]`, "BadRequest: The rule"},
		"a duration that is none":  {"Expiration_EndUser_Assignment", "Expiration", `"maximumDuration":"8h"`, "BadRequest: The maximumDuration"},
		"a rule that is not there": {"Expiration_Nobody", "Expiration", `"maximumDuration":"PT8H"`, "ResourceNotFound: "},
	} {
		t.Run(name, func(t *testing.T) {
			if got := refusal(newLab(t).rule(test.id, test.kind, test.properties)); !strings.HasPrefix(got, test.want) {
				t.Errorf("refused with %q, want %q", got, test.want)
			}
		})
	}
}

func TestPatchRuleKeepsTheRest(t *testing.T) {
	l := newLab(t)
	l.mustRule("Expiration_EndUser_Assignment", "Expiration", `"maximumDuration":"PT2H"`)
	want := `{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyExpirationRule","id":"Expiration_EndUser_Assignment","isExpirationRequired":true,"maximumDuration":"PT2H",` +
		`"target":{"caller":"EndUser","operations":["all"],"level":"Assignment","inheritableSettings":[],"enforcedSettings":[]}}`
	l.with(func(tenant *store.Tenant) {
		for _, r := range pim.SettingOf(tenant, tenantWide(role)).Rules {
			if r.ID == "Expiration_EndUser_Assignment" {
				if diff := cmp.Diff(want, string(r.Raw)); diff != "" {
					t.Error(diff)
				}
			}
		}
	})
	if last := l.audits()[len(l.audits())-1]; last != "Update role setting in PIM" {
		t.Errorf("last audit %q", last)
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT8H": 8 * time.Hour, "PT480M": 8 * time.Hour, "P1D": 24 * time.Hour, "PT1H45M": 105 * time.Minute, "P365D": 365 * 24 * time.Hour,
		"P1Y": 365 * 24 * time.Hour, "P2W": 14 * 24 * time.Hour, "P1DT30S": 24*time.Hour + 30*time.Second,
	} {
		if got, err := pim.ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "P", "PT", "8h", "PT8", "PT-1H", "pt8h", "P1H", "PT999999999999H"} {
		if got, err := pim.ParseDuration(text); err == nil {
			t.Errorf("%q: parsed as %s, want an error", text, got)
		}
	}
}
