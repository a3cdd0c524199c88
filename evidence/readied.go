package evidence

import "sync"

// mostReadied bounds how many pictures are made ready while a run goes on: some 40 KB each, to its end.
const mostReadied = 16

// readied are pictures that are made ready for the report while the proof goes on, mostly waiting: to decode
// them is the longest part of closing a run. They are taken for pictures of sign-in pages, which most are.
type readied struct {
	working sync.WaitGroup

	mu    sync.Mutex
	begun map[printID]bool
	made  prints
}

// begin makes a picture ready, and does not wait.
func (r *readied) begin(content []byte) {
	id := printID{Digest(content), true}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun[id] || len(r.begun) >= mostReadied {
		return
	}
	if r.begun == nil {
		r.begun, r.made = map[printID]bool{}, prints{}
	}
	r.begun[id] = true
	r.working.Go(func() {
		var view pictureView
		view.Source, view.Width, view.Height = id.of(content)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.made[id] = view
	})
}

// take waits for those that were begun.
func (r *readied) take() prints {
	r.working.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	made := r.made
	r.made = nil
	return made
}
