package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gosocial/social/internal/outbound"
)

const (
	maxAnswer = 1 << 20
	maxWait   = 24 * time.Hour // of Retry-After
)

var errTooLarge = errors.New("the answer is larger than 1 MiB")

// An answer is what came back from a provider, whatever its status.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ready fills in what the zero Env leaves out. Protocol calls follow no
// redirect, whatever client they go through: an answer from elsewhere is not
// the provider's.
func (e Env) ready() Env {
	if e.HTTP == nil {
		e.HTTP = outbound.New(outbound.Options{})
	} else {
		client := *e.HTTP
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		e.HTTP = &client
	}
	// The client's own timeout costs more than that of a context, since answers
	// are read later than they arrive. Here they are read at once.
	e.timeout, e.HTTP.Timeout = e.HTTP.Timeout, 0
	if e.Now == nil {
		e.Now = time.Now
	}
	return e
}

// call sends the request and reads the whole answer. The error carries neither
// the URL, which may hold a token, nor anything of the request.
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
	// A whole document under a wrong length is an answer: it may hold a rotated
	// token, which comes once.
	if err != nil && !(errors.Is(err, io.ErrUnexpectedEOF) && json.Valid(body)) {
		return nil, err
	}
	return &answer{resp.StatusCode, resp.Header, body}, nil
}

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

// unanswered is a call that brought no answer.
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
	if text == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(maxWait/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxWait)
}

// checkAddress judges a configured endpoint.
func checkAddress(field, address string) error {
	if address == "" {
		return fmt.Errorf("%s is missing", field)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%s is not an http(s) address", field)
	}
	return nil
}
