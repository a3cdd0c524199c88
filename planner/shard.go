package planner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shard is one part of a run that is divided over several processes or machines. The zero Shard is the whole.
type Shard struct{ Index, Of int }

// ParseShard reads I/N, for example 2/3.
func ParseShard(text string) (Shard, error) {
	before, after, _ := strings.Cut(text, "/")
	index, first := strconv.Atoi(before)
	of, second := strconv.Atoi(after)
	if first != nil || second != nil || index < 1 || index > of {
		return Shard{}, fmt.Errorf("%q is no shard: write I/N, for example 1/3 for the first of three", text)
	}
	return Shard{index, of}, nil
}

// Holds reports, for each item, whether it belongs to the shard. took is how long each took before; 0: not
// known, as long as the others on average. Each item is in exactly one shard, the same for every process that
// is given the same items: the longest goes first, to the shard with the least to do.
func (s Shard) Holds(took []time.Duration) []bool {
	mine := make([]bool, len(took))
	if s.Of < 2 {
		return slices.Repeat([]bool{true}, len(took))
	}
	took = withAverage(took)
	order := make([]int, len(took))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(took[b] - took[a]) })
	load := make([]time.Duration, s.Of)
	for _, item := range order {
		least := 0
		for shard := range load {
			if load[shard] < load[least] {
				least = shard
			}
		}
		load[least] += took[item]
		mine[item] = least == s.Index-1
	}
	return mine
}

// withAverage fills in what is not known.
func withAverage(took []time.Duration) []time.Duration {
	var sum time.Duration
	known := 0
	for _, d := range took {
		if d > 0 {
			sum, known = sum+d, known+1
		}
	}
	average := time.Second
	if known > 0 {
		average = sum / time.Duration(known)
	}
	filled := slices.Clone(took)
	for i, d := range filled {
		if d <= 0 {
			filled[i] = average
		}
	}
	return filled
}
