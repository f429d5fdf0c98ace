package social_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// An ending is what a flow comes to.
type ending struct {
	status int
	to     string
	flash  string
	events string
}

// signUpID matches the ID of a pending sign-up, which is random.
var signUpID = regexp.MustCompile(`signup=[\w-]{16}`)

func (b *browser) ends(t *testing.T, a reply, want ending) {
	t.Helper()
	got := ending{a.status, signUpID.ReplaceAllString(a.location, "signup=ID"), b.flash(), b.told()}
	if got != want {
		t.Errorf("\n got %+v\nwant %+v\nbody %s", got, want, a.body)
	}
}

func TestOutcomesOfLogIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	for _, p := range []*stub{s.acme, s.bird} {
		c := s.connected(matt, p, "1")

		b := s.browser()
		b.ends(t, b.flow("/login/"+p.about.ID, "1"), ending{303, "/profile", "", "login_completed"})
		if b.whoami() != matt {
			t.Errorf("%s: signed in as %q", p.about.ID, b.whoami())
		}
		if got := s.token(c); got != "CANARY-access-2" {
			t.Errorf("%s: the token is %q", p.about.ID, got)
		}

		b = s.browser()
		b.ends(t, b.flow("/login/"+p.about.ID, "1", "next", "/elsewhere?a=b"), ending{303, "/elsewhere?a=b", "", "login_completed"})

		b = s.browser()
		b.ends(t, b.flow("/login/"+p.about.ID, "2"),
			ending{303, "/login", "error: " + p.about.Name + " account not associated with an existing user", "login_failed"})
		b.ends(t, b.deny("/login/"+p.about.ID),
			ending{303, "/login", "error: Access was denied to your " + p.about.Name + " account", ""})
		if b.whoami() != "" {
			t.Errorf("%s: signed in as %q", p.about.ID, b.whoami())
		}
	}
	if n := len(s.rows(matt)); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestOutcomesOfConnect(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.ConnectAllow, c.ConnectDeny = "/allowed", "/denied" })
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	b := s.signedIn(matt)
	for _, p := range []*stub{s.acme, s.bird} {
		id, name := p.about.ID, p.about.Name
		b.ends(t, b.flow("/connect/"+id, "1"), ending{303, "/allowed", "success: Connection established to " + name, "connection_created"})
		b.ends(t, b.flow("/connect/"+id, "2", "next", "/back"), ending{303, "/back", "success: Connection established to " + name, "connection_created"})
		b.ends(t, b.flow("/connect/"+id, "1"),
			ending{303, "/allowed", "notice: A connection is already established with " + name + " to your account", "connection_failed"})
		mine, err := s.store.ByIdentity(context.Background(), vault.Identity{ProviderID: id, ProviderUserID: "1"})
		must(t, err)
		if got := s.token(mine); got != "CANARY-access-3" || mine.UserID != matt {
			t.Errorf("%s: %q of %q", id, got, mine.UserID)
		}

		other := s.signedIn(joe)
		other.ends(t, other.flow("/connect/"+id, "1"),
			ending{303, "/allowed", "error: A connection is already established with " + name, "connection_failed"})
		if got := s.token(mine); got != "CANARY-access-3" {
			t.Errorf("%s: the owner's token became %q", id, got)
		}
		if a := other.program().flow("/connect/"+id, "1"); a.status != 409 || a.problem() != "connection_taken" {
			t.Errorf("%s: %d %s", id, a.status, a.body)
		}
		s.told()
		b.ends(t, b.deny("/connect/"+id), ending{303, "/denied", "error: Access was denied by " + name, ""})
	}
	if n := len(s.rows(joe)); n != 0 {
		t.Errorf("joe has %d connections", n)
	}
}

