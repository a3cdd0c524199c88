package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/secret"
)

// Neither an error nor a defect shows a secret of the tenant file, however it came into the text.
func TestErrorsAndDefectsShowNoSecret(t *testing.T) {
	const planted = `Planted "secret" &4711`
	// As init writes it: only proved, so without fixtures_app.
	tenant := &config.Tenant{
		ReaderApp: &config.Application{ClientSecret: secret.New("reader's " + planted)}, Admin: config.Admin{Password: secret.New(planted)},
	}
	for name, fail := range map[string]func() error{
		"an error":        func() error { return errors.New("refused: passwd " + planted) },
		"the reader's":    func() error { return errors.New("refused: reader's " + planted) },
		"an address":      func() error { return errors.New("get https://host/?p=" + url.QueryEscape(planted)) },
		"a JSON answer":   func() error { return fmt.Errorf("answer %q", planted) },
		"a defect's text": func() error { panic("password " + planted) },
		"a defect's value": func() error {
			panic(fmt.Errorf("type %w", errors.New(planted)))
		},
		"a value that holds it": func() error { panic(tenant.Admin) },
	} {
		var out, errs bytes.Buffer
		p := &program{stdout: &out, stderr: &errs}
		root := &cobra.Command{Use: "reprompt", SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error {
			p.hideSecrets(tenant)
			return fail()
		}}
		code := p.execute(context.Background(), root, nil)
		printed := out.String() + errs.String()
		if code == 0 || !strings.Contains(printed, "[secret]") && name != "a value that holds it" {
			t.Errorf("%s: exit code %d, printed %q", name, code, printed)
		}
		for _, spelling := range []string{planted, url.QueryEscape(planted), `Planted \"secret`} {
			if strings.Contains(printed, spelling) {
				t.Errorf("%s: printed %q", name, printed)
			}
		}
	}
}
