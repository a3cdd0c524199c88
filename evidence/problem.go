package evidence

import "fmt"

// Codes of what verification finds wrong. They are only ever added to.
const (
	SignatureMissing   = "SIGNATURE_MISSING"     // there is no statement, or it is no envelope
	EnvelopeRewritten  = "ENVELOPE_REWRITTEN"    // it is an envelope, and not written as reprompt writes it
	SignatureInvalid   = "SIGNATURE_INVALID"     // it is not by the key that the bundle itself names
	SignedByAnotherKey = "SIGNED_BY_ANOTHER_KEY" // it is not by a key that the reader trusts
	StatementDiffers   = "STATEMENT_DIFFERS"     // what is signed does not follow from run.json and the files
	TimestampInvalid   = "TIMESTAMP_INVALID"     // it is missing, of something else, or not of a given root
	FileChanged        = "FILE_CHANGED"          // size or digest is another one
	FileMissing        = "FILE_MISSING"          // it is named and not there
	FileAdded          = "FILE_ADDED"            // it is there and not named; a folder without a file, too
	NotAFile           = "NOT_A_FILE"            // a link, a pipe, a device
	NotReadable        = "NOT_READABLE"          // too large, too many, too deep, not to be read
	OfAnotherForm      = "OF_ANOTHER_FORM"       // a document does not have the form of its schema
	ChainBroken        = "CHAIN_BROKEN"          // a line of events.ndjson does not follow from the one before
	ChainTruncated     = "CHAIN_TRUNCATED"       // the chain does not end where run.json says
	PictureOutOfPlace  = "PICTURE_OUT_OF_PLACE"  // a picture does not stand where what it shows happened
	PictureChanged     = "PICTURE_CHANGED"       // a picture is not the one that was noted when it was taken
	VerdictDiffers     = "VERDICT_DIFFERS"       // the observation does not come to the recorded verdict
	TargetDiffers      = "TARGET_DIFFERS"        // the certificates do not come to the recorded target
	RecordDiffers      = "RECORD_DIFFERS"        // two documents of the bundle contradict each other
	PartDiffers        = "PART_DIFFERS"          // a bundle inside is not the one that was put there
	Unfinished         = "UNFINISHED"            // the run was cut off; nothing was signed
)

// Remarks of a verification: nothing is wrong, and a reader has to know.
const (
	SignerUnknown        = "SIGNER_UNKNOWN"        // integrity only
	EmbeddedTenant       = "EMBEDDED_TENANT"       // no real tenant was there
	PrivateAuthority     = "PRIVATE_AUTHORITY"     // not every host had a public certificate
	NotRedecided         = "NOT_REDECIDED"         // rules that this version does not know
	TimestampUntrusted   = "TIMESTAMP_UNTRUSTED"   // no roots were given to judge its authority by
	ConfigurationChanged = "CONFIGURATION_CHANGED" // while the proof ran
	NotRestored          = "NOT_RESTORED"          // the tenant is not as it was
	NoChainRecorded      = "NO_CHAIN_RECORDED"     // no certificate of a host is in the bundle
)

// Problem is one thing that is wrong, or that a reader has to know.
type Problem struct {
	Code string `json:"code"`
	Path string `json:"path"` // inside the outermost bundle; empty where it is about the whole
	Text string `json:"text"` // one sentence
}

// String is the problem on one line.
func (p Problem) String() string {
	if p.Path == "" {
		return fmt.Sprintf("%s: %s", p.Code, p.Text)
	}
	return fmt.Sprintf("%s %s: %s", p.Code, printable(p.Path), p.Text)
}
