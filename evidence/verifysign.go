package evidence

import (
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
)

// signatures verifies both statements: first who signed, then that what is signed follows from the
// files and from run.json.
func (c *checker) signatures(files []File) {
	if content, err := c.read(signerName, largestDocument); err == nil {
		if c.signer, err = ParsePublicKey(content); err != nil {
			c.problem(OfAnotherForm, signerName, "%v", err)
		}
	}
	payload, ok := c.signed(statementName)
	if !ok {
		return
	}
	if c.signer.ID() != c.run.Signer.KeyID {
		c.problem(RecordDiffers, signerName, "run.json says that another key signed")
	}
	manifest, err := c.whole(manifestName)
	if err != nil {
		return // said already
	}
	var signed statement[json.RawMessage]
	if err := json.Unmarshal(payload, &signed); err == nil && !slices.ContainsFunc(signed.Subject, manifest.isSubject) {
		c.problem(FileChanged, manifestName, "its content is another one than was signed")
	}
	svr, ok := c.signed(svrName)
	if !ok || files == nil {
		return
	}
	of, err := c.whole(svrName)
	if err != nil {
		c.problem(NotReadable, svrName, "%v", err)
		return
	}
	all := append(append([]File{}, files...), manifest, of)
	c.states(statementName, "test-result", payload, func() ([]byte, error) { return testStatement(c.run, all) })
	c.states(svrName, "svr", svr, func() ([]byte, error) { return svrStatement(c.run, manifest) })
}

// isSubject reports whether a statement is about this file as it is.
func (f File) isSubject(r resource) bool { return r.Name == f.Path && r.Digest["sha256"] == f.SHA256 }

func (c *checker) whole(name string) (File, error) {
	return c.measure(name, largestEnvelope, nil)
}

// signed opens an envelope. A key that the reader trusts must have signed the outermost bundle; those
// inside are by whom they are, which is told.
func (c *checker) signed(name string) ([]byte, bool) {
	content, err := c.read(name, largestEnvelope)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.problem(SignatureMissing, name, "it is not there: nobody vouches for the bundle")
		return nil, false
	case err != nil:
		c.problem(NotReadable, name, "%v", err)
		return nil, false
	}
	trusted := c.options.Keys
	if payload, key, err := openEnvelope(content, trusted...); err == nil {
		c.signer = key
		c.told(func(b *VerifiedBundle) { b.Signer.KeyID, b.Signer.Trusted = key.ID(), true })
		return payload, true
	}
	payload, key, err := openEnvelope(content, c.signer)
	switch {
	case errors.Is(err, errNotSigned):
		c.problem(SignatureInvalid, name, "it was changed, or is not signed by the key in %s", signerName)
		return nil, false
	case errors.Is(err, errRewritten):
		c.problem(EnvelopeRewritten, name, "%v", err)
		return nil, false
	case err != nil:
		c.problem(SignatureMissing, name, "%v", err)
		return nil, false
	}
	c.told(func(b *VerifiedBundle) { b.Signer.KeyID = key.ID() })
	if name != statementName {
		return payload, true // said once
	}
	switch {
	case len(trusted) > 0 && c.prefix == "":
		c.problem(SignedByAnotherKey, name, "it is signed by the key %s, which is none of those given", key.ID())
	case c.run.Signer.Ephemeral:
		c.remark(SignerUnknown, name, "integrity only, signer unknown: the key was made for this bundle and kept by nobody")
	default:
		c.remark(SignerUnknown, name, "integrity only, signer unknown: no trusted key was given, and anybody can make a key; this one is %s", key.ID())
	}
	return payload, true
}

// states compares a statement with the one that follows from the bundle.
func (c *checker) states(name, schema string, payload []byte, follows func() ([]byte, error)) {
	if err := conforms(schema, payload); err != nil {
		c.problem(OfAnotherForm, name, "its statement: %v", err)
		return
	}
	want, err := follows()
	if err != nil {
		c.problem(NotReadable, name, "%v", err)
		return
	}
	var stated, following any
	if json.Unmarshal(payload, &stated) != nil || json.Unmarshal(want, &following) != nil || !sameJSON(stated, following) {
		c.problem(StatementDiffers, name, "what is signed does not follow from run.json, the manifest and the files")
	}
}

// timestamp verifies the timestamp of the outer signature.
func (c *checker) timestamp() {
	answer, err := c.read(timestampName, largestDocument)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.run.TimestampAuthority == "":
		return
	case errors.Is(err, fs.ErrNotExist):
		c.problem(TimestampInvalid, timestampName, "run.json says that an authority gave one, and it is not there")
		return
	case err != nil:
		c.problem(NotReadable, timestampName, "%v", err)
		return
	case c.run.TimestampAuthority == "":
		c.problem(FileAdded, timestampName, "it is there, and run.json says that no authority was asked")
		return
	}
	signed, err := c.read(statementName, largestEnvelope)
	if err != nil {
		return // said already
	}
	t, err := readTimestamp(answer, signed, c.options.TimestampRoots)
	if err != nil {
		c.problem(TimestampInvalid, timestampName, "%s", printable(err.Error()))
		return
	}
	c.told(func(b *VerifiedBundle) { b.Timestamp = &t })
	if !t.Trusted {
		c.remark(TimestampUntrusted, timestampName, "%s says that the bundle was there at %s; give its root with --timestamp-ca to believe it",
			printable(t.Authority), t.At.Format("2006-01-02T15:04:05Z"))
	}
}
