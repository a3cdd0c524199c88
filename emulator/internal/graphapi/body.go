package graphapi

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// largestBody is far above anything a client of this subset sends.
const largestBody = 4 << 20

// readBody reads the JSON object of a request, compressed or not: the SDK for Go
// compresses by default (measured).
func readBody(r *http.Request) (*document.Object, error) {
	var in io.Reader = http.MaxBytesReader(nil, r.Body, largestBody)
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return nil, badRequest("The request body is not gzip although Content-Encoding says so.")
		}
		in = http.MaxBytesReader(nil, io.NopCloser(unzipped), largestBody) // what it unpacks to counts, too
	}
	text, err := io.ReadAll(in)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, &apiError{status: http.StatusRequestEntityTooLarge, code: "RequestEntityTooLarge", message: "The request body is too large."}
		}
		return nil, badRequest("Unable to read the request body.")
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	o, err := document.Parse(text)
	if err != nil {
		return nil, badRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	return o, nil
}
