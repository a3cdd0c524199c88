package graph

import (
	"io"
	"net/http"
	"testing"
)

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestAnAnswerIsNotReadWithoutEnd(t *testing.T) {
	got, err := readAnswer(&http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(zeros{})})
	if err != nil || len(got.body) != maxBody {
		t.Errorf("%d bytes were read, %v; want %d", len(got.body), err, maxBody)
	}
	body, err := take(io.NopCloser(zeros{}))
	if err != nil || len(body) != maxBody {
		t.Errorf("%d bytes were taken, %v; want %d", len(body), err, maxBody)
	}
}
