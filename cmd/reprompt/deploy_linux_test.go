package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/fleet"
)

// What the manifests and the pipelines of deploy run is run here: each command is taken out of its file and is a
// process of its own, against embedded tenants. What the engines do around it, when they start it and with which
// rights, is not tried; deploy/conformance holds the files against the engines' own rules.
func TestTheCommandsOfTheExamples(t *testing.T) {
	l := mustServeTenants(t, 2)
	sharded, nightly := l.tenants[0], l.tenants[1]
	l.protect(t, sharded, "158c047a-c907-4556-b7ef-446551a6b5f7") // Cloud Application Administrator
	l.protect(t, sharded, "fe930be7-5e62-47db-91af-98c3a49a38b1") // User Administrator
	d := &deployed{lab: l, dir: t.TempDir(), secrets: map[string]string{"READER_SECRET": sharded.ReaderApp.ClientSecret}}
	d.config = filepath.Join(d.dir, "config")
	if err := os.MkdirAll(d.config, 0o700); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 3; n++ {
		name := fmt.Sprintf("shard-%d.yaml", n)
		d.writeConfig(t, sharded, name, "kubernetes", "prove", "run", "tenants", name)
		d.secrets[fmt.Sprintf("ADMIN_%d_PASSWORD", n)], d.secrets[fmt.Sprintf("ADMIN_%d_TOTP", n)] = sharded.Admin.Password, sharded.Admin.TOTPSecret
	}
	d.makeKey(t)
	t.Run("Indexed Job and merge", d.indexedJob)
	t.Run("GitHub Actions", d.githubActions)
	t.Run("Azure Pipelines", d.azurePipelines)
	d.secrets = map[string]string{"READER_SECRET": nightly.ReaderApp.ClientSecret, "ADMIN_PASSWORD": nightly.Admin.Password, "ADMIN_TOTP": nightly.Admin.TOTPSecret}
	d.writeConfig(t, nightly, "contoso.yaml", "kubernetes", "nightly", "run", "config", "contoso.yaml")
	t.Run("CronJob", d.cronJob)
}

