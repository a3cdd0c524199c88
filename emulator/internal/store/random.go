package store

import (
	crand "crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
)

// newRand returns the source of the tenant that was made as the ordinal-th of a store.
func newRand(seed, ordinal uint64) *rand.Rand {
	var key [32]byte
	copy(key[:], "reprompt embedded tenant")
	binary.LittleEndian.PutUint64(key[16:], seed)
	binary.LittleEndian.PutUint64(key[24:], ordinal)
	return rand.New(rand.NewChaCha8(key))
}

// NewBytes returns n bytes of the seeded source.
func (t *Tenant) NewBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(t.Rand.Uint32())
	}
	return b
}

// NewID returns a GUID with the shape of a random one (version 4).
func (t *Tenant) NewID() string { return uuid(t.NewBytes(16)) }

// RandomID returns a random GUID, for an answer that belongs to no tenant and so to no seed.
func RandomID() string {
	b := make([]byte, 16)
	_, _ = crand.Read(b) // never fails (documented)
	return uuid(b)
}

// uuid makes 16 bytes a UUID of version 4 (RFC 9562, section 5.4), and writes it.
func uuid(b []byte) string {
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// NewHex returns n hexadecimal digits.
func (t *Tenant) NewHex(n int) string {
	return hex.EncodeToString(t.NewBytes((n + 1) / 2))[:n]
}

// NewSecret returns n random bytes in unpadded base64url: a cookie, a code, a client secret.
func (t *Tenant) NewSecret(n int) string {
	return base64.RawURLEncoding.EncodeToString(t.NewBytes(n))
}
