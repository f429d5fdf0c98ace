// Package rest calls JSON APIs for the clients of module api.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/api"
)

// MaxAnswer bounds the body of an answer, in bytes.
const MaxAnswer = 16 << 20

// A Caller calls one API.
type Caller struct {
	Provider string
	HTTP     *http.Client
	Base     string // without a trailing slash

	// Refusal returns the code and message in the body of an answer. refused reports
	// whether the body is an error even when the status is 2xx.
	Refusal func(body []byte) (code, message string, refused bool)
}

// A Call is one request. Its body is Form, JSON or nothing.
type Call struct {
	Method string
	Path   string // "/statuses/update.json", escaped
	Query  url.Values
	Form   url.Values
	JSON   any
	Header http.Header
}

// Do makes the call and decodes the JSON of the answer into the value, unless that
// is nil. The error is an *api.Error when the API refuses, or wraps the HTTP
// client's, without the URL.
func (c *Caller) Do(ctx context.Context, call Call, into any) error {
	req, err := c.request(ctx, call)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Provider, err)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		// A *url.Error has the URL, whose query may be private.
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return fmt.Errorf("%s: %w", c.Provider, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if err != nil {
		return fmt.Errorf("%s: %w", c.Provider, err)
	}
	if len(body) > MaxAnswer {
		return fmt.Errorf("%s: the answer is larger than %d bytes", c.Provider, MaxAnswer)
	}
	code, message, refused := c.Refusal(body)
	if refused || resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &api.Error{
			Provider: c.Provider, Status: resp.StatusCode, Code: code, Message: message,
			RetryAfter: retryAfter(resp.Header),
		}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s: the answer is not the JSON expected: %w", c.Provider, err)
	}
	return nil
}

func (c *Caller) request(ctx context.Context, call Call) (*http.Request, error) {
	var body io.Reader
	contentType := ""
	switch {
	case call.Form != nil:
		body, contentType = strings.NewReader(call.Form.Encode()), "application/x-www-form-urlencoded"
	case call.JSON != nil:
		text, err := json.Marshal(call.JSON)
		if err != nil {
			return nil, err
		}
		body, contentType = bytes.NewReader(text), "application/json"
	}
	address := strings.TrimSuffix(c.Base, "/") + call.Path
	if len(call.Query) > 0 {
		address += "?" + call.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, address, body)
	if err != nil {
		return nil, err
	}
	for name, values := range call.Header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req, nil
}

func retryAfter(h http.Header) time.Duration {
	if seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	return 0
}