// makeKey makes the key that signs what is merged.
func (d *deployed) makeKey(t *testing.T) {
	d.mustRun(t, step{shell: []string{"sh", "-c"}, text: "reprompt keygen --out key.pem"}, nil)
	key, err := os.ReadFile(filepath.Join(d.dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	d.secrets["SIGNING_KEY"] = strings.TrimSuffix(string(key), "\n")
}

// mustVerify verifies the one bundle below a folder by the key, and says how many roles it shows.
func (d *deployed) mustVerify(t *testing.T, shown, whole string, roles int) {
	t.Helper()
	d.mustRun(t, step{shell: []string{"sh", "-e", "-c"}, text: `reprompt evidence verify "$WHOLE"/* --key key.pem.pub`}, map[string]string{"WHOLE": whole})
	if got := strings.Count(strings.ToUpper(shown), "ENFORCED"); got < roles {
		t.Errorf("the joined bundle shows %d roles, want %d:\n%s", got, roles, shown)
	}
}

func (d *deployed) indexedJob(t *testing.T) {
	var job, merge struct {
		Spec struct {
			Completions int
			Template    podTemplate
		}
	}
	mustLoadYAML(t, &job, "kubernetes", "prove", "run", "shards.yaml")
	mustLoadYAML(t, &merge, "kubernetes", "prove", "run", "merge.yaml")
	given := map[string]string{"CONFIG": d.config, "EVIDENCE": filepath.Join(d.dir, "evidence"), "RUN": "first", "WAY": "graph"}
	var roles []string
	for index := range job.Spec.Completions {
		given["JOB_COMPLETION_INDEX"] = fmt.Sprint(index)
		out := d.mustRun(t, job.Spec.Template.mustStepOf(t), given)
		roles = append(roles, provedIn(t, strings.TrimPrefix(out, "nothing to undo\n"))...)
	}
	slices.Sort(roles)
	if want := []string{"Application Administrator", "Cloud Application Administrator", "User Administrator"}; !slices.Equal(roles, want) {
		t.Errorf("the shards proved %q, want %q", roles, want)
	}
	shown := d.mustRun(t, merge.Spec.Template.mustStepOf(t), given)
	d.mustVerify(t, shown, filepath.Join(d.dir, "evidence", "first", "whole"), 3)
}

// shards puts evidence where a pipeline's last job downloads it: that of one job from a folder, that of the others
// from the Job's run.
func (d *deployed) shards(t *testing.T, first, into string) {
	t.Helper()
	d.mustRun(t, step{shell: []string{"sh", "-e", "-c"}, text: `mkdir -p "$INTO"; cp -R "$FIRST" "$INTO/shard-1"; cp -R evidence/first/shard-2 evidence/first/shard-3 "$INTO"`},
		map[string]string{"FIRST": first, "INTO": into})
}

func (d *deployed) githubActions(t *testing.T) {
	var workflow struct {
		Env  map[string]string
		Jobs map[string]struct {
			Env   map[string]string
			Steps []pipelineStep
		}
	}
	mustLoadYAML(t, &workflow, "github", "prove.yaml")
	temp := filepath.Join(d.dir, "github")
	given := map[string]string{"RUNNER_TEMP": temp, "CONFIG": d.config, "SHARDS": workflow.Env["SHARDS"], "SHARD": "1", "WAY": "graph", "XDG_STATE_HOME": temp + "/state"}
	shard := workflow.Jobs["shard"].Steps
	if roles := provedIn(t, d.mustRun(t, mustFindStep(t, shard, "prove"), given)); len(roles) != 1 {
		t.Errorf("the first shard proved %q", roles)
	}
	if said := d.mustRun(t, mustFindStep(t, shard, "give back what a job that was cancelled left"), given); said != "nothing to undo\n" {
		t.Errorf("cleanup said %q", said)
	}
	d.shards(t, filepath.Join(temp, "evidence"), filepath.Join(temp, "shards"))
	shown := d.mustRun(t, mustFindStep(t, workflow.Jobs["merge"].Steps, "merge"), given)
	d.mustVerify(t, shown, filepath.Join(temp, "whole"), 3)
}

func (d *deployed) azurePipelines(t *testing.T) {
	var pipeline struct {
		Variables []struct{ Name, Value string }
		Stages    []struct {
			Jobs []struct{ Steps []pipelineStep }
		}
	}
	mustLoadYAML(t, &pipeline, "azure", "prove.yaml")
	temp := filepath.Join(d.dir, "azure")
	given := map[string]string{"AGENT_TEMPDIRECTORY": temp, "PIPELINE_WORKSPACE": filepath.Join(temp, "pipeline"), "SHARD": "1", "XDG_STATE_HOME": temp + "/state"}
	for _, v := range pipeline.Variables {
		given[v.Name] = v.Value
	}
	delete(given, "") // the variable group
	given["CONFIG"], given["WAY"] = d.config, "graph"
	shard := pipeline.Stages[0].Jobs[0].Steps
	if roles := provedIn(t, d.mustRun(t, mustFindStep(t, shard, "prove"), given)); len(roles) != 1 {
		t.Errorf("the first shard proved %q", roles)
	}
	if said := d.mustRun(t, mustFindStep(t, shard, "give back what a job that was cancelled left"), given); said != "nothing to undo\n" {
		t.Errorf("cleanup said %q", said)
	}
	d.shards(t, filepath.Join(temp, "evidence"), filepath.Join(temp, "pipeline"))
	shown := d.mustRun(t, mustFindStep(t, pipeline.Stages[1].Jobs[0].Steps, "merge"), given)
	d.mustVerify(t, shown, filepath.Join(temp, "whole"), 3)
}

// Two nights. In the first the pod is made anew after the run was through: it proves nothing a second time. The second
// is compared with the first.
func (d *deployed) cronJob(t *testing.T) {
	var cron struct {
		Spec struct {
			JobTemplate struct {
				Spec struct{ Template podTemplate }
			} `yaml:"jobTemplate"`
		}
	}
	mustLoadYAML(t, &cron, "kubernetes", "nightly", "run", "cronjob.yaml")
	list, err := os.ReadFile(filepath.Join(deployDir, "kubernetes", "nightly", "run", "config", "fleet.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.config, "fleet.yaml"), list, 0o600); err != nil {
		t.Fatal(err)
	}
	run := cron.Spec.JobTemplate.Spec.Template.mustStepOf(t)
	evidence := filepath.Join(d.dir, "nights")
	for _, pod := range []struct{ job, state string }{{"reprompt-nightly-1", fleet.Proved}, {"reprompt-nightly-1", fleet.Kept}, {"reprompt-nightly-2", fleet.Proved}} {
		d.mustRun(t, run, map[string]string{"CONFIG": d.config, "EVIDENCE": evidence, "JOB": pod.job, "WAY": "graph"})
		runs, err := filepath.Glob(filepath.Join(evidence, "nightly", pod.job, "fleet-*"))
		if err != nil || len(runs) != 1 {
			t.Fatalf("%s: runs %q, %v, want one", pod.job, runs, err)
		}
		s, err := fleet.Read(runs[0])
		if err != nil {
			t.Fatal(err)
		}
		if s.Outcome != 0 || len(s.Tenants) != 1 || s.Tenants[0].State != pod.state || s.Counts.Enforced != 1 {
			t.Errorf("%s: outcome %d, %+v, want the tenant %s", pod.job, s.Outcome, s.Tenants, pod.state)
		}
	}
}
