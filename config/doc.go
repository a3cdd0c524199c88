// Package config reads a tenant file: which tenant, with which accounts, and what may be done
// to it. Reading is strict. A key that is not known, a value of another type, a missing key, a
// secret that others can read: each is one Error with file, line and column that says how to mend
// it. Nothing is written, and nothing is asked of the tenant.
//
// A tenant file names everything there is to say about a tenant:
//
//	schema: reprompt/tenant/v1
//	cloud: public                      # public, usgov or china; left out: public
//	tenant_id: 11111111-2222-3333-4444-555555555555
//	domain: contoso.example
//
//	fixtures_app:                      # prepares a tenant for tests; exactly one credential
//	  client_id: 22222222-2222-3333-4444-555555555555
//	  client_secret_file: secrets/fixtures   # or another way to sign in, see below
//	reader_app:                        # what prove and doctor read with; left out: fixtures_app
//	  client_id: 66666666-2222-3333-4444-555555555555
//	  client_secret: {command: [cat, secrets/reader]}
//	harness_app:                       # public client through which the admin signs in
//	  client_id: 33333333-2222-3333-4444-555555555555
//	  redirect_uri: http://localhost
//	admin:                             # the test admin, and what it signs in with
//	  upn: admin@contoso.example
//	  object_id: 44444444-2222-3333-4444-555555555555
//	  password_file: secrets/password        # or password_env
//	  totp_secret_env: REPROMPT_TOTP_SECRET  # or totp_secret_file; base32, as the app shows it
//	  passkey_file: secrets/passkey.json
//	  temporary_access_pass_file: secrets/pass
//	  human: true                      # with --headed --human a person signs in
//
//	test_admins:                       # more of them, to prove several roles at a time; left out: none
//	  - upn: second@contoso.example
//	    object_id: 77777777-2222-3333-4444-555555555555
//	    password_env: REPROMPT_SECOND    # and so on, as under admin; a person is never asked
//
//	safety:
//	  tenant_ids: [11111111-2222-3333-4444-555555555555]   # must hold tenant_id
//	  break_glass: [55555555-2222-3333-4444-555555555555]  # object ids that every policy excludes
//	  max_activations_per_day: 20                          # left out: 10
//	roles:                             # what a step-up must consist of; any where left out
//	  Privileged Role Administrator: {require: phishing-resistant}
//	  Application Administrator: {require: mfa}
//
//	proxy: http://127.0.0.1:8080       # left out: none
//	ca_file: ca.pem                    # PEM; trusted beside the system's
//	test_clock:                        # only of an embedded tenant, only on this machine
//	  url: http://127.0.0.1:8181
//	  token_file: secrets/control
//	waits:                             # left out: 30s, 2m, 5m, 5m; the first three by the machine's clock
//	  page: 30s                        # for a page to come and stand still
//	  step: 2m                         # for one step of a scenario
//	  propagation: 5m                  # for a change of the tenant to be seen; with test_clock left out: it is at once
//	  settle: 5m                       # how old policies and role setting have to be before a proof
//	browser:
//	  path: /usr/bin/chromium          # left out: the one that is found
//	  # url_env: BROWSER_URL           # in its place: the address of one that runs already; a secret
//	  allow_hosts: [adfs.contoso.example, "*.cdn.example"]  # beside those that the cloud is known to need
//	portal:
//	  labels: [portal-pl.json]         # what the portal's controls are called in another language
//	signing:                           # left out: a key that is made for the run
//	  key_file: secrets/signing.pem    # or command: [PROGRAM, ARGUMENT], which prints it
//	  timestamp_url: http://timestamp.example/   # RFC 3161; left out: no timestamp
//	controls: controls.yaml            # rows of a control map beside those built in; left out: none
//
// An application signs in with one of client_secret, certificate_file (PEM or PKCS #12 with its key;
// its password is certificate_password), workload_identity: true (a federated token),
// managed_identity: true (client_id left out: the machine's own) and azure_cli: true (without
// client_id). One of fixtures_app and reader_app has to be there. fixtures_app writes, and belongs
// into the file of a tenant for tests only; reader_app should not be able to.
//
// On a tenant for tests the admin can be made for the run, and is taken away with it. Nothing else
// stands under admin then, and credential says what it signs in with, passkey or access-pass:
//
//	admin: {make: true, credential: passkey}
//
// Such a file is for run only: prove writes no configuration, and doctor has nobody to examine.
//
// signing names a private key in PEM, Ed25519 or ECDSA P-256, that only its owner may read. controls
// is in the form that package evidence reads.
//
// Paths are relative to the folder of the tenant file. A secret never stands in the file. NAME_file
// names a file that holds nothing else and that only its owner may read (mode 0600), NAME_env an
// environment variable, and NAME one of {file: PATH}, {env: VARIABLE} and {command: [PROGRAM,
// ARGUMENT]}: a program that prints the secret, run without a shell in the folder of the tenant file
// when the file is read. One line end behind a secret is taken off.
//
// A passkey file is JSON, its bytes in base64url without padding, the private key PKCS #8 of a
// P-256 key:
//
//	{"rp_id":"login.microsoft.com","credential_id":"…","user_handle":"…","private_key_pkcs8":"…"}
package config
