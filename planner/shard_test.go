package planner_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/planner"
)

// Every item is in exactly one shard, and no shard has much more to do than another.
func TestEveryItemIsInOneShard(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	took := make([]time.Duration, 200)
	for i := range took {
		if i%7 != 0 { // of every seventh nothing is known
			took[i] = time.Duration(1+random.IntN(30)) * time.Second
		}
	}
	for _, of := range []int{1, 2, 3, 8} {
		in := make([]int, len(took))
		var least, most time.Duration
		for index := 1; index <= of; index++ {
			var load time.Duration
			for i, mine := range (planner.Shard{Index: index, Of: of}).Holds(took) {
				if mine {
					in[i]++
					load += took[i]
				}
			}
			if index == 1 || load < least {
				least = load
			}
			most = max(most, load)
		}
		for i, n := range in {
			if n != 1 {
				t.Errorf("of %d shards %d hold item %d", of, n, i)
			}
		}
		if of > 1 && most-least > 90*time.Second {
			t.Errorf("of %d shards one has %s to do, another %s", of, most, least)
		}
	}
}

func TestWithoutDurationsShardsAreBalancedByCount(t *testing.T) {
	for index := 1; index <= 3; index++ {
		n := 0
		for _, mine := range (planner.Shard{Index: index, Of: 3}).Holds(make([]time.Duration, 10)) {
			if mine {
				n++
			}
		}
		if want := map[int]int{1: 4, 2: 3, 3: 3}[index]; n != want {
			t.Errorf("shard %d has %d items, want %d", index, n, want)
		}
	}
}

func TestAShardThatIsNoneIsRefused(t *testing.T) {
	if s, err := planner.ParseShard("2/3"); err != nil || s != (planner.Shard{Index: 2, Of: 3}) {
		t.Errorf("2/3 is %v, %v", s, err)
	}
	for _, text := range []string{"", "1", "0/2", "3/2", "-1/2", "1/2/3", "a/b", "1/"} {
		if _, err := planner.ParseShard(text); err == nil || !strings.Contains(err.Error(), "write I/N") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
