package evidence

import "testing"

// The example of RFC 9562, appendix A.4.
func TestUUIDsAreThoseOfTheStandard(t *testing.T) {
	dns := namespaceURL
	dns[3] = 0x10 // the namespace of names, section 6.6
	if got := dns.named("www.example.com").String(); got != "2ed6657d-e927-568b-95e1-2665a8aea6a2" {
		t.Errorf("www.example.com is %s", got)
	}
}
