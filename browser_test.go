package social_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
)

// A browser keeps cookies and follows no redirect.
type browser struct {
	*site
	client http.Client
	json   bool
	tenant string
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &browser{site: s, client: http.Client{
		Transport:     s.transport,
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// signedIn returns a browser in which the user is signed in.
func (s *site) signedIn(userID string) *browser {
	b := s.browser()
	b.signIn(userID)
	return b
}

func (b *browser) signIn(userID string) {
	if a := b.post("/sign-in/"+userID, nil); a.status != 200 {
		b.t.Helper()
		b.t.Fatalf("sign in: %v", a)
	}
}

// in takes the browser to a tenant.
func (b *browser) in(tenant string) *browser {
	b.tenant = tenant
	return b
}

// program makes the browser ask for JSON.
func (b *browser) program() *browser {
	b.json = true
	return b
}

type reply struct {
	status   int
	location string
	header   http.Header
	body     string
}

// problem returns the code of a problem document.
func (a reply) problem() string {
	var p struct {
		Status int
		Code   string
	}
	if json.Unmarshal([]byte(a.body), &p) != nil || a.header.Get("Content-Type") != "application/problem+json" || p.Status != a.status {
		return "no problem document: " + a.body
	}
	return p.Code
}

func (b *browser) do(method, path string, form url.Values, header ...string) reply {
	b.t.Helper()
	if !strings.Contains(path, "://") {
		path = b.url + path
	}
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, path, body)
	must(b.t, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.json {
		r.Header.Set("Accept", "application/json")
	}
	if b.tenant != "" {
		r.Header.Set("Tenant", b.tenant)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := b.client.Do(r)
	must(b.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(b.t, err)
	// A callback ends the fragment of its address.
	to := strings.TrimSuffix(response.Header.Get("Location"), "#")
	return reply{response.StatusCode, to, response.Header, string(text)}
}

func (b *browser) get(path string, header ...string) reply {
	b.t.Helper()
	return b.do("GET", path, nil, header...)
}

func (b *browser) post(path string, form url.Values, header ...string) reply {
	b.t.Helper()
	return b.do("POST", path, form, header...)
}

// begin starts a flow and returns the callback's address and parameters as the
// provider would send them for the subject.
func (b *browser) begin(path string, subject string, form ...string) (string, url.Values) {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	a := b.post(path, values)
	to := a.location
	if b.json {
		var body struct {
			AuthorizeURL string `json:"authorize_url"`
		}
		must(b.t, json.Unmarshal([]byte(a.body), &body))
		to = body.AuthorizeURL
	} else if a.status != http.StatusSeeOther {
		b.t.Fatalf("POST %s: %d %s", path, a.status, a.body)
	}
	u, err := url.Parse(to)
	must(b.t, err)
	q := u.Query()
	if token := q.Get("oauth_token"); token != "" {
		return q.Get("redirect_uri"), url.Values{"oauth_token": {token}, "oauth_verifier": {"CANARY-code-" + subject}}
	}
	return q.Get("redirect_uri"), url.Values{"state": {q.Get("state")}, "code": {"CANARY-code-" + subject}}
}

// flow goes to the provider and back.
func (b *browser) flow(path, subject string, form ...string) reply {
	b.t.Helper()
	callback, answer := b.begin(path, subject, form...)
	return b.get(callback + "?" + answer.Encode())
}

// deny goes to the provider, where the user says no.
func (b *browser) deny(path string) reply {
	b.t.Helper()
	callback, answer := b.begin(path, "")
	if token := answer.Get("oauth_token"); token != "" {
		return b.get(callback + "?denied=" + token)
	}
	answer.Del("code")
	answer.Set("error", "access_denied")
	return b.get(callback + "?" + answer.Encode())
}

func (b *browser) whoami() string {
	b.t.Helper()
	return b.get("/whoami").body
}

// flash returns the messages, as "category: text".
func (b *browser) flash() string {
	b.t.Helper()
	var flashes []social.Flash
	must(b.t, json.Unmarshal([]byte(b.get("/flashes").body), &flashes))
	var lines []string
	for _, f := range flashes {
		if f.Code == "" || f.Code == social.CodeText {
			b.t.Errorf("a message has a text and no code: %v", f)
		}
		lines = append(lines, f.Category+": "+f.Text())
	}
	return strings.Join(lines, "\n")
}

// decode reads a JSON answer.
func decode(t *testing.T, a reply, v any) {
	t.Helper()
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	must(t, json.Unmarshal([]byte(a.body), v))
}
