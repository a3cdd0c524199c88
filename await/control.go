package await

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answerLimit bounds what is read of one answer of the control listener.
const answerLimit = 64 << 10

// control speaks to the control listener of an embedded tenant.
type control struct {
	url    string
	token  func() string
	tenant string
	http   *http.Client
}

// now asks for the tenant's time.
func (c control) now(ctx context.Context) (time.Time, error) {
	body, err := c.call(ctx, http.MethodGet, "/clock", nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("read test clock: %w", err)
	}
	var answer struct {
		Now time.Time `json:"now"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return time.Time{}, fmt.Errorf("read test clock: answer is not {\"now\": RFC 3339}: %w", err)
	}
	if answer.Now.IsZero() {
		return time.Time{}, fmt.Errorf("read test clock: answer of %s has no \"now\"; is it the control listener of `reprompt emulator`?", c.url)
	}
	return answer.Now.UTC(), nil
}

// advance moves the tenant's clock on by d.
func (c control) advance(ctx context.Context, d time.Duration) error {
	request, err := json.Marshal(map[string]string{"duration": d.String()})
	if err != nil {
		return fmt.Errorf("move test clock: %w", err)
	}
	if _, err := c.call(ctx, http.MethodPost, "/clock/advance", request); err != nil {
		return fmt.Errorf("move test clock by %s: %w", d, err)
	}
	return nil
}

func (c control) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	target := strings.TrimRight(c.url, "/") + path
	if c.tenant != "" {
		target += "?" + url.Values{"tenant": {c.tenant}}.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s answered %s: %s", method, path, resp.Status, strings.TrimSpace(string(answer)))
	}
	return answer, nil
}
