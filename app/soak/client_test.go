package soak_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// answer is what a client was told, or err when it was told nothing.
type answer struct {
	status int
	code   string // of a refusal
	retry  string // Retry-After
	body   string
	err    error
}

// definite reports that the server has decided: the client need not ask again.
func (a answer) definite() bool { return a.err == nil && a.status < 500 }

// seat is a seat as answers have it.
type seat struct {
	ID    int64  `json:"id"`
	Label string `json:"label"`
	State string `json:"state"`
}

// placed is the answer to a booking.
type placed struct {
	ID     string `json:"id"`
	Code   string `json:"code"`
	Seats  []seat `json:"seats"`
	Status string `json:"status"`
}

func (p *place) post(ctx context.Context, path, token, key string, body any) answer {
	text, err := json.Marshal(body)
	if err != nil {
		return answer{err: err}
	}
	return p.send(ctx, http.MethodPost, path, token, key, text)
}

func (p *place) get(ctx context.Context, path, token string) answer {
	return p.send(ctx, http.MethodGet, path, token, "", nil)
}

func (p *place) send(ctx context.Context, method, path, token, key string, body []byte) answer {
	return sendTo(ctx, p.http, p.server.URL, method, path, token, key, body)
}

func sendTo(ctx context.Context, c *http.Client, base, method, path, token, key string, body []byte) answer {
	req, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	// The transport would repeat a keyed request by itself; here the clients do.
	req.GetBody = nil
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	a := answer{status: res.StatusCode, retry: res.Header.Get("Retry-After"), body: string(text), err: err}
	var problem struct{ Code string }
	if err == nil && a.status >= 400 && json.Unmarshal(text, &problem) == nil {
		a.code = problem.Code
	}
	return a
}

func decode[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	require.NoError(t, a.err)
	require.NoError(t, json.Unmarshal([]byte(a.body), &v), a.body)
	return v
}

func unmarshal(text string, v any) error { return json.Unmarshal([]byte(text), v) }
