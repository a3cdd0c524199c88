package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	abs "github.com/microsoft/kiota-abstractions-go"
)

// maxPages ends a list that never ends.
const maxPages = 1000

// answer is what Graph answered, as bytes.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send lets the SDK's adapter send a request that its builder made and takes the answer before
// the SDK's models see it. build is the builder's error.
func send(ctx context.Context, a abs.RequestAdapter, op string, info *abs.RequestInformation, build error) (answer, error) {
	if build != nil {
		return answer{}, fmt.Errorf("%s: build request: %w", op, build)
	}
	var got answer
	take := abs.NewRequestHandlerOption()
	take.SetResponseHandler(func(response any, _ abs.ErrorMappings) (any, error) {
		var err error
		got, err = readAnswer(response.(*http.Response))
		return nil, err
	})
	info.AddRequestOptions([]abs.RequestOption{take})
	if _, err := a.SendPrimitive(ctx, info, "[]byte", nil); err != nil {
		return answer{}, fmt.Errorf("%s: %w", op, err)
	}
	if got.status < 200 || got.status > 299 {
		return answer{}, newError(op, got)
	}
	return got, nil
}

func readAnswer(response *http.Response) (answer, error) {
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return answer{}, brokenOff(response.Request, err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

// brokenOff is the error of an answer that ended early, in the form that net/http gives to one that never
// began. The address is without its query.
func brokenOff(request *http.Request, err error) error {
	broken := &url.Error{Op: "read answer of", Err: err}
	if request != nil {
		broken.URL = request.URL.Scheme + "://" + request.URL.Host + request.URL.Path
	}
	return broken
}

// one reads a single object.
func one[T any](ctx context.Context, a abs.RequestAdapter, op string, info *abs.RequestInformation, build error) (T, error) {
	var value T
	got, err := send(ctx, a, op, info, build)
	if err != nil {
		return value, err
	}
	if err := json.Unmarshal(got.body, &value); err != nil {
		return value, fmt.Errorf("%s: read answer: %w", op, err)
	}
	return value, nil
}

// list reads a collection, all its pages.
func list[T any](ctx context.Context, a abs.RequestAdapter, op string, info *abs.RequestInformation, build error) ([]T, error) {
	first, err := originOf(info, build)
	if err != nil {
		return nil, fmt.Errorf("%s: build request: %w", op, err)
	}
	var all []T
	for range maxPages {
		page, err := one[struct {
			Value []T    `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}](ctx, a, op, info, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Value...)
		if page.Next == "" {
			return all, nil
		}
		if info, err = nextPage(first, page.Next); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
	}
	return nil, fmt.Errorf("%s: more than %d pages", op, maxPages)
}

func originOf(info *abs.RequestInformation, build error) (*url.URL, error) {
	if build != nil {
		return nil, build
	}
	return info.GetUri()
}

// nextPage asks for a further page at the address that Graph gave, on the same host only: the
// token goes with the request.
func nextPage(first *url.URL, next string) (*abs.RequestInformation, error) {
	u, err := url.Parse(next)
	if err != nil {
		return nil, fmt.Errorf("read next page: %w", err)
	}
	if u.Scheme != first.Scheme || u.Host != first.Host {
		return nil, fmt.Errorf("next page is on %s://%s, not on %s://%s: not followed", u.Scheme, u.Host, first.Scheme, first.Host)
	}
	info := abs.NewRequestInformation()
	info.Method = abs.GET
	info.SetUri(*u)
	info.Headers.Add("Accept", "application/json")
	return info, nil
}

// request is a call that the SDK has no builder for. The template's variables are the keys of
// values, query options percent-encoded ("%24filter") as in the SDK's own templates.
func request(method abs.HttpMethod, a abs.RequestAdapter, template string, values map[string]string) *abs.RequestInformation {
	path := map[string]string{"baseurl": a.GetBaseUrl()}
	for name, value := range values {
		path[name] = value
	}
	info := abs.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(method, "{+baseurl}"+template, path)
	info.Headers.Add("Accept", "application/json")
	return info
}

// withBody gives a request a JSON body of our own.
func withBody(info *abs.RequestInformation, body any) (*abs.RequestInformation, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	info.SetStreamContentAndContentType(raw, "application/json")
	return info, nil
}
