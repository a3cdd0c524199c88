package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// question asks for what a flag did not say.
type question struct {
	flag, text string
	answer     *string
	otherwise  string                    // taken for an empty answer; empty: there has to be one
	optional   bool                      // an empty answer will do
	check      func(answer string) error // nil: anything
}

var idPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func anID(answer string) error {
	if !idPattern.MatchString(answer) {
		return fmt.Errorf("%q is no id: write it as 11111111-2222-3333-4444-555555555555", answer)
	}
	return nil
}

func aUPN(answer string) error {
	if at := strings.IndexByte(answer, '@'); at < 1 || at == len(answer)-1 {
		return fmt.Errorf("%q is no user principal name: write it as name@domain", answer)
	}
	return nil
}

func oneOf(known ...string) func(string) error {
	return func(answer string) error {
		if !slices.Contains(known, answer) {
			return fmt.Errorf("%q is none of %s", answer, strings.Join(known, ", "))
		}
		return nil
	}
}

// adminSecrets are the lines of the tenant file that say where the admin's secrets are.
var adminSecrets = map[string][]string{
	"environment": {"password_env: REPROMPT_PASSWORD", "totp_secret_env: REPROMPT_TOTP_SECRET"},
	"files":       {"password_file: secrets/password", "totp_secret_file: secrets/totp-secret"},
	"passkey":     {"passkey_file: secrets/passkey.json"},
	"human":       {"human: true"},
}

func (f *initFlags) questions() []question {
	o := &f.options
	all := []question{
		{"cloud", "Which cloud: public, usgov or china?", &f.cloud, "public", false, oneOf("public", "usgov", "china")},
		{"tenant-id", "The tenant's id?", &o.TenantID, "", false, anID},
		{"admin", "The test admin's user principal name?", &o.AdminUPN, "", false, aUPN},
		{"admin-sign-in", "Where are the test admin's secrets: environment, files, passkey, or human for a person who signs in?", &f.signIn, "environment", false, oneOf("environment", "files", "passkey", "human")},
		{"sign-in", "How do the applications sign in: certificate, client-secret, workload-identity, managed-identity or azure-cli?", &o.SignIn, "certificate", false, oneOf("certificate", "client-secret", "workload-identity", "managed-identity", "azure-cli")},
	}
	if o.Register {
		return all
	}
	all = append(
		all,
		question{"domain", "A verified domain of the tenant?", &o.Domain, "", false, nil},
		question{"admin-id", "The test admin's object id?", &o.AdminID, "", false, anID},
		question{"harness-id", "The public client's client id?", &o.HarnessID, "", false, anID},
	)
	if o.SignIn != "azure-cli" {
		all = append(all, question{"reader-id", "The reader's client id?", &o.ReaderID, "", o.SignIn == "managed-identity", anID})
	}
	return all
}

// ask fills in what the flags left out, and lets a person confirm what is registered.
func (p *program) ask(f *initFlags) error {
	in := bufio.NewReader(p.stdin)
	for asked := 0; ; {
		questions := f.questions() // an answer may raise further ones
		if asked == len(questions) {
			break
		}
		if err := p.put(in, f.yes, questions[asked]); err != nil {
			return err
		}
		asked++
	}
	for _, id := range f.options.BreakGlass {
		if err := anID(id); err != nil {
			return usagef("--break-glass: %s", err)
		}
	}
	f.options.TenantID, f.options.Admin = strings.ToLower(f.options.TenantID), adminSecrets[f.signIn]
	if !f.options.Register || f.yes {
		return nil
	}
	return p.confirm(in, f)
}

// put asks one question until its answer will do. A value of a flag is not asked for, and is refused
// at once when it will not do.
func (p *program) put(in *bufio.Reader, quiet bool, q question) error {
	if *q.answer != "" {
		if err := q.verdict(*q.answer); err != nil {
			return usagef("--%s: %s", q.flag, err)
		}
		return nil
	}
	for {
		if quiet {
			*q.answer = q.otherwise
		} else if err := p.read(in, q); err != nil {
			return err
		}
		if *q.answer == "" && q.optional {
			return nil
		}
		err := q.verdict(*q.answer)
		switch {
		case *q.answer == "" && quiet:
			return usagef("init needs --%s: %s", q.flag, q.text)
		case err == nil:
			return nil
		case quiet:
			return usagef("--%s: %s", q.flag, err)
		}
		fmt.Fprintln(p.stderr, err)
	}
}

func (q question) verdict(answer string) error {
	switch {
	case answer == "":
		return fmt.Errorf("it is needed")
	case q.check == nil:
		return nil
	}
	return q.check(answer)
}

func (p *program) read(in *bufio.Reader, q question) error {
	prompt := q.text
	if q.otherwise != "" {
		prompt += " [" + q.otherwise + "]"
	}
	fmt.Fprint(p.stderr, prompt+" ")
	line, err := in.ReadString('\n')
	if err != nil && (err != io.EOF || line == "") {
		return usagef("init needs an answer to %q: give --%s, or answer on standard input", q.text, q.flag)
	}
	if *q.answer = strings.TrimSpace(line); *q.answer == "" {
		*q.answer = q.otherwise
	}
	return nil
}

// confirm shows what will be made in the tenant.
func (p *program) confirm(in *bufio.Reader, f *initFlags) error {
	what := "a reader that cannot write, and a public client for " + f.options.AdminUPN + " alone"
	if f.options.Fixtures {
		what += ", and an application that can change the tenant"
	}
	fmt.Fprintf(p.stderr, "In the tenant %s init will register %s. Go on? [no] ", f.options.TenantID, what)
	line, _ := in.ReadString('\n') // an end of input is a no
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "yes" && answer != "y" {
		return usagef("nothing was registered: answer yes, or say --yes")
	}
	return nil
}
