package activation

import "strings"

// sentenceOf is what went wrong in one line: the first, without the trace and correlation ids that the
// sign-in host appends, and each layer's words once. The step is told beside it, so it is left out.
func sentenceOf(err error, step string) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	text, _, _ = strings.Cut(text, "Trace ID:")
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	said := map[string]bool{asWords(step): true}
	var parts []string
	for part := range strings.SplitSeq(text, ": ") {
		if !said[asWords(part)] {
			parts = append(parts, part)
		}
		said[asWords(part)] = true
	}
	if len(parts) == 0 {
		return text
	}
	return strings.Join(parts, ": ")
}

// asWords is a text as it is compared: "sign-in" and "Sign in" say the same.
func asWords(text string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), "-", " "))
}
