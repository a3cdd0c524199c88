package graph

import "strings"

// equal is one OData comparison with a quoted text. A quote in the text is doubled.
func equal(property, text string) string {
	return property + " eq '" + strings.ReplaceAll(text, "'", "''") + "'"
}

// and joins the comparisons that are not empty; nil when there are none.
func and(comparisons ...string) *string {
	var kept []string
	for _, one := range comparisons {
		if one != "" {
			kept = append(kept, one)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	joined := strings.Join(kept, " and ")
	return &joined
}

// equalUnlessEmpty is equal, or nothing for an empty text.
func equalUnlessEmpty(property, text string) string {
	if text == "" {
		return ""
	}
	return equal(property, text)
}
