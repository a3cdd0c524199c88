package config

import (
	"net/url"
	"path/filepath"

	"github.com/reprompt/reprompt/loopback"
	"github.com/reprompt/reprompt/secret"
)

// Notify says who is told of a verdict that changed, a proof that is overdue, a tenant that could not be
// restored. Its zero value tells nobody.
type Notify struct {
	Webhook *Webhook // nil: none
	Command []string // a program and its arguments, run without a shell; nil: none
	Dir     string   // the folder that Command is run in: that of the file
}

// Webhook is an address that takes notifications by POST.
type Webhook struct {
	URL    string      // https, or http on this machine
	Secret secret.Text // by which the body is signed; empty: it is not
}

// notify reads notify: {webhook: {url, secret_file}, command: [PROGRAM, ARGUMENT]}.
func (s section) notify() Notify {
	if !s.has("notify") {
		return Notify{}
	}
	n := s.section("notify", "webhook", "command")
	if len(n.keys) == 0 {
		s.fail("notify", "add webhook or command under it, or leave notify out", "notify names nobody")
	}
	told := Notify{Command: n.texts("command"), Dir: filepath.Dir(s.r.file)}
	if n.has("command") && len(told.Command) == 0 {
		n.fail("command", "write it as [PROGRAM, ARGUMENT]", "notify.command is empty")
	}
	if n.has("webhook") {
		told.Webhook = n.section("webhook", append([]string{"url"}, secretKeys("secret")...)...).webhook()
	}
	return told
}

func (s section) webhook() *Webhook {
	address := s.needText("url", "https://hooks.example.com/reprompt")
	u, err := url.Parse(address)
	switch {
	case !s.has("url"):
	case err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http":
		s.fail("url", "write it as https://HOST/PATH, without user and password", "%s is no address", s.path("url"))
	case u.Scheme == "http" && !loopback.Is(u.Hostname()):
		s.fail("url", "write https://: what is told of a tenant is not for the network", "%s is not encrypted", s.path("url"))
	}
	return &Webhook{URL: address, Secret: s.secret("secret")}
}
