// Package conformance holds what package evidence writes against the published schemas and types of the
// formats, with libraries that shipped code does not need. It is a module of its own.
package conformance
