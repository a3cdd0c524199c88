package config

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/reprompt/reprompt/secret"
)

func (s section) admin() Admin {
	if !s.need("admin", "with upn, object_id and password_file under it") {
		return Admin{}
	}
	admin := s.section("admin", slices.Concat([]string{"make", "credential", "human"}, accountKeys())...)
	if admin.flag("make") {
		return admin.made(s.has("fixtures_app"))
	}
	if admin.has("credential") {
		admin.fail("credential", "add make: true, or leave it out", "admin.credential is for an admin that is made for the run")
	}
	a := admin.account()
	a.Human = admin.flag("human")
	if a.Password.Empty() && a.TemporaryAccessPass.Empty() && a.Passkey == nil && !a.Human {
		admin.fail("", "add password_file, temporary_access_pass_file or passkey_file, or human: true", "admin has no password, no temporary access pass and no passkey")
	}
	return a
}

// accountKeys are what may stand of an account that is there.
func accountKeys() []string {
	return slices.Concat([]string{"upn", "object_id"}, secretKeys("password"), secretKeys("totp_secret"), secretKeys("temporary_access_pass"), secretKeys("passkey"))
}

// account reads an account that is there, and what it signs in with.
func (s section) account() Admin {
	a := Admin{UPN: s.needText("upn", "admin@contoso.onmicrosoft.com"), ObjectID: s.id("object_id")}
	if at := strings.IndexByte(a.UPN, '@'); s.has("upn") && (at < 1 || at == len(a.UPN)-1) {
		s.fail("upn", "write it as name@domain", "%s is no user name", s.path("upn"))
	}
	a.Password = s.secret("password")
	a.TOTPSecret = s.totp()
	a.TemporaryAccessPass = s.secret("temporary_access_pass")
	a.Passkey = s.passkey()
	return a
}

// testAdmins reads the test admins beside the first one.
func (s section) testAdmins(first Admin) []Admin {
	if !s.has("test_admins") {
		return nil
	}
	list, ok := s.values["test_admins"].(*ast.SequenceNode)
	if !ok {
		s.fail("test_admins", "write one account behind each hyphen, as under admin", "test_admins is %s, want a list", kind(s.values["test_admins"]))
		return nil
	}
	if first.Make != "" {
		s.fail("test_admins", "leave it out, or name an admin that is there", "test_admins stands beside an admin that is made for the run")
		return nil
	}
	all := []Admin{first}
	for i, node := range list.Values {
		at := node.GetToken().Position
		account := s.r.mapping(fmt.Sprintf("test_admins[%d]", i), at, node, accountKeys()...)
		a := account.account()
		if a.Password.Empty() && a.TemporaryAccessPass.Empty() && a.Passkey == nil {
			account.fail("", "add password_file, temporary_access_pass_file or passkey_file", "%s has no password, no temporary access pass and no passkey", account.title())
		}
		if slices.ContainsFunc(all, func(other Admin) bool { return other.ObjectID == a.ObjectID || strings.EqualFold(other.UPN, a.UPN) }) {
			account.fail("upn", "name each account once; the one under admin is among them by itself", "%s is an account that stands in the file already", account.title())
		}
		all = append(all, a)
	}
	return all[1:]
}

// made reads an admin that is made for the run: nothing of it can be known beforehand.
func (s section) made(prepares bool) Admin {
	for _, key := range s.keys {
		if key != "make" && key != "credential" {
			s.fail(key, "leave it out, or make: true", "%s says something of an account that is yet to be made", s.path(key))
		}
	}
	if !prepares {
		s.fail("make", "add fixtures_app in the file of a tenant for tests, or name an admin that is there", "admin.make needs fixtures_app, which makes the account")
	}
	s.need("credential", MadeWithPasskey+" or "+MadeWithAccessPass)
	return Admin{Make: s.oneOf("credential", MadeWithPasskey, MadeWithAccessPass)}
}

// withoutLineEnd takes off the one line end that an editor puts behind a secret; spaces may belong to it.
func withoutLineEnd(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}

// ownerOnly refuses a file that is not one, or that others can read. Windows has no such modes.
func (s section) ownerOnly(key, path string) bool {
	if path == "" {
		return false
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		s.fail(key, "name an existing file", "%s cannot be read: %s", path, reason(err))
	case !info.Mode().IsRegular():
		s.fail(key, "name a file", "%s is no file", path)
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		s.fail(key, "run: chmod 600 "+path, "%s can be read or written by others (mode %04o)", path, info.Mode().Perm())
	default:
		return true
	}
	return false
}

// totp reads the seed of the one-time codes as apps show it: base32, perhaps in groups and in
// lower case, with or without padding.
func (s section) totp() secret.Text {
	seed := s.secret("totp_secret")
	if seed.Empty() {
		return seed
	}
	text := strings.ToUpper(strings.TrimRight(strings.Join(strings.Fields(seed.Reveal()), ""), "="))
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text); err != nil || len(raw) == 0 {
		key := s.secretKey("totp_secret")
		s.fail(key, "write the secret key that the app shows, letters A-Z and digits 2-7", "%s names no seed in base32", s.path(key))
	}
	return secret.New(text)
}

// passkey reads the passkey file; nil when it is not there.
func (s section) passkey() *Passkey {
	text, key := s.secret("passkey"), s.secretKey("passkey")
	if text.Empty() {
		return nil
	}
	var file struct {
		RPID       string `json:"rp_id"`
		ID         string `json:"credential_id"`
		Handle     string `json:"user_handle"`
		PrivateKey string `json:"private_key_pkcs8"`
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text.Reveal())))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		s.fail(key, "write rp_id, credential_id, user_handle and private_key_pkcs8 as JSON texts", "the passkey file is not of its form")
		return nil
	}
	id, idErr := base64.RawURLEncoding.DecodeString(file.ID)
	handle, handleErr := base64.RawURLEncoding.DecodeString(file.Handle)
	if idErr != nil || handleErr != nil || len(id) == 0 || len(handle) == 0 || file.RPID == "" {
		s.fail(key, "write rp_id as a host name, credential_id and user_handle in base64url without padding", "the passkey file lacks a part")
		return nil
	}
	if !isP256(file.PrivateKey) {
		s.fail(key, "write a P-256 key as PKCS #8 in base64url without padding", "private_key_pkcs8 of the passkey file is no such key")
		return nil
	}
	return &Passkey{RPID: file.RPID, CredentialID: id, UserHandle: handle, PrivateKeyPKCS8: secret.New(file.PrivateKey)}
}

// isP256 reports whether a text is a P-256 private key in PKCS #8.
func isP256(text string) bool {
	der, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return false
	}
	p256, ok := key.(*ecdsa.PrivateKey)
	return ok && p256.Curve == elliptic.P256()
}
