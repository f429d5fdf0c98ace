package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

// A caller's client is used with its timeout and stays as it is.
func TestSecurity11_TheCallersClient(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/there":
			io.WriteString(w, `{"id":"42"}`)
		default:
			w.(http.Flusher).Flush()
			<-hang
		}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(hang) })
	client := &http.Client{Timeout: 50 * time.Millisecond}
	open := func(path string) oauth.Client {
		p := newStrictProvider(t).provider()
		p.Endpoints.UserInfo = s.URL + path
		c, err := p.Open(oauth.Env{HTTP: client})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := open("/hang").Profile(ctx, oauth.Token{Access: "a"})
	if f := failure(t, err); ctx.Err() != nil || f.Kind != oauth.Transient || f.Op != "user info" || f.ProviderID != "strict" || f.Err == nil {
		t.Errorf("got %v", err)
	}
	_, err = open("/away").Profile(t.Context(), oauth.Token{Access: "a"})
	if f := failure(t, err); f.Status != http.StatusFound {
		t.Errorf("a redirect: %v", err)
	}
	if client.Timeout != 50*time.Millisecond || client.CheckRedirect != nil {
		t.Error("the caller's client was changed")
	}
}

// A body that breaks off is an answer only if it is whole all the same.
func TestAnswersThatBreakOff(t *testing.T) {
	t.Parallel()
	const whole = `{"id":"42"}`
	reset := errors.New("connection reset")
	for name, tt := range map[string]struct {
		body string
		err  error
		good bool
	}{
		"whole":                             {whole, nil, true},
		"whole, too short":                  {whole, io.ErrUnexpectedEOF, true},
		"with a byte order mark, too short": {"\ufeff" + whole, io.ErrUnexpectedEOF, true},
		"cut off":                           {whole[:5], io.ErrUnexpectedEOF, false},
		"a number that may go on":           {"", io.ErrUnexpectedEOF, false},
		"reset":                             {whole, reset, false},
	} {
		s := newStrictProvider(t)
		c, err := s.provider().Open(oauth.Env{HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			var body io.Reader = strings.NewReader(tt.body)
			if tt.err != nil {
				body = io.MultiReader(body, failing{tt.err})
			}
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1}, nil
		})}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Profile(t.Context(), oauth.Token{Access: "a"})
		if (err == nil) != tt.good || err == nil && p.Subject != "42" {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			wantKind(t, err, oauth.Transient)
			if !errors.Is(err, tt.err) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A failing reader gives nothing but its error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Through the guarded client an answer that is too large is the provider's fault, too,
// and an address that is not allowed the operator's.
func TestSecurity11_GuardsOfTheClient(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	s.info = func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 2<<20)) }
	for private, want := range map[bool]oauth.Kind{true: oauth.Invalid, false: oauth.Operator} {
		d := s.provider()
		d.Endpoints.UserInfo = strings.Replace(d.Endpoints.UserInfo, "http:", map[bool]string{true: "http:", false: "https:"}[private], 1)
		c, err := d.Open(oauth.Env{HTTP: oauth.NewHTTPClient(oauth.HTTPOptions{AllowPrivateAddresses: private})})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Profile(t.Context(), oauth.Token{Access: "a"})
		wantKind(t, err, want)
	}
}

// Retry-After is seconds or a date (RFC 9110 §10.2.3), and a day at most.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, "86400": 24 * time.Hour, "86401": 24 * time.Hour, "18446744073709551615": 24 * time.Hour,
		"-1": 0, "0x10": 0, "1_0": 0, "soon": 0, "1.5": 0,
		testNow.Add(time.Minute).Format(http.TimeFormat):    time.Minute,
		testNow.Add(-time.Minute).Format(http.TimeFormat):   0,
		testNow.Add(24 * time.Hour).Format(http.TimeFormat): 24 * time.Hour,
		testNow.Add(72 * time.Hour).Format(http.TimeFormat): 24 * time.Hour,
	} {
		_, err := ask(t, func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", text)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		if f := failure(t, err); f.RetryAfter != want {
			t.Errorf("%q: %v, want %v", text, f.RetryAfter, want)
		}
	}
}

// Endpoints are addresses that a request can go to.
func TestEndpointsAreAddresses(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"https://op.test/t": true, "http://op.test": true, "https://op.test/t?x=y": true,
		"": false, "https://": false, "https:///t": false, "http://[": false, "ftp://op.test/t": false, "op.test/t": false, "/t": false,
		"https://me@op.test/t": false, "https://op.test/t#x": false, "https://op.test/t#": false,
	} {
		for field, set := range map[string]func(*oauth.OAuth2){
			"Endpoints.Authorize": func(p *oauth.OAuth2) { p.Endpoints.Authorize = address },
			"Endpoints.Token":     func(p *oauth.OAuth2) { p.Endpoints.Token = address },
			"Endpoints.UserInfo":  func(p *oauth.OAuth2) { p.Endpoints.UserInfo = address },
		} {
			p := &oauth.OAuth2{
				ID: "x", Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "s"}},
				Endpoints: oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/t", UserInfo: "https://op.test/u"},
				Profile:   oauth.Mapping{Subject: "id"},
			}
			set(p)
			want := field
			if address == "" {
				want = field + " is missing"
			}
			good := good || field == "Endpoints.Authorize" && strings.HasPrefix(address, "https://op.test/t#") // some want a fragment
			if _, err := p.Open(oauth.Env{}); (err == nil) != good || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s %s: %v", field, address, err)
			}
		}
	}
}
