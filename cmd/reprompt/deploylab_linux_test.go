package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// deployDir is the folder of the manifests and pipelines.
var deployDir = filepath.Join("..", "..", "deploy")

// step is a command of a manifest or a pipeline, with the variables that it is given there.
type step struct {
	shell []string // before the script
	text  string
	env   map[string]string // of a secret: its reference
}

// mustLoadYAML reads a file of the folder deploy.
func mustLoadYAML(t *testing.T, into any, path ...string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{deployDir}, path...)...))
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%v: %v", path, err)
	}
}

// podTemplate is what a Job and a CronJob say of their pods.
type podTemplate struct {
	Spec struct {
		Containers []struct {
			Command, Args []string
			Env           []struct {
				Name, Value string
				ValueFrom   struct {
					FieldRef     struct{ FieldPath string } `yaml:"fieldRef"`
					SecretKeyRef struct{ Name, Key string } `yaml:"secretKeyRef"`
				} `yaml:"valueFrom"`
			}
		}
	}
}

// mustStepOf is the command of the one container.
func (p podTemplate) mustStepOf(t *testing.T) step {
	t.Helper()
	if len(p.Spec.Containers) != 1 || len(p.Spec.Containers[0].Args) != 1 {
		t.Fatalf("want one container with one script: %+v", p)
	}
	c := p.Spec.Containers[0]
	s := step{shell: c.Command, text: c.Args[0], env: map[string]string{}}
	for _, e := range c.Env {
		s.env[e.Name] = e.Value + e.ValueFrom.FieldRef.FieldPath + e.ValueFrom.SecretKeyRef.Key
	}
	return s
}

// pipelineStep is a step of a workflow of GitHub Actions or of a job of Azure Pipelines.
type pipelineStep struct {
	Name        string
	DisplayName string `yaml:"displayName"`
	Run, Bash   string
	Env         map[string]string
}

// mustFindStep is the step of that name.
func mustFindStep(t *testing.T, steps []pipelineStep, name string) step {
	t.Helper()
	for _, s := range steps {
		if s.Name == name || s.DisplayName == name {
			// GitHub runs a step of a container with sh -e, Azure with bash.
			shell := []string{"sh", "-e", "-c"}
			if s.Bash != "" {
				shell = []string{"bash", "-c"}
			}
			return step{shell: shell, text: s.Run + s.Bash, env: s.Env}
		}
	}
	t.Fatalf("no step is called %q", name)
	return step{}
}

// deployed is where the commands are run: the folders of a machine that runs them, and the tenant.
type deployed struct {
	lab     *fleetLab
	dir     string
	config  string
	secrets map[string]string // by the name of the variable
}

// mustRun runs a step as a process of its own, with the variables of the step and no others but those of the machine.
// given are variables that the engine sets, or that the machine's folders need.
func (d *deployed) mustRun(t *testing.T, s step, given map[string]string) string {
	t.Helper()
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": d.dir, "TMPDIR": filepath.Join(d.dir, "tmp"), "REPROMPT_BROWSER": os.Getenv("REPROMPT_BROWSER"),
	}
	for name, value := range s.env {
		if secret, ok := d.secrets[name]; ok {
			value = secret
		}
		if _, ok := env[name]; !ok {
			env[name] = value
		}
	}
	for name, value := range given {
		env[name] = value
	}
	if err := os.MkdirAll(env["TMPDIR"], 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), s.shell[0], append(s.shell[1:], s.text)...)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Dir = d.dir
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s\n%v\n%s\n%s", s.text, err, out.String(), said.String())
	}
	return out.String()
}

// writeConfig writes an example's tenant file for the embedded tenant: its ids stand in place of those of the
// example, and the proxy and the clock are named.
func (d *deployed) writeConfig(t *testing.T, of labFacts, name string, from ...string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{deployDir}, from...)...))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(
		"11111111-2222-3333-4444-555555555555", of.TenantID, "22222222-2222-3333-4444-555555555555", of.ReaderApp.ClientID,
		"33333333-2222-3333-4444-555555555555", of.Harness.ClientID, "contoso.example", of.Domain,
	).Replace(string(raw))
	text = regexp.MustCompile(`upn: .*`).ReplaceAllString(text, "upn: "+of.Admin.UPN)
	text = regexp.MustCompile(`object_id: .*`).ReplaceAllString(text, "object_id: "+of.Admin.ObjectID)
	text += fmt.Sprintf("proxy: %q\nca_file: %s\ntest_clock: {url: %q, token_file: %s}\n",
		d.lab.access.Proxy, filepath.Join(d.lab.dir, "ca.pem"), d.lab.access.Control, filepath.Join(d.lab.dir, "secrets", "control-token"))
	if err := os.WriteFile(filepath.Join(d.config, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// protect makes the admin of a tenant eligible for a role whose setting requires the context of the sample.
func (l *fleetLab) protect(t *testing.T, of labFacts, role string) {
	t.Helper()
	filter := url.QueryEscape("scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '" + role + "'")
	policy := idIn(l.graph(t, of, http.MethodGet, "/policies/roleManagementPolicyAssignments?$filter="+filter, ""))
	l.graph(t, of, http.MethodPatch, "/policies/roleManagementPolicies/"+policy+"/rules/Enablement_EndUser_Assignment",
		`{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyEnablementRule","id":"Enablement_EndUser_Assignment","enabledRules":["Justification"]}`)
	l.graph(t, of, http.MethodPatch, "/policies/roleManagementPolicies/"+policy+"/rules/AuthenticationContext_EndUser_Assignment",
		`{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule","id":"AuthenticationContext_EndUser_Assignment","isEnabled":true,"claimValue":"c1"}`)
	l.graph(t, of, http.MethodPost, "/roleManagement/directory/roleEligibilityScheduleRequests",
		`{"action":"adminAssign","principalId":"`+of.Admin.ObjectID+`","roleDefinitionId":"`+role+`","directoryScopeId":"/","justification":"shards","scheduleInfo":{"expiration":{"type":"afterDuration","duration":"P30D"}}}`)
}

// graph asks Microsoft Graph of a tenant as the application that sets it up.
func (l *fleetLab) graph(t *testing.T, of labFacts, method, path, body string) []byte {
	t.Helper()
	token, err := of.token(l.client, of.FixturesApp)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "https://graph.microsoft.com/v1.0"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := exchange(l.client, request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer
}

// provedIn are the roles of what prove --json printed, which have to be enforced.
func provedIn(t *testing.T, out string) []string {
	t.Helper()
	var roles []string
	for line := range strings.Lines(out) {
		var got struct{ Role, Verdict, Error string }
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Verdict != "enforced" {
			t.Errorf("%s is %q: %v %s", got.Role, got.Verdict, errors.Join(err), got.Error)
		}
		roles = append(roles, got.Role)
	}
	return roles
}
