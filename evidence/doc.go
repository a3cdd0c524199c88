// Package evidence writes what a run saw to a folder that a person can read and a machine can
// check, and never anything that could be used to sign in.
//
// # The folder
//
// Create makes one new folder per run, named by time and run id; folders are 0700, files 0600,
// and every file but events.ndjson appears whole or not at all:
//
//	20260314T092653Z-7f3a/
//	  run.json               what ran, against what, when; state "running" until Close
//	  report.html            for people: self-contained, no script, nothing fetched
//	  manifest.json          size and SHA-256 of every other file, sorted by path
//	  scenarios/01-report-only-policy/
//	    observation.json     a verdict.Observation: facts only
//	    verdict.json         a verdict.Verdict, with the version of the rules
//	    events.ndjson        what happened in order, hash-chained (see Event)
//	    01-password.png      pictures in the order in which they were taken
//
// A run that was cut off leaves a readable folder without report.html and manifest.json whose
// run.json says "running".
//
// manifest.json is
//
//	{"schema":"reprompt/manifest/v1","files":[{"path":"report.html","size":1234,"sha256":"…"}]}
//
// Paths are relative to the folder, with slashes. Whoever signs a run signs the manifest: it
// names every other file, and the folder is complete when both lists agree.
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
// That the machine that ran it was honest. That the folder was not made anew: digests show a
// change, not an author.
package evidence
