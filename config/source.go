package config

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/reprompt/reprompt/secret"
)

// commandWithin bounds a command that prints a secret. A person may have to confirm it first.
const commandWithin = time.Minute

// mostOutput bounds what a command may print: a passkey file is below 1 KiB.
const mostOutput = 64 << 10

// secretKeys are the keys by which a secret may be named.
func secretKeys(name string) []string { return []string{name + "_file", name + "_env", name} }

// secretKey is the key by which a secret is named; "" when it is not.
func (s section) secretKey(name string) string {
	for _, key := range secretKeys(name) {
		if s.has(key) {
			return key
		}
	}
	return ""
}

// secret reads NAME_file, NAME_env, or NAME with file, env or command under it; empty when none is
// there. The secret itself as a value is refused.
func (s section) secret(name string) secret.Text {
	key := s.secretKey(name)
	if key == "" {
		return secret.Text{}
	}
	if s.exactlyOne(name, secretKeys(name)...) == "" {
		return secret.Text{}
	}
	switch key {
	case name + "_file":
		return s.secretFile(key)
	case name + "_env":
		return s.secretEnv(key)
	}
	if _, mapping := s.values[key].(*ast.MappingNode); !mapping {
		s.fail(key, "write "+name+"_file: PATH of a file of mode 0600, "+name+"_env: VARIABLE, or "+name+": {command: [PROGRAM, ARGUMENT]}",
			"%s holds the secret itself, which may not stand in the file", s.path(key))
		return secret.Text{}
	}
	return s.section(key, "file", "env", "command").source()
}

// source reads a secret from where it says.
func (s section) source() secret.Text {
	switch s.exactlyOne("source", "file", "env", "command") {
	case "file":
		return s.secretFile("file")
	case "env":
		return s.secretEnv("env")
	case "command":
		return s.secretCommand("command")
	}
	return secret.Text{}
}

// secretFile reads the secret in the file that a key names.
func (s section) secretFile(key string) secret.Text {
	path := s.file(key)
	if path == "" || !s.ownerOnly(key, path) {
		return secret.Text{}
	}
	raw, err := readSmall(path)
	if err != nil {
		s.fail(key, "name a file that can be read", "%s cannot be read: %s", path, reason(err))
		return secret.Text{}
	}
	text := withoutLineEnd(string(raw))
	if text == "" {
		s.fail(key, "write the secret into it", "%s is empty", path)
	}
	return secret.New(text)
}

func (s section) secretEnv(key string) secret.Text {
	name := s.text(key)
	if name == "" {
		return secret.Text{}
	}
	text := withoutLineEnd(os.Getenv(name))
	if text == "" {
		s.fail(key, "export "+name, "environment variable %s is not set", name)
	}
	return secret.New(text)
}

// secretCommand runs a program, without a shell and in the folder of the tenant file, and takes what
// it prints. It is run only once nothing before it was wrong. Its arguments are not shown: they may
// be more than a name.
func (s section) secretCommand(key string) secret.Text {
	command := s.texts(key)
	if s.r.err != nil {
		return secret.Text{}
	}
	if len(command) == 0 {
		s.fail(key, "write it as [PROGRAM, ARGUMENT]", "%s is empty", s.path(key))
		return secret.Text{}
	}
	output, err := s.output(command)
	text := withoutLineEnd(output)
	switch {
	case err != nil:
		s.fail(key, "run it by hand in the folder of the tenant file", "the command %s gave no secret: %s", command[0], oneLine(err.Error()))
	case text == "":
		s.fail(key, "run it by hand in the folder of the tenant file", "the command %s printed nothing", command[0])
	case len(text) > mostOutput:
		s.fail(key, "let it print the secret and nothing else", "the command %s printed more than %d bytes", command[0], mostOutput)
	default:
		return secret.New(text)
	}
	return secret.Text{}
}

// output runs a command. What it says on standard error is part of the error, its first line: there
// it says why.
func (s section) output(command []string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.WaitDelay = filepath.Dir(s.r.file), time.Second
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", errors.New("it did not end within " + commandWithin.String())
	}
	if first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); err != nil && first != "" {
		return "", errors.New(err.Error() + ": " + first)
	}
	return out.String(), err
}
