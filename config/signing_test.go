package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/config"
)

func TestSigning(t *testing.T) {
	t.Setenv("REPROMPT_PASSWORD", "pw")
	for name, row := range map[string]struct {
		yaml string
		want config.Signing
		says string
	}{
		"none":        {"", config.Signing{}, ""},
		"a key file":  {"signing: {key_file: key.pem, timestamp_url: 'http://timestamp.example/'}\n", config.Signing{KeyFile: "key.pem", TimestampURL: "http://timestamp.example/"}, ""},
		"a command":   {"signing: {command: [vault, read, key]}\n", config.Signing{Command: []string{"vault", "read", "key"}}, ""},
		"both":        {"signing: {key_file: key.pem, command: [cat]}\n", config.Signing{}, "signing has key_file and command; leave one out"},
		"no command":  {"signing: {command: []}\n", config.Signing{}, "signing.command is empty; write a program and its arguments"},
		"no file":     {"signing: {key_file: nothing.pem}\n", config.Signing{}, "nothing.pem cannot be read"},
		"no address":  {"signing: {timestamp_url: timestamp.example}\n", config.Signing{}, "signing.timestamp_url is no address; write it as http://timestamp.example/, without user and password"},
		"a password":  {"signing: {timestamp_url: 'http://u:p@timestamp.example'}\n", config.Signing{}, "without user and password"},
		"another key": {"signing: {keyfile: key.pem}\n", config.Signing{}, `unknown key "keyfile" in signing; did you mean key_file?`},
	} {
		t.Run(name, func(t *testing.T) {
			l := lab{dir: t.TempDir(), yaml: least + row.yaml}
			l.write(t, "key.pem", "key")
			if row.want.KeyFile != "" {
				row.want.KeyFile = l.path(row.want.KeyFile)
			}
			got, err := l.load(t)
			if row.says != "" {
				if err == nil || !strings.Contains(err.Error(), row.says) {
					t.Errorf("it says %v, want %q", err, row.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got.Signing); diff != "" {
				t.Errorf("signing (-want +got):\n%s", diff)
			}
		})
	}
}
