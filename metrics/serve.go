package metrics

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// contentType is that of the text format.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// Server offers a board at /metrics.
type Server struct {
	http     *http.Server
	listener net.Listener
	ended    chan struct{}
}

// Serve listens at an address: HOST:PORT, or :PORT and PORT, which mean loopback. Other machines reach
// it only where the address says so, for example 0.0.0.0:9464.
func Serve(address string, board *Board) (*Server, error) {
	listener, err := net.Listen("tcp", onLoopback(address))
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w; give another address with --metrics, for example 127.0.0.1:9464", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		_ = Write(&b, board.Families()) // a buffer takes everything
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(b.Bytes()) // who asked has gone; nobody is left to tell
	})
	s := &Server{
		http:     &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second},
		listener: listener, ended: make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		_ = s.http.Serve(listener) // ends with Close
	}()
	return s, nil
}

// onLoopback puts the loopback address where none was given.
func onLoopback(address string) string {
	if !strings.Contains(address, ":") {
		address = ":" + address
	}
	if strings.HasPrefix(address, ":") {
		return "127.0.0.1" + address
	}
	return address
}

// URL is where the metrics are.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/metrics" }

// closeWithin bounds the wait for an answer that is being given.
const closeWithin = 5 * time.Second

// Close ends it.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	err := s.http.Shutdown(ctx)
	<-s.ended
	return err
}
