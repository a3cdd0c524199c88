//go:build unix && !linux

package secret

func notDumpable() error { return nil }
