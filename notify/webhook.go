package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/reprompt/reprompt/secret"
)

// The headers of a webhook.
const (
	EventHeader     = "Reprompt-Event"
	DeliveryHeader  = "Reprompt-Delivery"
	SignatureHeader = "Reprompt-Signature"
)

// answerWithin bounds one try. Receivers of webhooks answer at once and work later.
const answerWithin = 30 * time.Second

// largestAnswer bounds what is read of a refusal, for its first line.
const largestAnswer = 4 << 10

// Webhook is an address that takes notifications.
type Webhook struct {
	URL string
	// Secret is shared with the receiver; empty: the body is not signed.
	Secret secret.Text
	// HTTP knows the proxy and the certificate authorities; nil means http.DefaultTransport. No
	// redirect is followed: a signed body goes where it was addressed to.
	HTTP http.RoundTripper
}

// send tries once.
func (w *Webhook) send(ctx context.Context, e Event, body []byte, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return &RefusedError{To: "the webhook", Text: "its address cannot be used"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "reprompt")
	request.Header.Set(EventHeader, string(e.Kind))
	request.Header.Set(DeliveryHeader, e.ID)
	if !w.Secret.Empty() {
		request.Header.Set(SignatureHeader, Sign(w.Secret, now, body))
	}
	client := &http.Client{Transport: w.HTTP, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("send to the webhook: %w", withoutAddress(err))
	}
	defer func() { _ = response.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(response.Body, largestAnswer)) // only for the error
	return judge(response, said)
}

// judge says what an answer means: nil, an error that a later try may not have, or a *RefusedError.
func judge(response *http.Response, said []byte) error {
	first, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
	text := strings.TrimSuffix("it answered "+response.Status+": "+first, ": ")
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusRequestTimeout || code == http.StatusTooManyRequests || code >= 500:
		return &busyError{Text: text, After: retryAfter(response)}
	}
	return &RefusedError{To: "the webhook", Text: text}
}

func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// Sign is the value of SignatureHeader for a body that is sent at an instant.
func Sign(key secret.Text, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(macOf(key, t, body))
}

func macOf(key secret.Text, t string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Verify checks the signature of a body as a receiver does: made with the key, and not longer than
// tolerance away from now. It does not show that the body arrives for the first time.
func Verify(key secret.Text, header string, body []byte, now time.Time, tolerance time.Duration) error {
	t, v1, ok := strings.Cut(strings.TrimPrefix(header, "t="), ",v1=")
	seconds, err := strconv.ParseInt(t, 10, 64)
	if !ok || err != nil {
		return fmt.Errorf("the signature is not of the form t=SECONDS,v1=HEX")
	}
	given, err := hex.DecodeString(v1)
	if err != nil || !hmac.Equal(given, macOf(key, t, body)) {
		return fmt.Errorf("the signature does not fit the body and the key")
	}
	if off := now.Sub(time.Unix(seconds, 0)).Abs(); off > tolerance {
		return fmt.Errorf("the signature was made %s away from now", off.Round(time.Second))
	}
	return nil
}
