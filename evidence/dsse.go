package evidence

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// statementType is the payload type of an in-toto statement in an envelope.
const statementType = "application/vnd.in-toto+json"

// envelope is a DSSE envelope, version 1.0.2 of the specification (secure-systems-lab/dsse). It is
// written here and not by a library because it is two functions, and the verifier of a bundle is the
// last program in which to trust code that nobody reads.
type envelope struct {
	PayloadType string      `json:"payloadType"` // media type of the payload: an in-toto statement
	Payload     string      `json:"payload"`     // base64, standard alphabet
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	// KeyID is empty: every verifier names keys in its own way, and in-toto's pass over a signature by
	// a name that they do not have.
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"` // base64
}

// preAuthenticated is what is signed: type and payload with their lengths, so that neither can pass
// for a part of the other.
func preAuthenticated(payloadType string, payload []byte) []byte {
	head := "DSSEv1 " + strconv.Itoa(len(payloadType)) + " " + payloadType + " " + strconv.Itoa(len(payload)) + " "
	return append([]byte(head), payload...)
}

// envelop signs a statement.
func envelop(s *Signer, payload []byte) ([]byte, error) {
	sig, err := s.sign(preAuthenticated(statementType, payload))
	if err != nil {
		return nil, fmt.Errorf("sign the statement: %w", err)
	}
	content, err := json.Marshal(envelope{
		PayloadType: statementType, Payload: base64.StdEncoding.EncodeToString(payload),
		Signatures: []signature{{Sig: base64.StdEncoding.EncodeToString(sig)}},
	})
	return append(content, '\n'), err
}

// openEnvelope returns the payload of an envelope that one of the keys signed, and that key. A
// payload comes back with the error when only the signature is wrong, so that a reader can be told
// more; nothing may be believed of it.
func openEnvelope(content []byte, keys ...PublicKey) ([]byte, PublicKey, error) {
	var e envelope
	if err := json.Unmarshal(content, &e); err != nil {
		return nil, PublicKey{}, fmt.Errorf("read the envelope: %w", err)
	}
	if e.PayloadType != statementType {
		return nil, PublicKey{}, fmt.Errorf("read the envelope: its payload is a %q, want %s", printable(e.PayloadType), statementType)
	}
	again, err := json.Marshal(e)
	if err != nil || !bytes.Equal(append(again, '\n'), content) {
		return nil, PublicKey{}, errRewritten
	}
	payload, err := base64.StdEncoding.Strict().DecodeString(e.Payload)
	if err != nil {
		return nil, PublicKey{}, errors.New("read the envelope: its payload is no base64")
	}
	message := preAuthenticated(e.PayloadType, payload)
	for _, s := range e.Signatures[:min(len(e.Signatures), mostSignatures)] {
		sig, err := base64.StdEncoding.Strict().DecodeString(s.Sig)
		if err != nil {
			continue
		}
		for _, key := range keys {
			if s.KeyID == "" && key.signed(message, sig) {
				return payload, key, nil
			}
		}
	}
	return payload, PublicKey{}, errNotSigned
}

// mostSignatures bounds the signatures that are tried.
const mostSignatures = 16

// errRewritten is an envelope with other spaces, another order or further members than ours have. Its
// signature may hold, for it covers only the payload; the bytes of the file are bound by nothing then.
var errRewritten = errors.New("it is an envelope, but not written byte for byte as reprompt writes it: something was changed or added around what is signed; ask for the file as it was made")

var errNotSigned = errors.New("no signature of the envelope is by the key")