func TestOutcomesOfReconnect(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	first, second := s.connected(matt, s.acme, "1"), s.connected(matt, s.acme, "2")
	b := s.signedIn(matt)

	b.ends(t, b.flow("/reconnect/acme", "1", "scope", "photos,basic mail"),
		ending{303, "/profile", "success: Connection to Acme renewed", "connection_updated"})
	if got := strings.Join(s.acme.asked(), " "); got != "basic photos mail" {
		t.Errorf("asked for %q", got)
	}
	if got := s.rows(matt)[0]; strings.Join(got.Scopes, " ") != "basic photos mail" || s.token(got) != "CANARY-access-3" || got.ID != first.ID {
		t.Errorf("%+v", got)
	}

	b.ends(t, b.flow("/reconnect/acme", "2", "connection", second.ID, "next", "/x"),
		ending{303, "/x", "success: Connection to Acme renewed", "connection_updated"})
	b.ends(t, b.flow("/reconnect/acme", "3"), ending{303, "/profile", "error: That is a different Acme account", "connection_failed"})
	b.ends(t, b.flow("/reconnect/acme", "2"), ending{303, "/profile", "error: That is a different Acme account", "connection_failed"})
	if s.token(first) != "CANARY-access-3" || s.token(second) != "CANARY-access-4" || len(s.rows(matt)) != 2 {
		t.Error("a different account changed something")
	}

	callback, answer := b.begin("/reconnect/acme", "1")
	b.do("DELETE", "/connect/acme/1", nil)
	b.flash()
	s.told()
	b.ends(t, b.get(callback+"?"+answer.Encode()),
		ending{303, "/profile", "error: The connection to Acme was removed meanwhile", "connection_failed"})

	joe := s.user("joe@lp.com")
	theirs := s.connected(joe, s.acme, "9")
	for _, form := range []string{theirs.ID, "nonsense"} {
		if a := b.post("/reconnect/acme", map[string][]string{"connection": {form}}); a.status != 404 {
			t.Errorf("connection %q: %d", form, a.status)
		}
	}
	if a := b.post("/reconnect/bird", nil); a.status != 404 {
		t.Errorf("without a connection: %d", a.status)
	}
	if a := b.post("/reconnect/bird", map[string][]string{"connection": {second.ID}}); a.status != 404 {
		t.Errorf("with a connection to another provider: %d", a.status)
	}
}

