package evidence

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// seal ends a bundle: the signer's public key, the manifest of everything, a statement about the
// manifest, a statement about every file, and a timestamp of that where an authority gives one. What
// comes later names what was there before, so that the last signature stands for the whole.
func (s store) seal(r runRecord, signer *Signer, authority *TimestampAuthority) error {
	if err := s.write(signerName, signer.Public().PEM(), false); err != nil {
		return err
	}
	files, err := s.list()
	if err != nil {
		return err
	}
	if err := s.writeJSON(manifestName, Manifest{Schema: manifestSchema, Files: files}, false); err != nil {
		return err
	}
	manifest, err := fileOf(filepath.Join(s.root, manifestName), manifestName)
	if err != nil {
		return fmt.Errorf("measure the manifest: %w", err)
	}
	if err := s.flush(append(slices.Clone(files), manifest)...); err != nil {
		return err
	}
	svr, err := svrStatement(r, manifest)
	if err != nil {
		return fmt.Errorf("encode the statement: %w", err)
	}
	sealed, err := s.sign(svrName, svr, signer)
	if err != nil {
		return err
	}
	result, err := testStatement(r, append(files, manifest, File{Path: svrName, SHA256: Digest(sealed)}))
	if err != nil {
		return fmt.Errorf("encode the statement: %w", err)
	}
	if sealed, err = s.sign(statementName, result, signer); err != nil {
		return err
	}
	if err := s.flush(File{Path: svrName}, File{Path: statementName}); err != nil || authority == nil {
		return err
	}
	return s.stamp(sealed, authority)
}

// sign writes a statement in an envelope and returns the envelope. The guard sees the statement
// itself, too: in the envelope it stands in base64.
func (s store) sign(name string, payload []byte, signer *Signer) ([]byte, error) {
	if err := s.guard.check(payload); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	sealed, err := envelop(signer, payload)
	if err != nil {
		return nil, err
	}
	return sealed, s.write(name, sealed, false)
}

// stamp asks the authority for a timestamp of the envelope.
func (s store) stamp(sealed []byte, authority *TimestampAuthority) error {
	request, err := timestampRequest(sealed)
	if err != nil {
		return err
	}
	answer, err := authority.Ask(request)
	if err != nil {
		return fmt.Errorf("ask %s for a timestamp: %w", authority.URL, err)
	}
	if _, err := readTimestamp(answer, sealed, nil); err != nil {
		return fmt.Errorf("ask %s for a timestamp: %w", authority.URL, err)
	}
	return errors.Join(s.write(timestampName, answer, false), s.flush(File{Path: timestampName}))
}
