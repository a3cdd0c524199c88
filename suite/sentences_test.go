package suite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAMisspeltSentenceIsFoundBeforeAnythingIsOpened(t *testing.T) {
	features := fstest.MapFS{"a.feature": {Data: []byte("Feature: A\n  Scenario: One\n    Given a publshed authentication context\n")}}
	dir := filepath.Join(t.TempDir(), "evidence")
	_, err := Open(t.Context(), Options{Features: features, OnlySentences: true, EvidenceDir: dir})
	requirement := new(RequirementError)
	if !errors.As(err, &requirement) || !strings.HasPrefix(err.Error(), `a.feature:3: there is no such sentence: "a publshed`) ||
		!strings.Contains(err.Error(), `did you mean "a published authentication context"?`) {
		t.Errorf("error = %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the evidence folder was made: %v", err)
	}
}

// The specification itself, and with it that no sentence of the catalogue is refused.
func TestOwnScenariosUseOwnSentences(t *testing.T) {
	chosen, err := chooseFor(Options{OnlySentences: true, Tags: "not @never"}.withDefaults())
	if err != nil || chosen.selected == 0 {
		t.Errorf("%d scenarios, error %v", chosen.selected, err)
	}
}

func TestAScenarioThatIsNotChosenMayBeUnfinished(t *testing.T) {
	features := fstest.MapFS{"a.feature": {Data: []byte("Feature: A\n  @wip\n  Scenario: One\n    Given nobody knows\n  @wip\n  Scenario: Two\n" +
		"  Scenario: Three\n    Given a published authentication context\n")}}
	options := Options{Features: features, OnlySentences: true, Tags: "not @wip"}.withDefaults()
	if chosen, err := chooseFor(options); err != nil || chosen.selected != 1 {
		t.Errorf("%d scenarios, error %v", chosen.selected, err)
	}
	options.Tags = ""
	_, err := chooseFor(options)
	if err == nil || err.Error() != `a.feature:6: the scenario "Two" has no step; write one, or remove it` {
		t.Errorf("error = %v", err)
	}
}