func TestOutcomesOfRemove(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	s.connected(joe, s.acme, "joe")
	b := s.signedIn(matt)
	form := func(path string) reply { return b.post(path, map[string][]string{"_method": {"DELETE"}}) }
	fromHere := []string{"Referer", s.url + "/settings?tab=2"}
	for name, remove := range map[string]func(path string) reply{
		"DELETE": func(path string) reply { return b.do("DELETE", path, nil) },
		"field":  form,
		"query":  func(path string) reply { return b.post(path+"?_method=delete", nil) },
	} {
		s.connected(matt, s.acme, "1")
		s.connected(matt, s.acme, "tenant/2")
		s.connected(matt, s.acme, "3")
		t.Log(name)
		b.ends(t, remove("/connect/acme/1"), ending{303, "/profile", "info: Connection to Acme removed", "connection_removed"})
		b.ends(t, remove("/connect/acme/1"), ending{303, "/profile", "error: Unable to remove connection to Acme", ""})
		b.ends(t, remove("/connect/acme/tenant%2F2"), ending{303, "/profile", "info: Connection to Acme removed", "connection_removed"})
		b.ends(t, remove("/connect/acme/joe"), ending{303, "/profile", "error: Unable to remove connection to Acme", ""})
		s.connected(matt, s.acme, "4")
		b.ends(t, remove("/connect/acme"), ending{303, "/profile", "info: All connections to Acme removed", "connection_removed connection_removed"})
		b.ends(t, remove("/connect/acme"), ending{303, "/profile", "error: Unable to remove connection to Acme", ""})
	}
	if len(s.rows(matt)) != 0 || len(s.rows(joe)) != 1 {
		t.Errorf("matt has %d, joe %d", len(s.rows(matt)), len(s.rows(joe)))
	}

	s.connected(matt, s.acme, "1")
	b.ends(t, b.do("DELETE", "/connect/acme/1", nil, fromHere...),
		ending{303, "/settings?tab=2", "info: Connection to Acme removed", "connection_removed"})
	b.ends(t, b.do("DELETE", "/connect/acme/1", nil, "Referer", "https://evil.example/x"),
		ending{303, "/profile", "error: Unable to remove connection to Acme", ""})

	b.program()
	s.connected(matt, s.acme, "1")
	if a := b.do("DELETE", "/connect/acme/1", nil); a.status != 204 || a.body != "" {
		t.Errorf("%d %q", a.status, a.body)
	}
	if a := b.do("DELETE", "/connect/acme", nil); a.status != 404 || a.problem() != "no_connection" {
		t.Errorf("%d %q", a.status, a.body)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")

	b := s.browser().program()
	for _, request := range []string{"POST /connect/acme", "POST /reconnect/acme", "DELETE /connect/acme", "DELETE /connect/acme/1", "GET /connections", "POST /connections/x/check"} {
		method, path, _ := strings.Cut(request, " ")
		if a := b.do(method, path, nil); a.status != 401 || a.problem() != "not_signed_in" {
			t.Errorf("%s: %d %s", request, a.status, a.body)
		}
	}
	if a := b.flow("/login/acme", "2"); a.status != 401 || a.problem() != "unknown_account" {
		t.Errorf("unknown: %d %s", a.status, a.body)
	}
	if a := b.deny("/login/acme"); a.status != 403 || a.problem() != "access_denied" {
		t.Errorf("denied: %d %s", a.status, a.body)
	}
	if a := b.flow("/login/acme", "1"); a.status != 200 || !strings.Contains(a.body, `"user"`) || !strings.Contains(a.body, matt) {
		t.Errorf("log-in: %d %s", a.status, a.body)
	}
	if a := b.post("/login/acme", nil); a.status != 409 || a.problem() != "signed_in" {
		t.Errorf("log-in when signed in: %d %s", a.status, a.body)
	}
	if a := b.flow("/connect/acme", "2"); a.status != 200 || !strings.Contains(a.body, `"provider_user_id":"2"`) {
		t.Errorf("connect: %d %s", a.status, a.body)
	}
	if a := b.flow("/reconnect/acme", "1"); a.status != 200 || !strings.Contains(a.body, `"provider_user_id":"1"`) {
		t.Errorf("reconnect: %d %s", a.status, a.body)
	}
	if a := b.flow("/reconnect/acme", "2"); a.status != 409 || a.problem() != "connection_different" {
		t.Errorf("reconnect another: %d %s", a.status, a.body)
	}
	if f := b.flash(); f != "" {
		t.Errorf("messages for a program: %s", f)
	}

	var list []map[string]any
	must(t, json.Unmarshal([]byte(b.get("/connections").body), &list))
	fields := "id provider_id provider_user_id display_name full_name email profile_url image_url rank scopes missing_scopes status status_since status_reason last_error created_at updated_at expires_at"
	if len(list) != 2 || len(list[0]) != len(strings.Fields(fields)) {
		t.Errorf("%v", list)
	}
	for _, field := range strings.Fields(fields) {
		if _, ok := list[0][field]; !ok {
			t.Errorf("no %s", field)
		}
	}
}

func TestJSONBodies(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Providers[0].(*stub).about.Hints = []string{"login_hint"} })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.signedIn(matt)
	for body, want := range map[string]string{
		`{"scope":"photos mail"}`: "basic photos mail", `{"scope":["photos","mail"]}`: "basic photos mail", `{"scope":null}`: "basic", ``: "basic",
		// Refused, with the field's name.
		`{"scope":["photos",7,"mail"]}`: "", `{"scope":{"a":7}}`: "", `{"next":["/x"]}`: "", `{"login_hint":true}`: "",
	} {
		r, err := http.NewRequest("POST", s.url+"/reconnect/acme", strings.NewReader(body))
		must(t, err)
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		response, err := b.client.Do(r)
		must(t, err)
		answer, err := io.ReadAll(response.Body)
		must(t, err)
		response.Body.Close()
		if want == "" {
			if response.StatusCode != 422 || !strings.Contains(string(answer), "This value has the wrong type") {
				t.Errorf("%s: %d %s", body, response.StatusCode, answer)
			}
			continue
		}
		if got := strings.Join(s.acme.asked(), " "); response.StatusCode != 303 || got != want {
			t.Errorf("%s: %d, asked for %q", body, response.StatusCode, got)
		}
	}
}

