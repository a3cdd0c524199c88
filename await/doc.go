// Package await holds the tenant's clock and the one loop that looks again until something is
// so. It is the only place of the project that waits.
//
// There are two kinds of time. What the tenant measures (windows of re-use, ages of sessions,
// one-time codes) is waited for with a Clock, until an instant of the tenant's clock. What the
// machine merely takes its time for (a page, a propagation) is awaited with Until, within a
// span of the machine's time. A test clock moves the first at once and cannot move the second.
//
// A RealClock is the machine's clock plus a measured offset. A TestClock moves the clock of an
// embedded tenant over its control listener:
//
//	GET  /clock?tenant=ID          -> {"now":"2026-03-02T08:00:00.5Z"}
//	POST /clock/advance?tenant=ID     {"duration":"11m0s"}
//
// Both take the header Authorization: Bearer TOKEN.
package await
