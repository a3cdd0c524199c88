// Package conformance_test holds the manifests and pipelines of deploy against what reads them: kustomize builds
// them, each object is decoded strictly into the types of the Kubernetes API, and actionlint reads the workflow. It is
// a module of its own: none of that is anything that the program needs. What the objects say is held here too; that
// their commands work, cmd/reprompt tries.
package conformance_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// built are the objects of a kustomization, by what they are.
type built struct {
	objects    []string // kind/name, sorted
	jobs       map[string]batchv1.JobSpec
	pods       map[string]corev1.PodTemplateSpec // of jobs and cron jobs
	cron       map[string]batchv1.CronJobSpec
	configs    map[string]corev1.ConfigMap
	claims     map[string]corev1.PersistentVolumeClaim
	accounts   map[string]corev1.ServiceAccount
	namespaces map[string]corev1.Namespace
	policies   map[string]networkingv1.NetworkPolicy
	text       string
}

// mustBuild runs kustomize, and decodes what it made: a key that the API does not know, or one that stands twice,
// fails the test.
func mustBuild(t *testing.T, dir string) *built {
	t.Helper()
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join("..", "kubernetes", dir))
	if err != nil {
		t.Fatalf("kustomize build %s: %v", dir, err)
	}
	b := &built{
		jobs: map[string]batchv1.JobSpec{}, pods: map[string]corev1.PodTemplateSpec{}, cron: map[string]batchv1.CronJobSpec{},
		configs: map[string]corev1.ConfigMap{}, claims: map[string]corev1.PersistentVolumeClaim{}, accounts: map[string]corev1.ServiceAccount{},
		namespaces: map[string]corev1.Namespace{}, policies: map[string]networkingv1.NetworkPolicy{},
	}
	for _, r := range made.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		b.text += string(text)
		b.objects = append(b.objects, r.GetKind()+"/"+r.GetName())
		if err := b.take(r.GetKind(), r.GetName(), r.GetApiVersion(), text); err != nil {
			t.Errorf("%s/%s: %v", r.GetKind(), r.GetName(), err)
		}
		if r.GetKind() != "Namespace" && r.GetNamespace() != "reprompt" {
			t.Errorf("%s/%s is in the namespace %q", r.GetKind(), r.GetName(), r.GetNamespace())
		}
	}
	slices.Sort(b.objects)
	return b
}

func (b *built) take(kind, name, version string, text []byte) error {
	var job batchv1.Job
	var cron batchv1.CronJob
	var config corev1.ConfigMap
	var claim corev1.PersistentVolumeClaim
	var account corev1.ServiceAccount
	var namespace corev1.Namespace
	var policy networkingv1.NetworkPolicy
	known := map[string]struct {
		version string
		into    any
	}{
		"Job": {"batch/v1", &job}, "CronJob": {"batch/v1", &cron}, "ConfigMap": {"v1", &config}, "PersistentVolumeClaim": {"v1", &claim},
		"ServiceAccount": {"v1", &account}, "Namespace": {"v1", &namespace}, "NetworkPolicy": {"networking.k8s.io/v1", &policy},
	}
	row, ok := known[kind]
	if !ok || row.version != version {
		return fmt.Errorf("%s %s is nothing that this test knows: add it", version, kind)
	}
	if err := yaml.UnmarshalStrict(text, row.into); err != nil {
		return err
	}
	switch kind {
	case "Job":
		b.jobs[name], b.pods[name] = job.Spec, job.Spec.Template
	case "CronJob":
		b.cron[name], b.pods[name] = cron.Spec, cron.Spec.JobTemplate.Spec.Template
	case "ConfigMap":
		b.configs[name] = config
	case "PersistentVolumeClaim":
		b.claims[name] = claim
	case "ServiceAccount":
		b.accounts[name] = account
	case "Namespace":
		b.namespaces[name] = namespace
	case "NetworkPolicy":
		b.policies[name] = policy
	}
	return nil
}

