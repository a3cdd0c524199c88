package config

import "slices"

// credentials are the ways in which an application signs in; exactly one is chosen. A secret has
// several keys.
var credentials = slices.Concat(secretKeys("client_secret"), []string{"certificate_file", "workload_identity", "managed_identity", "azure_cli"})

// application reads how an application signs in as itself; nil when the key is not there.
func (s section) application(key string) *Application {
	if !s.has(key) {
		return nil
	}
	app := s.section(key, slices.Concat([]string{"client_id"}, credentials, secretKeys("certificate_password"))...)
	var a Application
	switch chosen := app.exactlyOne("credential", credentials...); chosen {
	case "azure_cli":
		a.AzureCLI = app.must(chosen)
		if app.has("client_id") {
			app.fail("client_id", "remove it", "%s is not used with azure_cli", app.path("client_id"))
		}
		return &a
	case "managed_identity":
		a.ManagedIdentity = app.must(chosen)
		if !app.has("client_id") { // the machine's own identity, not one that was assigned to it
			return &a
		}
	case "workload_identity":
		a.WorkloadIdentity = app.must(chosen)
	case "certificate_file":
		a.CertificateFile = app.file(chosen)
		app.ownerOnly(chosen, a.CertificateFile)
		a.CertificatePassword = app.secret("certificate_password")
	default:
		a.ClientSecret = app.secret("client_secret")
	}
	a.ClientID = app.id("client_id")
	return &a
}

// must reads a choice that is made by writing true.
func (s section) must(key string) bool {
	chosen := s.flag(key)
	if !chosen {
		s.fail(key, "write true, or use client_secret_file", "%s is not true", s.path(key))
	}
	return chosen
}
