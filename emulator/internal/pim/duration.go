package pim

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var iso8601 = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

// ParseDuration reads an ISO 8601 duration such as PT8H or P365D. A year counts
// 365 days and a month 30; a duration without any part is an error.
func ParseDuration(s string) (time.Duration, error) {
	const day = 24 * time.Hour
	units := []time.Duration{365 * day, 30 * day, 7 * day, day, time.Hour, time.Minute, time.Second}
	parts := iso8601.FindStringSubmatch(s)
	if parts == nil {
		return 0, fmt.Errorf("parse duration %q: not an ISO 8601 duration such as PT8H", s)
	}
	var total time.Duration
	found := false
	for i, unit := range units {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(parts[i+1])
		if err != nil || n > 100_000 {
			return 0, fmt.Errorf("parse duration %q: number out of range", s)
		}
		total += time.Duration(n) * unit
		found = true
	}
	if !found {
		return 0, fmt.Errorf("parse duration %q: it has no part", s)
	}
	return total, nil
}
