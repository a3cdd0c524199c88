// Package evidence keeps what a run saw as a bundle: a folder that a person can read, that others can
// verify alone and offline, and that holds nothing with which one could sign in. It writes bundles,
// verifies them, joins and compares them. docs/evidence.md says the same at length, and
// docs/evidence-fields.md has every field; the JSON Schemas are in evidence/schema.
//
// # The folder
//
// Create makes one new folder per run, named by time and run id; folders are 0700, files 0600,
// and every file but events.ndjson appears whole or not at all:
//
//	20260314T092653Z-7f3a/
//	  run.json               what ran, against what, when; state "running" until Close
//	  features/01-role.feature  the feature files, as they were run
//	  scenarios/01-report-only-policy/
//	    observation.json     a verdict.Observation: facts only
//	    verdict.json         a verdict.Verdict, with the version of the rules
//	    events.ndjson        what happened in order, hash-chained (see Event)
//	    configuration-after.json  the configuration once the proof was over
//	    01-password.png      pictures in the order in which they were taken
//	    trace.json, trace/   step by step, for people, where it was asked for (see Trace)
//	  report.html            for people; it and what other writers make follows from the files above
//	  signer.pem             the public key of whoever signed
//	  manifest.json          size and SHA-256 of every file above, sorted by path
//	  svr.dsse.json          signed: which property the run shows; about manifest.json
//	  statement.dsse.json    signed: the result; about every file above
//	  timestamp.tsr          an RFC 3161 timestamp of statement.dsse.json, where one was asked for
//
// A run that was cut off leaves a readable folder whose run.json says "running" and in which nothing
// is signed. Close flushes everything that the manifest names to the disk before it signs. Until then a
// process may be killed and nothing that it wrote is lost; a machine that loses its power may leave files
// empty, run.json too, and such a folder never verifies. A bundle is never changed: what comes later is a new one that contains it, under parts/.
//
// # What is signed
//
// Both signed files are DSSE envelopes around in-toto statements, version 1: statement.dsse.json of
// the predicate test-result v0.1, svr.dsse.json of the simple verification result v0.1. Without a key
// of the user's a key is made for the bundle and thrown away: that shows that nobody changed the
// bundle by accident, and no more, because whoever changes it can sign it anew.
//
// # What never reaches the disk
//
// Every byte goes through a guard that refuses anything shaped like a JSON Web Token, an
// authorization code, a flow token or a refresh token, and every secret registered with
// Run.Guard, plain or encoded (base64, URL, JSON, HTML). Of a token only an allow-list of claims
// and a digest is kept, see package tokens.
//
// # What the evidence does not show
//
// That the signature of an ID token was valid: it is checked while the run lasts and not kept.
// That the machine that ran it was honest: it could have made everything up. Without a trusted key,
// whose it is; without a trusted timestamp, when it was signed. That report.html and the other files
// made from the rest say what the rest says: they are covered by the signature, not derived again.
package evidence
