package config

import "net/url"

// Signing says with which key the evidence is signed. At most one of KeyFile and Command is set;
// none means a key that is made for the run.
type Signing struct {
	// KeyFile holds a private key in PEM: Ed25519 or ECDSA P-256. Only its owner may read it.
	KeyFile string
	// Command is a program and its arguments that print such a key, for example a vault's client.
	Command []string
	// TimestampURL is an RFC 3161 authority; empty: no timestamp.
	TimestampURL string
}

func (s section) signing() Signing {
	if !s.has("signing") {
		return Signing{}
	}
	signing := s.section("signing", "key_file", "command", "timestamp_url")
	if signing.has("key_file") && signing.has("command") {
		signing.fail("command", "leave one out", "signing has key_file and command")
	}
	found := Signing{KeyFile: signing.file("key_file"), Command: signing.texts("command"), TimestampURL: signing.text("timestamp_url")}
	signing.ownerOnly("key_file", found.KeyFile)
	if signing.has("command") && len(found.Command) == 0 {
		signing.fail("command", "write a program and its arguments: [vault, read, -field=key, secret/reprompt]", "signing.command is empty")
	}
	if u, err := url.Parse(found.TimestampURL); found.TimestampURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
		signing.fail("timestamp_url", "write it as http://timestamp.example/, without user and password", "signing.timestamp_url is no address")
	}
	return found
}
