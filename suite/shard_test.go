package suite

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Parts are divided by what is known of each thing, and which way it was is said.
func TestPartsSayHowTheyWereDivided(t *testing.T) {
	minutes := func(of ...int) (took []time.Duration) {
		for _, n := range of {
			took = append(took, time.Duration(n)*time.Minute)
		}
		return took
	}
	for name, row := range map[string]struct {
		from string
		took []time.Duration
		mine []bool
		told string
	}{
		"nothing is known":     {"", minutes(0, 0, 0, 0), []bool{true, false, true, false}, "shard 1/2: 2 of 4 roles, divided by count"},
		"one takes very long":  {"old", minutes(1, 1, 9, 1), []bool{false, false, true, false}, "shard 1/2: 1 of 4 roles, divided by how long they took in old, which knows 4 of them"},
		"one is new":           {"old", minutes(6, 0, 0, 6), []bool{true, false, true, false}, "shard 1/2: 2 of 4 roles, divided by how long they took in old, which knows 2 of them"},
		"of another tenant's ": {"old", minutes(0, 0, 0, 0), []bool{true, false, true, false}, "shard 1/2: 2 of 4 roles, divided by count, since old knows none of them"},
	} {
		got, err := divide("1/2", row.from, "role", row.took)
		if err != nil || !slices.Equal(got.mine, row.mine) || got.told != row.told {
			t.Errorf("%s: %+v, %v; want %v, %q", name, got, err, row.mine, row.told)
		}
	}
	_, err := divide("3/3", "", "role", minutes(1, 1))
	wantRequirement(t, "too many parts", err, []string{"--shard 3/3 holds none of 2 roles: use fewer shards"})
}

// What tells nothing about durations is refused, and by which name it would be.
func TestDurationsThatAreNone(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	scenarios := write("last.json", `{"schema":"`+RunSchema+`","scenarios":[{"feature":"a.feature","name":"one","seconds":2}]}`)
	for name, row := range map[string]struct {
		path string
		want string
	}{
		"nothing there":       {filepath.Join(dir, "gone"), "no such file"},
		"an empty folder":     {t.TempDir(), "name the folder of an earlier run, or its run.json"},
		"another document":    {write("other.json", `{"schema":"x"}`), "is neither the folder of an earlier run"},
		"a bundle that is no": {write("run.json", `{}`), "name the folder of an earlier run, or its run.json"},
		"of scenarios":        {scenarios, "is of scenarios, and roles are divided"},
	} {
		_, _, err := ProveRequest{Roles: []string{"a", "b"}, Shard: "1/2", Durations: row.path}.shardRoles()
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", name, err, row.want)
			continue
		}
		wantRequirement(t, name, err, []string{"--durations: "})
	}
	known, err := readDurations(scenarios)
	if err != nil || known.told[[2]string{"a.feature", "one"}] != 2*time.Second {
		t.Errorf("%+v, %v", known, err)
	}
}
