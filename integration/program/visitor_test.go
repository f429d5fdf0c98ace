package program_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/socialtest"
)

// A visitor is a browser that keeps cookies and does not follow redirects.
type visitor struct {
	*site
	client  *http.Client
	json    bool     // sends Accept: application/json
	cookies []string // sent in place of those it keeps
}

func (s *site) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	return &visitor{site: s, client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// signedIn returns a visitor who is signed in with the password. It creates the user
// if needed.
func (s *site) signedIn(email string) *visitor {
	s.Helper()
	v := s.visitor()
	if s.count(`SELECT COUNT(*) FROM social_users WHERE email = ?`, email) == 0 {
		s.user(email)
	}
	v.post("/login", "email", email, "password", password).to(303, "/profile")
	return v
}

// asJSON returns the same browser with requests for JSON.
func (v *visitor) asJSON() *visitor {
	w := *v
	w.json = true
	return &w
}

// A reply is an answer.
type reply struct {
	t        *testing.T
	what     string
	status   int
	header   http.Header
	body     string
	location string // relative, if it is on the site
}

// do sends a request. fields are the names and values of a form in turn; a name that
// begins with "header:" is a header's.
func (v *visitor) do(method, path string, fields ...string) *reply {
	v.Helper()
	form, header := url.Values{}, http.Header{}
	for i := 0; i+1 < len(fields); i += 2 {
		if name, ok := strings.CutPrefix(fields[i], "header:"); ok {
			header.Add(name, fields[i+1])
		} else {
			form.Add(fields[i], fields[i+1])
		}
	}
	var body io.Reader
	if len(form) > 0 {
		body = strings.NewReader(form.Encode())
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return v.send(method, path, body, header)
}

func (v *visitor) send(method, path string, body io.Reader, header http.Header) *reply {
	v.Helper()
	r, err := v.try(method, path, body, header)
	if err != nil {
		v.Fatal(err)
	}
	return r
}

// form sends a form. It returns an error when there is no answer.
func (v *visitor) form(method, path string, fields ...string) (*reply, error) {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return v.try(method, path, strings.NewReader(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

// try sends a request. It returns an error when there is no answer.
func (v *visitor) try(method, path string, body io.Reader, header http.Header) (*reply, error) {
	if strings.HasPrefix(path, "/") {
		path = v.url + path
	}
	req, err := http.NewRequest(method, path, body)
	if err != nil {
		return nil, err
	}
	if v.json {
		req.Header.Set("Accept", "application/json")
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	if len(v.cookies) > 0 {
		req.Header.Set("Cookie", strings.Join(v.cookies, "; "))
	}
	resp, err := v.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	// A callback ends the fragment of its address.
	location := strings.TrimSuffix(strings.TrimPrefix(resp.Header.Get("Location"), v.url), "#")
	return &reply{v.T, method + " " + req.URL.Path, resp.StatusCode, resp.Header, string(text), location}, nil
}

func (v *visitor) get(path string, headers ...string) *reply {
	v.Helper()
	return v.do("GET", path, headers...)
}

func (v *visitor) post(path string, fields ...string) *reply {
	v.Helper()
	return v.do("POST", path, fields...)
}

// postJSON sends an object.
func (v *visitor) postJSON(path string, object any) *reply {
	v.Helper()
	body, err := json.Marshal(object)
	if err != nil {
		v.Fatal(err)
	}
	return v.send("POST", path, strings.NewReader(string(body)), http.Header{"Content-Type": {"application/json"}})
}

// is checks the status.
func (r *reply) is(status int) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d (Location %q)\n%.1500s", r.what, r.status, status, r.location, r.body)
	}
	return r
}

// to checks a redirect.
func (r *reply) to(status int, location string) *reply {
	r.t.Helper()
	if r.is(status); r.location != location {
		r.t.Fatalf("%s: redirects to %q, want %q", r.what, r.location, location)
	}
	return r
}

// leads checks a redirect's beginning, where the end of its address is random.
func (r *reply) leads(status int, location string) *reply {
	r.t.Helper()
	if r.is(status); !strings.HasPrefix(r.location, location) {
		r.t.Fatalf("%s: redirects to %q, want %q", r.what, r.location, location)
	}
	return r
}

// says checks that the body has the texts.
func (r *reply) says(texts ...string) *reply {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			r.t.Fatalf("%s: does not have %q:\n%s", r.what, text, r.body)
		}
	}
	return r
}

// saysNot checks that it has none of them.
func (r *reply) saysNot(texts ...string) *reply {
	r.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.body, text) {
			r.t.Fatalf("%s: has %q:\n%s", r.what, text, r.body)
		}
	}
	return r
}

