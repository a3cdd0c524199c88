package evidence

import (
	"crypto/sha1" // RFC 9562 asks for it; nothing here relies on its strength
	"fmt"
)

// uuid is made from a namespace and a name, version 5 (RFC 9562, section 5.5): the same name in the same
// namespace always has the same one. Its zero value is the nil UUID.
type uuid [16]byte

// namespaceURL is the namespace of addresses (RFC 9562, section 6.6).
var namespaceURL = uuid{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}

// named is the UUID of a name in the namespace u.
func (u uuid) named(name string) uuid {
	sum := sha1.Sum(append(u[:], name...))
	made := uuid(sum[:16])
	made[6] = made[6]&0x0f | 0x50 // version 5
	made[8] = made[8]&0x3f | 0x80 // the variant of the RFC
	return made
}

// String writes it in lower case, in five groups.
func (u uuid) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