// only is the one entry of a map whose name begins so.
func only[V any](t *testing.T, all map[string]V, prefix string) V {
	t.Helper()
	var found []string
	for name := range all {
		if strings.HasPrefix(name, prefix) {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%q begin with %s, want one", found, prefix)
	}
	return all[found[0]]
}

var kustomizations = []string{"prove", "nightly"}

func TestWhatIsBuilt(t *testing.T) {
	base := []string{
		"Namespace/reprompt", "NetworkPolicy/reprompt-merge", "NetworkPolicy/reprompt-prove", "PersistentVolumeClaim/reprompt-evidence", "ServiceAccount/reprompt",
	}
	for dir, want := range map[string][]string{
		"prove":   append([]string{"ConfigMap/reprompt-tenants-first-", "Job/reprompt-merge-first", "Job/reprompt-prove-first"}, base...),
		"nightly": append([]string{"ConfigMap/reprompt-fleet-", "CronJob/reprompt-nightly"}, base...),
	} {
		got := mustBuild(t, dir).objects
		slices.Sort(want)
		if !slices.EqualFunc(got, want, strings.HasPrefix) || len(got) != len(want) {
			t.Errorf("%s: built %q, want %q", dir, got, want)
		}
	}
}

// A key that the API does not know is refused: the test can fail.
func TestDecodingIsStrict(t *testing.T) {
	b := &built{jobs: map[string]batchv1.JobSpec{}, pods: map[string]corev1.PodTemplateSpec{}}
	for _, text := range []string{
		"apiVersion: batch/v1\nkind: Job\nspec: {completion: 3}\n", "apiVersion: batch/v1\nkind: Job\nspec: {completions: three}\n",
		"apiVersion: batch/v1\nkind: Job\nspec: {completions: 1}\nspec: {completions: 2}\n",
	} {
		if err := b.take("Job", "x", "batch/v1", []byte(text)); err == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}

// Pods are as the restricted Pod Security Standard wants them, and more closed than that.
func TestPodsAreRestricted(t *testing.T) {
	for _, dir := range kustomizations {
		b := mustBuild(t, dir)
		if got := only(t, b.namespaces, "reprompt").Labels["pod-security.kubernetes.io/enforce"]; got != "restricted" {
			t.Errorf("%s: the namespace enforces %q", dir, got)
		}
		account := only(t, b.accounts, "reprompt")
		if account.AutomountServiceAccountToken == nil || *account.AutomountServiceAccountToken {
			t.Errorf("%s: the account's token is mounted", dir)
		}
		for name, pod := range b.pods {
			for _, wrong := range notRestricted(pod.Spec) {
				t.Errorf("%s: %s: %s", dir, name, wrong)
			}
			for _, wrong := range notServed(b, pod) {
				t.Errorf("%s: %s: %s", dir, name, wrong)
			}
		}
	}
}

// notRestricted are the ways in which a pod has more than it needs.
func notRestricted(pod corev1.PodSpec) []string {
	var wrong []string
	must := func(ok bool, what string) {
		if !ok {
			wrong = append(wrong, what)
		}
	}
	is := func(b *bool, want bool) bool { return b != nil && *b == want }
	s := pod.SecurityContext
	must(s != nil && is(s.RunAsNonRoot, true) && s.RunAsUser != nil && *s.RunAsUser >= 10000, "runs as root, or as somebody of the machine")
	must(s != nil && s.FSGroup != nil && s.RunAsGroup != nil && *s.FSGroup == *s.RunAsGroup, "cannot write to its volume")
	must(s != nil && s.SeccompProfile != nil && s.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault, "no seccomp profile")
	must(pod.ServiceAccountName == "reprompt" && is(pod.AutomountServiceAccountToken, false), "gets a token of the cluster")
	must(is(pod.EnableServiceLinks, false), "gets the addresses of other services")
	must(!pod.HostNetwork && !pod.HostPID && !pod.HostIPC, "is in the machine's namespaces")
	must(pod.RestartPolicy == corev1.RestartPolicyNever, "is restarted in place, past the failure policy")
	must(len(pod.InitContainers) == 0 && len(pod.Containers) == 1, "has containers that nobody looked at")
	for _, c := range pod.Containers {
		sc := c.SecurityContext
		must(sc != nil && is(sc.AllowPrivilegeEscalation, false), "may gain privileges")
		must(sc != nil && is(sc.ReadOnlyRootFilesystem, true), "may write to its root file system")
		must(sc != nil && sc.Capabilities != nil && slices.Equal(sc.Capabilities.Drop, []corev1.Capability{"ALL"}) && len(sc.Capabilities.Add) == 0, "has capabilities")
		must(!c.Resources.Limits.Memory().IsZero() && !c.Resources.Requests.Cpu().IsZero(), "has no bound on its memory, or asks for no processor")
		name, tag, _ := strings.Cut(c.Image, ":")
		must(strings.Contains(name, "/") && tag != "" && tag != "latest" && !strings.HasPrefix(tag, "latest@"), "its image "+c.Image+" has neither version nor digest")
		for _, e := range c.Env {
			secret := e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil
			must(secret == secretName(e.Name), e.Name+" is a secret that stands there, or no secret")
			must(!secret || e.Value == "" && e.ValueFrom.SecretKeyRef.Name == "reprompt" && !is(e.ValueFrom.SecretKeyRef.Optional, true), e.Name+" is optional, or of another secret")
		}
		must(len(c.EnvFrom) == 0, "gets variables that nobody named")
	}
	for _, v := range pod.Volumes {
		must(v.HostPath == nil && v.Secret == nil && v.Projected == nil, v.Name+" is of the machine, or a secret as a file")
	}
	return wrong
}

// secretName reports whether a variable is one that holds a secret.
func secretName(name string) bool {
	for _, end := range []string{"_SECRET", "_PASSWORD", "_TOTP", "_KEY"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// notServed are the things that a pod needs and does not get: places to write to, a volume that is there, a
// network policy that selects it.
func notServed(b *built, pod corev1.PodTemplateSpec) []string {
	var wrong []string
	volumes := map[string]corev1.Volume{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = v
	}
	c := pod.Spec.Containers[0]
	mounted := map[string]corev1.Volume{}
	for _, m := range c.VolumeMounts {
		v, ok := volumes[m.Name]
		if !ok {
			wrong = append(wrong, m.MountPath+" has no volume")
		}
		mounted[m.MountPath] = v
		if v.ConfigMap != nil {
			if _, ok := b.configs[v.ConfigMap.Name]; !ok || !m.ReadOnly {
				wrong = append(wrong, v.ConfigMap.Name+" is not built, or can be written")
			}
		}
	}
	browses := pod.Labels["app.kubernetes.io/component"] == "prove"
	for _, path := range []string{"/tmp", "/dev/shm"} {
		e := mounted[path].EmptyDir
		if path == "/dev/shm" && !browses {
			continue // no browser
		}
		if e == nil || e.SizeLimit == nil || (path == "/dev/shm") && e.Medium != corev1.StorageMediumMemory {
			wrong = append(wrong, path+" cannot be written, or has no bound")
		}
	}
	claim := mounted["/evidence"].PersistentVolumeClaim
	if claim == nil || len(b.claims[claim.ClaimName].Spec.AccessModes) == 0 {
		wrong = append(wrong, "the evidence goes nowhere")
	}
	selected := 0
	for _, p := range b.policies {
		match := true
		for key, value := range p.Spec.PodSelector.MatchLabels {
			match = match && pod.Labels[key] == value
		}
		if match {
			selected++
		}
	}
	if selected != 1 {
		wrong = append(wrong, fmt.Sprintf("%d network policies select it", selected))
	}
	return wrong
}

// The checks see what is wrong: each slip in a right pod is told.
func TestARestrictedPodThatIsNot(t *testing.T) {
	for name, slip := range map[string]func(*corev1.PodSpec){
		"root":          func(p *corev1.PodSpec) { p.SecurityContext.RunAsNonRoot = nil },
		"writable root": func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.ReadOnlyRootFilesystem = nil },
		"a literal secret": func(p *corev1.PodSpec) {
			p.Containers[0].Env = append(p.Containers[0].Env, corev1.EnvVar{Name: "ADMIN_PASSWORD", Value: "x"})
		},
		"latest":       func(p *corev1.PodSpec) { p.Containers[0].Image = "registry.example.com/reprompt:latest" },
		"no version":   func(p *corev1.PodSpec) { p.Containers[0].Image = "registry.example.com/reprompt" },
		"capabilities": func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.Capabilities.Drop = nil },
		"a token":      func(p *corev1.PodSpec) { p.AutomountServiceAccountToken = nil },
		"no seccomp":   func(p *corev1.PodSpec) { p.SecurityContext.SeccompProfile = nil },
	} {
		pod := only(t, mustBuild(t, "prove").pods, "reprompt-prove").Spec
		slip(&pod)
		if wrong := notRestricted(pod); len(wrong) != 1 {
			t.Errorf("%s: told %q, want one thing", name, wrong)
		}
	}
}

func TestAnIndexPerShard(t *testing.T) {
	b := mustBuild(t, "prove")
	job := only(t, b.jobs, "reprompt-prove")
	if job.CompletionMode == nil || *job.CompletionMode != batchv1.IndexedCompletion || job.Completions == nil || job.Parallelism == nil || *job.Completions != *job.Parallelism {
		t.Fatalf("mode %v, completions %v, parallelism %v", job.CompletionMode, job.Completions, job.Parallelism)
	}
	if job.BackoffLimitPerIndex == nil || job.ActiveDeadlineSeconds == nil {
		t.Error("a shard that failed ends the others, or may run for ever")
	}
	many := fmt.Sprint(*job.Completions)
	for _, name := range []string{"reprompt-prove", "reprompt-merge"} {
		if got := variable(only(t, b.pods, name), "SHARDS"); got != many {
			t.Errorf("%s: SHARDS is %q, and the Job has %s indexes", name, got, many)
		}
	}
	config := only(t, b.configs, "reprompt-tenants")
	for n := range *job.Completions {
		if _, ok := config.Data[fmt.Sprintf("shard-%d.yaml", n+1)]; !ok {
			t.Errorf("shard %d has no tenant file", n+1)
		}
	}
	if len(config.Data) != int(*job.Completions) {
		t.Errorf("%d tenant files for %s shards", len(config.Data), many)
	}
	if merge := only(t, b.jobs, "reprompt-merge"); merge.ActiveDeadlineSeconds == nil || *merge.ActiveDeadlineSeconds <= *job.ActiveDeadlineSeconds {
		t.Error("the merge step gives up before the shards do")
	}
	if mode := only(t, b.claims, "reprompt-evidence").Spec.AccessModes; !slices.Equal(mode, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}) {
		t.Errorf("access modes %v: shards run on several nodes", mode)
	}
}

// variable is the value of a variable that stands in a pod.
func variable(pod corev1.PodTemplateSpec, name string) string {
	for _, e := range pod.Spec.Containers[0].Env {
		if e.Name == name {
			return e.Value
		}
	}
	return ""
}

// A result is not tried again, a pod that was taken away is; and a role can be given back before the pod is killed.
func TestWhatIsTriedAgain(t *testing.T) {
	prove, nightly := mustBuild(t, "prove"), mustBuild(t, "nightly")
	for name, row := range map[string]struct {
		job    batchv1.JobSpec
		action batchv1.PodFailurePolicyAction
	}{
		"prove":   {only(t, prove.jobs, "reprompt-prove"), batchv1.PodFailurePolicyActionFailIndex},
		"nightly": {only(t, nightly.cron, "reprompt-nightly").JobTemplate.Spec, batchv1.PodFailurePolicyActionFailJob},
	} {
		policy := row.job.PodFailurePolicy
		if policy == nil || len(policy.Rules) != 2 {
			t.Fatalf("%s: failure policy %v", name, policy)
		}
		taken, result := policy.Rules[0], policy.Rules[1]
		if taken.Action != batchv1.PodFailurePolicyActionIgnore || len(taken.OnPodConditions) != 1 || taken.OnPodConditions[0].Type != corev1.DisruptionTarget {
			t.Errorf("%s: a pod that is taken away counts: %+v", name, taken)
		}
		if result.Action != row.action || result.OnExitCodes == nil || !slices.Equal(result.OnExitCodes.Values, []int32{1, 2, 3, 4, 5}) {
			t.Errorf("%s: a result is tried again: %+v", name, result)
		}
		if grace := row.job.Template.Spec.TerminationGracePeriodSeconds; grace == nil || *grace < 360 {
			t.Errorf("%s: the pod is killed before the role may be given back: %v", name, grace)
		}
	}
}

func TestEveryNightOnce(t *testing.T) {
	b := mustBuild(t, "nightly")
	cron := only(t, b.cron, "reprompt-nightly")
	if cron.ConcurrencyPolicy != batchv1.ForbidConcurrent {
		t.Errorf("concurrency policy %s: two runs are in each other's way", cron.ConcurrencyPolicy)
	}
	if cron.TimeZone == nil || cron.StartingDeadlineSeconds == nil || len(strings.Fields(cron.Schedule)) != 5 {
		t.Errorf("schedule %q, time zone %v, starting deadline %v", cron.Schedule, cron.TimeZone, cron.StartingDeadlineSeconds)
	}
	if deadline := cron.JobTemplate.Spec.ActiveDeadlineSeconds; deadline == nil || *deadline >= 24*60*60 {
		t.Errorf("a run may go on until the next one is due: %v", deadline)
	}
}

// A pod that proves reaches DNS and port 443 outside; one that joins bundles reaches nothing.
func TestTheNetworkIsClosed(t *testing.T) {
	b := mustBuild(t, "prove")
	for name, p := range b.policies {
		if !slices.Equal(p.Spec.PolicyTypes, []networkingv1.PolicyType{"Ingress", "Egress"}) || len(p.Spec.Ingress) != 0 {
			t.Errorf("%s: %v, ingress %v", name, p.Spec.PolicyTypes, p.Spec.Ingress)
		}
	}
	if merge := only(t, b.policies, "reprompt-merge"); len(merge.Spec.Egress) != 0 {
		t.Errorf("the merge step reaches %v", merge.Spec.Egress)
	}
	ports := map[string]bool{}
	for _, rule := range only(t, b.policies, "reprompt-prove").Spec.Egress {
		if len(rule.To) == 0 || len(rule.Ports) == 0 {
			t.Errorf("a rule without an end: %+v", rule)
		}
		for _, port := range rule.Ports {
			ports[fmt.Sprintf("%s/%s", *port.Protocol, port.Port)] = true
		}
		for _, to := range rule.To {
			if to.IPBlock != nil && len(to.IPBlock.Except) == 0 {
				t.Errorf("%s reaches private networks, too", to.IPBlock.CIDR)
			}
		}
	}
	for _, want := range []string{"UDP/53", "TCP/53", "TCP/443"} {
		if !ports[want] {
			t.Errorf("%s is not allowed", want)
		}
		delete(ports, want)
	}
	if len(ports) > 0 {
		t.Errorf("also allowed: %v", ports)
	}
}

// No object of the kind Secret, and nothing that looks like one in what is built.
func TestNoSecretIsBuilt(t *testing.T) {
	for _, dir := range kustomizations {
		b := mustBuild(t, dir)
		for _, mark := range []string{"kind: Secret\n", "BEGIN PRIVATE KEY", "client_secret:", "password:", "totp_secret:"} {
			if strings.Contains(b.text, mark) {
				t.Errorf("%s: holds %q", dir, mark)
			}
		}
	}
}
