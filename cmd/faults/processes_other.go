//go:build !linux

package main

import "errors"

type process struct{}

var errElsewhere = errors.New("what is left of a browser is read from /proc: run this on Linux")

func canLook() error          { return errElsewhere }
func adoptOrphans() error     { return errElsewhere }
func ownProcesses() []process { return nil }
func killBrowser()            {}
func crashTabs()              {}
