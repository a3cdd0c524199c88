package doctor

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// tolerated is how far the machine's clock may be off. It is what the verdict tolerates between two
// clocks; from five minutes on an application's signature is refused, too (documented).
const tolerated = time.Minute

func (e *examination) clock(ctx context.Context) []Check {
	if e.TestClock {
		return ok("the embedded tenant has a clock of its own, which is moved instead of waiting")
	}
	offset, err := e.Offset(ctx)
	if err != nil {
		return []Check{{Result: Unknown, Found: err.Error(), Mend: "check the network, and whether a proxy is needed"}}
	}
	if offset.Abs() > tolerated {
		return failed("set the machine's clock by NTP", "the sign-in host's clock differs from this machine's by %s, more than %s", offset.Round(time.Second), tolerated)
	}
	return ok("agrees with the sign-in host's to %s", offset.Abs().Round(time.Second))
}

// Versions of Chromium that reprompt was tried with, by their first number.
const (
	oldestTried = 156
	newestTried = 156
)

var versionNumber = regexp.MustCompile(`(\d+)\.\d+\.\d+`)

func (e *examination) browser(ctx context.Context) []Check {
	version, err := e.Browser(ctx)
	if err != nil {
		return failed("run `make deps`, or name one with browser.path in the tenant file or --browser", "%s", err)
	}
	found := versionNumber.FindStringSubmatch(version)
	if found == nil {
		return note("use one that was tried if pages are not recognised", "%q names no version that can be read", version)
	}
	major, _ := strconv.Atoi(found[1]) // digits
	if major < oldestTried || major > newestTried {
		return note("use one that was tried if pages are not recognised", "%s was never tried; version %d was", version, newestTried)
	}
	return ok("%s, a version that was tried", version)
}

// attacker says what the files of this machine are worth to somebody else. There is no set-up for
// which that is nothing, so it is a note and not a fault.
func (e *examination) attacker(context.Context) []Check {
	var can []string
	if len(e.Kept) > 0 {
		can = append(can, "read "+strings.Join(e.Kept, ", "))
	}
	c := e.Credentials
	switch {
	case e.Makes != nil:
		can = append(can, "make accounts as a run does, and act as them")
	case c.Human && !c.Password && !c.AccessPass && len(c.Passkeys) == 0:
		can = append(can, "not sign in as "+e.AdminUPN+", whose credentials are not here")
	case c.secondFactor():
		can = append(can, "sign in as "+e.AdminUPN+" with every factor, and activate whatever it is eligible for")
	default:
		can = append(can, "sign in as "+e.AdminUPN+" where no second factor is asked")
	}
	if held := e.granted(); len(held) > 0 {
		can = append(can, "act as "+e.Reader+" with "+strconv.Itoa(len(held))+" permissions")
	}
	return note("keep secrets in a vault and name a command that asks it, use a certificate or managed identity for the application, make the admin eligible for test roles only",
		"could %s", strings.Join(can, "; "))
}

// adminName is what the test admin is called in a sentence.
func (e *examination) adminName() string {
	if e.Makes != nil {
		return "the test admin"
	}
	return e.AdminUPN
}
