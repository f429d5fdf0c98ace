package rest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/api"
	"github.com/gosocial/social/api/internal/rest"
	"github.com/gosocial/social/api/internal/script"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	srv := script.Start(t)
	c := rest.Caller{
		Provider: "acme", HTTP: http.DefaultClient, Base: srv.URL + "/",
		Refusal: func(body []byte) (string, string, bool) {
			return "7", "token canary is malformed", strings.Contains(string(body), "no")
		},
	}
	var into struct{ A int }
	call := rest.Call{Method: "GET", Path: "/x", Query: map[string][]string{"q": {"canary"}}}

	srv.Answer(429, "slow", "Retry-After", "7")
	err := c.Do(t.Context(), call, &into)
	var refused *api.Error
	if !errors.As(err, &refused) || *refused != (api.Error{Provider: "acme", Status: 429, Code: "7", Message: "token canary is malformed", RetryAfter: 7 * time.Second}) {
		t.Errorf("429: %#v", err)
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("the error repeats the API's message: %v", err)
	}
	srv.Answer(200, "no")
	if err := c.Do(t.Context(), call, &into); !errors.As(err, &refused) || refused.Status != 200 {
		t.Errorf("a refusal with status 200: %v", err)
	}
	for name, body := range map[string]string{"a page": "<html>", "nothing": "", "another type": `{"A":"x"}`, "too much": `{"A":` + strings.Repeat("1", rest.MaxAnswer) + "}"} {
		srv.Answer(200, body)
		if err := c.Do(t.Context(), call, &into); err == nil || errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	srv.Answer(204, "")
	if err := c.Do(t.Context(), call, nil); err != nil || srv.Last() != "GET /x?q=canary" {
		t.Errorf("into nil: %v; %s", err, srv.Last())
	}
	c.Base = "http://127.0.0.1:1"
	if err := c.Do(t.Context(), call, nil); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("nothing listens: %v", err)
	}
	c.Base = "\x7f"
	if err := c.Do(t.Context(), call, nil); err == nil {
		t.Error("accepted a base that is not a URL")
	}
}
