package evidence

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Algorithms of the keys that sign bundles. Both are signed as cosign and in-toto expect it: Ed25519
// over the message itself, ECDSA P-256 over its SHA-256, in ASN.1.
const (
	Ed25519   = "ed25519"
	ECDSAP256 = "ecdsa-p256"
)

const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// Signer signs bundles with one private key. The key never leaves it.
type Signer struct {
	key       crypto.Signer
	ephemeral bool
}

// ParseSigner reads a private key in PEM: PKCS #8, or SEC 1 for ECDSA. The error says how to mend it
// and never shows the key.
func ParseSigner(text []byte) (*Signer, error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("there is no private key in PEM: make one with reprompt keygen")
		}
		switch block.Type {
		case privateBlock:
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, errors.New("the private key is no PKCS #8: make one with reprompt keygen")
			}
			return signerOf(key)
		case "EC PRIVATE KEY":
			key, err := x509.ParseECPrivateKey(block.Bytes)
			if err != nil {
				return nil, errors.New("the private key is no SEC 1 key: make one with reprompt keygen")
			}
			return signerOf(key)
		case "ENCRYPTED PRIVATE KEY", "ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY":
			return nil, errors.New("the private key is encrypted: let signing.command print it decrypted, or make one with reprompt keygen")
		}
	}
}

func signerOf(key any) (*Signer, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the private key cannot sign: use Ed25519 or ECDSA P-256")
	}
	if _, err := publicKeyOf(signer.Public()); err != nil {
		return nil, err
	}
	return &Signer{key: signer}, nil
}

// newEphemeralSigner makes a key that nobody keeps: it shows that a bundle is whole, not whose it is.
func newEphemeralSigner() (*Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return &Signer{key: key, ephemeral: true}, nil
}

// GenerateKey makes a key pair in PEM: PKCS #8 and PKIX.
func GenerateKey(algorithm string) (private, public []byte, err error) {
	var key crypto.Signer
	switch algorithm {
	case Ed25519:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case ECDSAP256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return nil, nil, fmt.Errorf("there is no algorithm %q: use %s or %s", algorithm, Ed25519, ECDSAP256)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the key: %w", err)
	}
	of, err := publicKeyOf(key.Public())
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}), of.PEM(), nil
}

// Public is the key that verifies what the signer signs.
func (s *Signer) Public() PublicKey {
	of, _ := publicKeyOf(s.key.Public()) // was looked at when the signer was made
	return of
}

func (s *Signer) sign(message []byte) ([]byte, error) {
	if key, ok := s.key.(ed25519.PrivateKey); ok {
		return ed25519.Sign(key, message), nil
	}
	digest := sha256.Sum256(message)
	return s.key.Sign(rand.Reader, digest[:], crypto.SHA256)
}

// PublicKey is who a signature is by. The zero PublicKey verifies nothing.
type PublicKey struct {
	key crypto.PublicKey
	der []byte // PKIX
}

// ParsePublicKey reads the first public key in PEM (PKIX).
func ParsePublicKey(text []byte) (PublicKey, error) {
	block, _ := pem.Decode(text)
	switch {
	case block == nil:
		return PublicKey{}, errors.New("there is no public key in PEM: name the file that reprompt keygen wrote beside the private key")
	case block.Type == privateBlock, block.Type == "EC PRIVATE KEY":
		return PublicKey{}, errors.New("that is a private key, which verifies nothing and must not be passed on: name its public key")
	case block.Type != publicBlock:
		return PublicKey{}, fmt.Errorf("it holds a %s, want a PUBLIC KEY", printable(block.Type))
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return PublicKey{}, errors.New("the public key cannot be read: want PKIX, as reprompt keygen and cosign write it")
	}
	return publicKeyOf(key)
}

func publicKeyOf(key crypto.PublicKey) (PublicKey, error) {
	switch k := key.(type) {
	case ed25519.PublicKey:
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return PublicKey{}, errors.New("the key is ECDSA on another curve than P-256: use Ed25519 or ECDSA P-256")
		}
	default:
		return PublicKey{}, fmt.Errorf("the key is a %T: use Ed25519 or ECDSA P-256", key)
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return PublicKey{}, fmt.Errorf("encode the key: %w", err)
	}
	return PublicKey{key: key, der: der}, nil
}

// ID names the key: the SHA-256 of its PKIX form, in hexadecimal. It is a name and proves nothing.
func (k PublicKey) ID() string { return Digest(k.der) }

// PEM is the key as others read it.
func (k PublicKey) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: k.der})
}

// signed reports whether the signature of the message is by this key.
func (k PublicKey) signed(message, signature []byte) bool {
	switch key := k.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, signature)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(message)
		return ecdsa.VerifyASN1(key, digest[:], signature)
	}
	return false
}
