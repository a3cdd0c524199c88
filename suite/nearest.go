package suite

import "strings"

// Like is a suggestion to append to an error about something that was typed and is unknown: "; did
// you mean X?", or nothing when no candidate is like it.
func Like(typed string, candidates []string) string {
	if like := nearest(typed, candidates); like != "" {
		return "; did you mean " + like + "?"
	}
	return ""
}

// leastBegun is how many letters of a name have to be typed to be taken for its beginning.
const leastBegun = 4

// nearest returns the candidate that is most like what was typed, or "" when none is: more than
// a third of the letters would have to change, and it is not the beginning of one candidate alone.
func nearest(typed string, candidates []string) string {
	best, least := "", len([]rune(typed))/3+1
	for _, candidate := range candidates {
		if d := distance(strings.ToLower(typed), strings.ToLower(candidate)); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return begun(typed, candidates)
	}
	return best
}

// begun is the only candidate that begins with what was typed, or "".
func begun(typed string, candidates []string) (only string) {
	if len([]rune(typed)) < leastBegun {
		return ""
	}
	for _, candidate := range candidates {
		switch {
		case !strings.HasPrefix(strings.ToLower(candidate), strings.ToLower(typed)):
		case only != "":
			return ""
		default:
			only = candidate
		}
	}
	return only
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			change := diagonal
			if x != y {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(to)]
}
