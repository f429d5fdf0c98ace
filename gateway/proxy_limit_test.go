package gateway_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// What a provider says of its limits holds for later calls of the connection, and for no other.
func TestProxyRateLimits(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }
	for what, tt := range map[string]struct {
		status int
		header []string
		want   time.Duration // 0: no limit
	}{
		"Retry-After":              {429, []string{"Retry-After", "20"}, 20 * time.Second},
		"at a time":                {429, []string{"Retry-After", time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)}, 30 * time.Second},
		"of 503":                   {503, []string{"Retry-After", "20"}, 20 * time.Second},
		"very long":                {429, []string{"Retry-After", "999999999999"}, time.Hour},
		"of 200":                   {200, []string{"Retry-After", "20"}, 0},
		"no number":                {429, []string{"Retry-After", "soon"}, 0},
		"negative":                 {429, []string{"Retry-After", "-5"}, 0},
		"nothing":                  {429, nil, 0},
		"none remain":              {200, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", at(40 * time.Second)}, 40 * time.Second},
		"some remain":              {200, []string{"X-RateLimit-Remaining", "1", "X-RateLimit-Reset", at(40 * time.Second)}, 0},
		"in milliseconds":          {200, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", at(40*time.Second) + "000"}, 40 * time.Second},
		"in seconds from now":      {200, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "25"}, 25 * time.Second},
		"after":                    {429, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset-After", "12.5", "X-RateLimit-Reset", at(40 * time.Second)}, 12500 * time.Millisecond},
		"refused":                  {429, []string{"X-RateLimit-Reset", at(40 * time.Second)}, 40 * time.Second},
		"past":                     {429, []string{"X-RateLimit-Reset", at(-40 * time.Second)}, 0},
		"of one resource":          {200, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "25", "X-RateLimit-Resource", "search"}, 0},
		"refused for one resource": {429, []string{"Retry-After", "7", "X-RateLimit-Resource", "search"}, 7 * time.Second},
		"an early draft":           {200, []string{"RateLimit-Remaining", "0", "RateLimit-Reset", "15"}, 15 * time.Second},
		"a later draft":            {200, []string{"RateLimit", "limit=10, remaining=0, reset=16"}, 16 * time.Second},
		"with some left":           {200, []string{"RateLimit", "limit=10, remaining=3, reset=16"}, 0},
		"today's draft":            {200, []string{"RateLimit", `"burst";r=5;t=3, "day";r=0;t=17`}, 17 * time.Second},
		"with some left today":     {200, []string{"RateLimit", `"burst";r=5;t=3`}, 0},
		"nonsense":                 {200, []string{"RateLimit", `;;=,"`, "X-RateLimit-Remaining", "NaN", "X-RateLimit-Reset", "1e300"}, 0},
	} {
		t.Run(what, func(t *testing.T) {
			s := openProxy(t)
			other := s.connect("", "joe", "acme", "2", time.Hour)
			s.answering(func(w http.ResponseWriter, r *http.Request) {
				for i := 0; i < len(tt.header); i += 2 {
					w.Header().Set(tt.header[i], tt.header[i+1])
				}
				w.WriteHeader(tt.status)
			})
			path := "/proxy/" + s.conn.ID + "/x"
			if got, _, _ := s.get("GET", path); got != fmt.Sprint(tt.status) {
				t.Fatalf("the first: %s", got)
			}
			s.called()
			got, resp, _ := s.get("GET", path)
			sent := len(s.called())
			if tt.want == 0 {
				if got != fmt.Sprint(tt.status) || sent != 1 {
					t.Errorf("%s, %d sent", got, sent)
				}
				return
			}
			var seconds int
			fmt.Sscan(resp.Header.Get("Retry-After"), &seconds)
			if left := time.Duration(seconds) * time.Second; got != "429 rate_limited" || sent != 0 || left > tt.want+time.Second || left < tt.want-4*time.Second {
				t.Errorf("%s, %d sent, Retry-After %d", got, sent, seconds)
			}
			s.token = s.bearer("tenant:* provider:* proxy") // shared by callers
			if got, _, _ := s.get("GET", path, header("Social-Wait", "1s")); got != "429 rate_limited" {
				t.Errorf("of another caller: %s", got)
			}
			if got, _, _ := s.get("GET", "/proxy/"+other.ID+"/x"); got != fmt.Sprint(tt.status) {
				t.Errorf("of another connection: %s", got)
			}
			s.later(tt.want + time.Second)
			if s.token = s.bearer("tenant:* provider:* proxy"); tt.want < time.Hour {
				if got, _, _ := s.get("GET", path); got != fmt.Sprint(tt.status) {
					t.Errorf("later: %s", got)
				}
			}
		})
	}
}

// A call waits for the end of a limit as long as its caller allows.
func TestProxyWaits(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	s.answering(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Retry-After", "1"); w.WriteHeader(429) })
	path := "/proxy/" + s.conn.ID + "/x"
	for _, wait := range []string{"5s", "5", "1500ms"} {
		s.get("GET", path)
		s.called()
		began := time.Now()
		if got, _, _ := s.get("GET", path, header("Social-Wait", wait)); got != "429" || len(s.called()) != 1 || time.Since(began) < 500*time.Millisecond {
			t.Errorf("%s: %s after %v", wait, got, time.Since(began))
		}
		s.later(2 * time.Second)
	}
	for _, wait := range []string{"-1s", "61s", "61", "long", "99999999999"} {
		if got, _, _ := s.get("GET", path, header("Social-Wait", wait)); got != "400 bad_request" {
			t.Errorf("%s: %s", wait, got)
		}
	}
}