// has checks a header's value.
func (r *reply) has(name, value string) *reply {
	r.t.Helper()
	if got := r.header.Get(name); got != value {
		r.t.Fatalf("%s: %s is %q, want %q", r.what, name, got, value)
	}
	return r
}

// problem checks that the answer is a problem document (RFC 9457) with the status and
// code.
func (r *reply) problem(status int, code string) *reply {
	r.t.Helper()
	r.is(status).has("Content-Type", "application/problem+json")
	var p struct {
		Type, Title, Detail, Code string
		Status                    int
	}
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || p.Status != status || p.Title == "" || p.Type == "" || p.Code != code {
		r.t.Fatalf("%s: problem %+v (%v), want status %d, code %q, a type and a title", r.what, p, err, status, code)
	}
	return r
}

// into decodes a JSON answer.
func (r *reply) into(v any) *reply {
	r.t.Helper()
	r.has("Content-Type", "application/json")
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		r.t.Fatalf("%s: %v\n%s", r.what, err, r.body)
	}
	return r
}

var flashPattern = regexp.MustCompile(`<p class="flash flash-(\w+)" data-code="\w+" role="\w+">([^<]*)</p>`)

// flash checks the messages that the next page shows, one in a line.
func (v *visitor) flash(want string) {
	v.Helper()
	var got []string
	for _, m := range flashPattern.FindAllStringSubmatch(v.get("/").is(200).body, -1) {
		got = append(got, m[1]+": "+m[2])
	}
	if text := strings.Join(got, "\n"); text != want {
		v.Fatalf("the page has the messages %q, want %q", text, want)
	}
}

// begin begins a flow and returns the address at the provider.
func (v *visitor) begin(path string, fields ...string) string {
	v.Helper()
	if !v.json {
		return v.post(path, fields...).is(303).location
	}
	var begun struct {
		AuthorizeURL string `json:"authorize_url"`
	}
	v.post(path, fields...).is(200).into(&begun)
	return begun.AuthorizeURL
}

// decide consents or refuses at the pretend provider, and returns the request of the
// callback.
func (v *visitor) decide(address, account string, allow bool) *http.Request {
	v.Helper()
	atProvider := v.visitor() // keeps the provider's cookies apart
	req, err := socialtest.Decide(v.Context(), atProvider.client, address, account, allow)
	if err != nil {
		v.Fatal(err)
	}
	return req
}

// through goes through a flow with the account at the provider, and returns the
// callback's answer.
func (v *visitor) through(path, account string, fields ...string) *reply {
	v.Helper()
	return v.get(v.decide(v.begin(path, fields...), account, true).URL.String())
}

// denied goes through a flow in which the person refuses.
func (v *visitor) denied(path string) *reply {
	v.Helper()
	return v.get(v.decide(v.begin(path), "matt", false).URL.String())
}

// user returns the e-mail address of the signed-in user, "" without one.
func (v *visitor) user() string {
	v.Helper()
	r := v.get("/session")
	if r.status == 401 {
		return ""
	}
	var s struct{ User struct{ Email string } }
	r.is(200).into(&s)
	return s.User.Email
}

// A listed is an element of the answer of GET /connections.
type listed struct {
	ID             string   `json:"id"`
	ProviderID     string   `json:"provider_id"`
	ProviderUserID string   `json:"provider_user_id"`
	DisplayName    string   `json:"display_name"`
	Rank           int      `json:"rank"`
	Scopes         []string `json:"scopes"`
	Status         string   `json:"status"`
	StatusSince    *string  `json:"status_since"`
	LastError      string   `json:"last_error"`
	ExpiresAt      *string  `json:"expires_at"`
}

func (v *visitor) connections() (list []listed) {
	v.Helper()
	v.asJSON().get("/connections").is(200).into(&list)
	return list
}
