package evidence

import "sync"

// mostReadied bounds how many pictures are made ready while a run goes on: some 40 KB each, to its end.
const mostReadied = 16

// readied are pictures that are made ready for the report while the proof goes on, mostly waiting: to decode
// them is the longest part of closing a run. They are taken for pictures of sign-in pages, which most are.
type readied struct {
	working sync.WaitGroup

	mu    sync.Mutex
	begun map[exhibitID]bool
	made  map[exhibitID]exhibit
}

// begin makes a picture ready, and does not wait.
func (r *readied) begin(content []byte) {
	id := exhibitID{Digest(content), true}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun[id] || len(r.begun) >= mostReadied {
		return
	}
	if r.begun == nil {
		r.begun, r.made = map[exhibitID]bool{}, map[exhibitID]exhibit{}
	}
	r.begun[id] = true
	r.working.Go(func() {
		one := asShown(content, id.card)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.made[id] = one
	})
}

// take waits for those that were begun.
func (r *readied) take() map[exhibitID]exhibit {
	r.working.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	made := r.made
	r.made = nil
	return made
}