// A body that is no form and no JSON object, or too large, is refused and not taken for
// one without fields.
func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	const form = "application/x-www-form-urlencoded"
	for name, tc := range map[string]struct{ contentType, body, want string }{
		"half an object":   {"application/json", `{`, "400 malformed"},
		"a list":           {"application/json", `["scope"]`, "400 malformed"},
		"a broken form":    {form, "scope=%zz", "400 malformed"},
		"a large object":   {"application/json", `{"scope":"` + strings.Repeat("x", 64<<10) + `"}`, "413 too_large"},
		"a large form":     {form, "scope=" + strings.Repeat("x", 64<<10), "413 too_large"},
		"nothing":          {"application/json", "", "200 authorize_url"},
		"an empty form":    {form, "", "200 authorize_url"},
		"neither of these": {"text/plain", "scope", "200 authorize_url"},
	} {
		r := httptest.NewRequest("POST", "/login/acme", strings.NewReader(tc.body))
		r.Header.Set("Content-Type", tc.contentType)
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		status, word, _ := strings.Cut(tc.want, " ")
		if strconv.Itoa(w.Code) != status || !strings.Contains(w.Body.String(), `"`+word+`"`) {
			t.Errorf("%s: %d %s, want %s", name, w.Code, w.Body, tc.want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	mine, theirs := s.connected(matt, s.acme, "1"), s.connected(joe, s.acme, "2")
	b := s.signedIn(matt).program()
	if a := b.post("/connections/"+mine.ID+"/check", nil); a.status != 200 || !strings.Contains(a.body, `"status":"active"`) ||
		!strings.Contains(a.body, `"display_name":"One"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, id := range []string{theirs.ID, "nonsense"} {
		if a := b.post("/connections/"+id+"/check", nil); a.status != 404 || a.problem() != "no_connection" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	s.acme.set(func(p *stub) { p.fail = &oauth.ProviderError{ProviderID: "acme", Op: "user info", Status: 503} })
	if a := b.post("/connections/"+mine.ID+"/check", nil); a.status != 502 || a.problem() != "provider_failed" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestWhoMayAndWhatThereIs(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	for request, status := range map[string]int{
		"POST /login/nobody": 404, "POST /connect/nobody": 404, "POST /reconnect/nobody": 404, "GET /callback/nobody": 404,
		"DELETE /connect/nobody": 404, "DELETE /connect/nobody/1": 404,
		"GET /login/acme": 405, "GET /connect/acme": 405, "HEAD /callback/acme": 405, "POST /callback/acme": 405, "PUT /callback/posty": 405,
		"POST /connect/acme/1": 405, "GET /callback/acme": 400,
	} {
		method, path, _ := strings.Cut(request, " ")
		if a := b.do(method, path, nil); a.status != status {
			t.Errorf("%s: %d, want %d", request, a.status, status)
		}
	}
	for referer, to := range map[string]string{
		"": "/login", s.url + "/settings?a=b": "/login?next=%2Fsettings%3Fa%3Db",
		"https://evil.example/x": "/login", s.url + "//evil.example": "/login",
	} {
		for _, request := range []string{"POST /connect/acme", "POST /reconnect/acme", "DELETE /connect/acme", "DELETE /connect/acme/1"} {
			method, path, _ := strings.Cut(request, " ")
			if a := b.do(method, path, nil, "Referer", referer); a.status != 303 || a.location != to {
				t.Errorf("%s from %q: %d %q, want %q", request, referer, a.status, a.location, to)
			}
		}
	}
	b.signIn(s.user("matt@lp.com"))
	if a := b.post("/login/acme", nil); a.status != 303 || a.location != "/profile" {
		t.Errorf("log-in when signed in: %d %q", a.status, a.location)
	}
}

func TestProviderFailures(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()

	callback, answer := b.begin("/login/acme", "1")
	answer.Del("code")
	answer.Set("error", "server_error")
	answer.Set("error_description", "<script>CANARY-text</script>")
	if a := b.get(callback + "?" + answer.Encode()); a.status != http.StatusBadGateway || strings.Contains(a.body, "CANARY") {
		t.Errorf("error on the callback: %d %s", a.status, a.body)
	}
	callback, answer = b.begin("/login/acme", "1")
	s.acme.set(func(p *stub) { p.fail = &oauth.ProviderError{Kind: oauth.Invalid, ProviderID: "acme", Op: "token"} })
	if a := b.get(callback + "?" + answer.Encode()); a.status != http.StatusBadGateway {
		t.Errorf("bad answer: %d", a.status)
	}
	if a := b.post("/login/acme", nil); a.status != http.StatusBadGateway {
		t.Errorf("beginning: %d", a.status)
	}
	if b.whoami() != "" || s.told() != "" {
		t.Error("something came of it")
	}
}
