package activation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/graph"
)

// legacyLimit bounds what is read of an answer of the legacy PIM host.
const legacyLimit = 1 << 20

// postAgain sends, once more and by a plain request, what the portal sent to the legacy PIM host: its
// token is for that host alone and Graph would not take it. The answer is told as Graph's.
func (p *proof) postAgain(ctx context.Context, sent browser.Exchange) (graph.Answer, error) {
	address := sent.URL
	if p.request.ValidateReplays {
		separator := "?"
		if strings.Contains(address, "?") {
			separator = "&"
		}
		address += separator + "evaluateOnly=true"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(sent.PostData))
	if err != nil {
		return graph.Answer{}, fmt.Errorf("repeat the portal's request: %w", err)
	}
	request.GetBody = nil // else the transport may send it again after a lost connection
	request.Header.Set("Authorization", "Bearer "+sent.Bearer())
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if p.Client.HTTP != nil {
		client.Transport = p.Client.HTTP.Transport
	}
	response, err := client.Do(request)
	if err != nil {
		return graph.Answer{}, fmt.Errorf("repeat the portal's request: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, legacyLimit))
	if err != nil {
		return graph.Answer{}, fmt.Errorf("read the legacy PIM host's answer: %w", err)
	}
	return legacyAnswer(response, body), nil
}

// legacyAnswer tells an answer of the legacy PIM host as Graph's. A challenge stands in the message,
// wrapped once more (observed).
func legacyAnswer(response *http.Response, body []byte) graph.Answer {
	answer := graph.Answer{
		Status: response.StatusCode, RequestID: response.Header.Get("request-id"),
		AuthenticateHeader: response.Header.Get("WWW-Authenticate"),
	}
	outcome, code := outcomeOnWire(browser.Exchange{Status: response.StatusCode, Body: body})
	if outcome == "pending" {
		answer.RequestStatus = "PendingApproval"
	}
	if !answer.Accepted() {
		var refusal struct {
			Error struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		_ = json.Unmarshal(body, &refusal) // a body that cannot be read has no message
		answer.Code, answer.Message = code, refusal.Error.Message
	}
	return answer
}
