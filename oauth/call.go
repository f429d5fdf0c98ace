package oauth

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

	"github.com/gosocial/social/internal/outbound"
)

const (
	maxAnswer = 1 << 20
	maxWait   = 24 * time.Hour // of Retry-After
)

var errTooLarge = errors.New("the answer is larger than 1 MiB")

// An answer is a response of a provider, with any status.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// good reports whether the status is one of success (RFC 9110 §15.3).
func (a *answer) good() bool { return a.status >= 200 && a.status < 300 }

// ready fills in the defaults of an Env. Protocol calls follow no redirect
// through any client: an answer from another address is not the provider's.
func (e Env) ready() Env {
	if e.HTTP == nil {
		e.HTTP = outbound.New(outbound.Options{})
	} else {
		client := *e.HTTP
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		e.HTTP = &client
	}
	// A context's timeout costs less than the client's own, which also covers
	// reading the body later. Here it is read at once.
	e.timeout, e.HTTP.Timeout = e.HTTP.Timeout, 0
	if e.Now == nil {
		e.Now = time.Now
	}
	return e
}

// call sends the request and reads the whole answer. The error holds nothing of
// the request, and not the URL, in which there may be a token.
func (e Env) call(req *http.Request) (*answer, error) {
	if e.timeout > 0 {
		ctx, cancel := context.WithTimeout(req.Context(), e.timeout)
		defer cancel()
		req = req.WithContext(ctx)
	}
	resp, err := e.HTTP.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, err
	}
	defer resp.Body.Close()
	body, err := readAll(resp.Body, resp.ContentLength)
	// A complete document with a wrong Content-Length is an answer: it may hold a
	// rotated token, and a provider gives one once.
	if err != nil && !(errors.Is(err, io.ErrUnexpectedEOF) && json.Valid(bytes.TrimPrefix(body, byteOrderMark))) {
		return nil, err
	}
	// RFC 8259 §8.1 lets readers ignore a byte order mark.
	return &answer{resp.StatusCode, resp.Header, bytes.TrimPrefix(body, byteOrderMark)}, nil
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func readAll(r io.Reader, length int64) ([]byte, error) {
	size := 2048
	if length > 0 && length <= maxAnswer {
		size = int(length) + 1 // room to see the end without growing
	}
	body := make([]byte, 0, size)
	for {
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if len(body) > maxAnswer {
			return nil, errTooLarge
		}
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return body, err
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
}

// unanswered makes the error of a call without an answer.
func unanswered(providerID, op string, err error) *ProviderError {
	kind := Transient
	switch {
	case errors.Is(err, errTooLarge), errors.Is(err, outbound.ErrTooLarge):
		kind = Invalid
	case errors.Is(err, outbound.ErrPrivate), errors.Is(err, outbound.ErrPlain):
		kind = Operator
	}
	return &ProviderError{Kind: kind, ProviderID: providerID, Op: op, Err: err}
}

// retryAfter reads Retry-After as seconds or as a date (RFC 9110 §10.2.3), at
// most a day.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(maxWait/time.Second))) * time.Second
	}
	at, _ := http.ParseTime(text) // what is no date is long ago
	return min(max(at.Sub(now), 0), maxWait)
}

// checkAddress judges a configured endpoint.
func checkAddress(field, address string) error {
	if address == "" {
		return fmt.Errorf("%s is missing", field)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.Contains(address, "#") {
		return fmt.Errorf("%s is not an http(s) address", field)
	}
	return nil
}
