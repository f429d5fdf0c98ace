package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

func withTokens(c *accounts.Config) {
	c.APITokens, c.BasicAuth, c.TokenScopes = true, true, map[string]string{"read": "read your notes", "write": "write notes"}
}

// signedInOf returns a visitor of a site with API tokens, who has signed in.
func signedInOf(t *testing.T, configure func(*accounts.Config)) (*accounts.Accounts, func() *visitor, *visitor) {
	t.Helper()
	acc, visitor := visitorsOf(t, configure)
	v := visitor()
	if w := v.do("POST", "/login", matt); w.Code != 303 {
		t.Fatal(w.Code, w.Body)
	}
	return acc, visitor, v
}

// made makes an API token and returns the answer's members.
func (v *visitor) made(t *testing.T, body string) (token map[string]any) {
	t.Helper()
	status, token := v.json("POST", "/security/tokens", body)
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, token)
	}
	return token
}

// asks sends a request for JSON with an authorization.
func (v *visitor) asks(authorization, method, path string, form url.Values, header ...string) (int, map[string]any) {
	w := v.do(method, path, form, append([]string{"Authorization", authorization, "Accept", "application/json"}, header...)...)
	var answer map[string]any
	json.Unmarshal(w.Body.Bytes(), &answer)
	return w.Code, answer
}

// A program makes a token in a session, uses it, and sees it end.
func TestAccounts10_TokensAsJSON(t *testing.T) {
	t.Parallel()
	_, visitor, v := signedInOf(t, withTokens)
	if w := v.do("GET", "/security/tokens", nil, "Accept", "application/json"); w.Code != 200 || strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("no tokens: %d %s", w.Code, w.Body)
	}
	before := time.Now()
	token := v.made(t, `{"name":"deploy","expires_in":3600,"scopes":["read","write"]}`)
	text, id := fmt.Sprint(token["token"]), fmt.Sprint(token["id"])
	expires, err := time.Parse(time.RFC3339, fmt.Sprint(token["expires_at"]))
	if !regexp.MustCompile(`^soc_[0-9A-Za-z]{49}$`).MatchString(text) || token["name"] != "deploy" || err != nil ||
		expires.Sub(before) < time.Hour-time.Second || expires.Sub(before) > time.Hour+time.Minute || fmt.Sprint(token["scopes"]) != "[read write]" {
		t.Errorf("%v, %v", token, err)
	}
	w := v.do("GET", "/security/tokens", nil, "Accept", "application/json")
	var list []map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 1 || list[0]["id"] != id || list[0]["last_used_at"] != nil || list[0]["token"] != nil || strings.Contains(w.Body.String(), text) {
		t.Errorf("%s, %v", w.Body, err)
	}
	if _, body := v.json("GET", "/security", ""); body["tokens"] != 1.0 {
		t.Errorf("/security: %v", body)
	}
	other := visitor()
	status, session := other.asks("Bearer "+text, "GET", "/session", nil)
	if fresh, there := session["fresh_until"]; status != 200 || session["via"] != "token" || fresh != nil || !there || fmt.Sprint(session["token"].(map[string]any)["id"]) != id {
		t.Errorf("/session: %d %v", status, session)
	}
	for body, lasts := range map[string]time.Duration{
		`{"name":"a","expires_in":"90s"}`: 90 * time.Second, `{"name":"a","expires_in":"720h"}`: 720 * time.Hour, `{"name":"a","expires_in":"60"}`: time.Minute,
		`{"name":"a"}`: 90 * 24 * time.Hour, `{"name":"a","expires_in":""}`: 90 * 24 * time.Hour, `{"name":"a","scopes":"read write"}`: 90 * 24 * time.Hour,
	} {
		at, _ := time.Parse(time.RFC3339, fmt.Sprint(v.made(t, body)["expires_at"]))
		if d := time.Until(at) - lasts; d > time.Second || d < -time.Minute {
			t.Errorf("%s expires at %v", body, at)
		}
	}
	for body, want := range map[string]string{
		`{}`: "invalid_name", `{"name":"a","scopes":["admin"]}`: "invalid_scopes", `{"name":"a","expires_in":0}`: "invalid_expires_in",
		`{"name":"a","expires_in":-5}`: "invalid_expires_in", `{"name":"a","expires_in":"soon"}`: "invalid_expires_in", `{"name":"a","expires_in":1.5}`: "invalid_expires_in",
		`{"name":"a","expires_in":99999999999999999999}`: "invalid_expires_in", `{"name":"a","expires_in":9223372036854775807}`: "invalid_expires_in",
		`{"name":"a","expires_in":"8785h"}`: "invalid_expires_in", `{"name":"a","expires_in":31622401}`: "invalid_expires_in",
	} {
		if status, answer := v.json("POST", "/security/tokens", body); status != 422 || answer["code"] != want {
			t.Errorf("%s: %d %v, want %s", body, status, answer, want)
		}
	}
	if status, _ := v.json("DELETE", "/security/tokens/"+id, ""); status != 204 {
		t.Errorf("deleting: %d", status)
	}
	if status, answer := v.json("DELETE", "/security/tokens/"+id, ""); status != 404 || answer["code"] != "no_token" {
		t.Errorf("deleting again: %d %v", status, answer)
	}
	w = other.do("GET", "/session", nil, "Authorization", "Bearer "+text)
	if w.Code != 401 || w.Header().Get("WWW-Authenticate") != `Bearer error="invalid_token"` || !strings.Contains(w.Body.String(), `"code":"invalid_token"`) {
		t.Errorf("an ended one: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if status, _ := visitor().json("GET", "/security/tokens", ""); status != 401 {
		t.Errorf("nobody's tokens: %d", status)
	}
}

// The page shows a token once, and keeps what was entered over the proof that is due.
func TestAccounts10_TokensPage(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.Throttle.UserTokens = 2 })
	g := s.guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	_, page := g.do("GET", "/security")
	if !strings.Contains(page, "You have no API token.") || !strings.Contains(page, `href="/security/tokens"`) {
		t.Errorf("the section: %s", page)
	}
	s.later.Add(int64(16 * time.Minute))
	form := url.Values{"name": {"my <b> deploy"}, "scopes": {"write"}, "expires_in": {"604800"}}
	_, header, _ := g.raw("POST", "/security/tokens", form, "Referer", g.url+"/security/tokens")
	verify, err := url.Parse(header.Get("Location"))
	if err != nil || verify.Path != "/verify" {
		t.Fatalf("a stale session: %v", header)
	}
	at, page := g.do("POST", "/verify", "password", "correct horse", "next", verify.Query().Get("next"))
	for _, want := range []string{`value="my &lt;b&gt; deploy"`, `value="write" checked`, `<option value="604800" selected>7 days`} {
		if !strings.HasPrefix(at, "/security/tokens") || !strings.Contains(page, want) {
			t.Errorf("after the proof, at %s, %q is missing: %s", at, want, page)
		}
	}
	if strings.Contains(page, `value="read" checked`) {
		t.Error("a scope is chosen that was not")
	}
	at, page = g.do("POST", "/security/tokens", "name", "deploy", "scopes", "read", "expires_in", "400d")
	if !strings.Contains(page, "cannot be read as a time in the future. Enter seconds, such as 86400, or hours, such as 24h") {
		t.Errorf("a time with a unit that is none, at %s: %s", at, page)
	}
	at, page = g.do("POST", "/security/tokens", "name", "", "scopes", "read", "expires_in", "3600")
	for _, want := range []string{"Enter a name", `aria-invalid="true"`, `value="read" checked`, `<option value="3600" selected>One day`} {
		if !strings.Contains(page, want) {
			t.Errorf("without a name, at %s, %q is missing: %s", at, want, page)
		}
	}
	_, page = g.do("POST", "/security/tokens", "name", "deploy", "scopes", "read", "expires_in", "604800")
	token := regexp.MustCompile(`soc_[0-9A-Za-z]{49}`).FindString(page)
	if token == "" {
		t.Fatalf("no token: %s", page)
	}
	_, page = g.do("GET", "/security/tokens")
	if strings.Contains(page, token) || !strings.Contains(page, "deploy") || !strings.Contains(page, "Never used") {
		t.Errorf("the list: %s", page)
	}
	if status, _, body := s.guest().raw("GET", "/session", nil, "Authorization", "Bearer "+token); status != 200 || !strings.Contains(body, "matt@lp.com") {
		t.Errorf("%d %s", status, body)
	}
	g.do("POST", "/security/tokens", "name", "another")
	if at, page = g.do("POST", "/security/tokens", "name", "one too many"); at != "/security/tokens" || !strings.Contains(page, "as many API tokens as you may") {
		t.Errorf("one too many: %s %s", at, page)
	}
	if status, _, body := g.asJSON("POST", "/security/tokens", "name", "one too many"); status != 409 || !strings.Contains(body, "too_many_tokens") {
		t.Errorf("one too many: %d %s", status, body)
	}
	action := regexp.MustCompile(`action="(/security/tokens/[^"]+)"`).FindAllStringSubmatch(page, -1)
	at, page = g.do("POST", action[1][1], "_method", "DELETE")
	if at != "/security/tokens" || !strings.Contains(page, "The API token is ended.") || strings.Contains(page, "deploy") {
		t.Errorf("after the end: %s %s", at, page)
	}
	if at, page = g.do("POST", action[1][1], "_method", "DELETE"); at != "/security/tokens" || !strings.Contains(page, "There is no such API token.") {
		t.Errorf("after the end: %s %s", at, page)
	}
	s.later.Add(int64(16 * time.Minute))
	if at, _ = g.do("POST", action[0][1], "_method", "DELETE"); at != "/verify" {
		t.Errorf("ending one in a stale session: %s", at)
	}
}

// The choice of times has the usual one and the one that was entered, and none that is too
// long.
func TestAccounts10_TimesToChooseFrom(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		lasts   time.Duration
		most    time.Duration
		entered string
		want    string
	}{
		{"by default", 0, 0, "", "604800 2592000 7776000* 31536000"},
		{"one of them", 0, 0, "604800", "604800* 2592000 7776000 31536000"},
		{"another", 0, 0, "36h", "129600* 604800 2592000 7776000 31536000"},
		{"too long", 0, 30 * 24 * time.Hour, "90000h", "604800 2592000*"},
		{"beside the usual one", time.Hour, -1, "604800", "3600 604800* 2592000 7776000 31536000"},
		{"the longest", time.Hour, 30 * 24 * time.Hour, "720h", "3600 604800 2592000*"},
		{"as long as the longest to choose from", 24 * time.Hour, 30 * 24 * time.Hour, "", "86400* 604800 2592000"},
		{"with blanks", 0, 0, "+604800+", "604800* 2592000 7776000 31536000"},
		{"no decimal number", 0, 0, "0x10000", "604800 2592000 7776000* 31536000"},
		{"none", 0, 0, "x", "604800 2592000 7776000* 31536000"},
		{"as configured", time.Hour, 24 * time.Hour, "", "3600*"},
		{"without a most", 0, -1, "1000000h", "604800 2592000 7776000 31536000 3600000000*"},
		{"very long, without a most", 0, -1, "9223372036854775807", "604800 2592000 7776000 31536000 9223285636*"},
		{"as long as can be, without a most", 0, -1, "2562047h47m16s", "604800 2592000 7776000 31536000 9223285637*"},
		{"before the times", 0, -1, "-9223372037", "604800 2592000 7776000* 31536000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, v := signedInOf(t, func(c *accounts.Config) { withTokens(c); c.TokenLifetime, c.TokenMax = tt.lasts, tt.most })
			page := v.do("GET", "/security/tokens?expires_in="+tt.entered, nil).Body.String()
			var got []string
			for _, m := range regexp.MustCompile(`<option value="(\d+)"( selected)?>`).FindAllStringSubmatch(page, -1) {
				got = append(got, m[1]+map[string]string{" selected": "*"}[m[2]])
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAccounts10_TokensAreOff(t *testing.T) {
	t.Parallel()
	_, _, v := signedInOf(t, func(c *accounts.Config) { c.APITokens = false })
	for _, request := range []string{"GET /security/tokens", "POST /security/tokens", "DELETE /security/tokens/1"} {
		method, path, _ := strings.Cut(request, " ")
		if w := v.do(method, path, nil, "Accept", "application/json"); w.Code != 404 || !strings.Contains(w.Body.String(), "turned_off") {
			t.Errorf("%s: %d %s", request, w.Code, w.Body)
		}
	}
	if page := v.do("GET", "/security", nil).Body.String(); strings.Contains(page, "API token") {
		t.Error("/security has a section of tokens")
	}
	if w := v.do("GET", "/session", nil, "Authorization", "Bearer eyJ"); w.Code != 200 {
		t.Errorf("an application's own token: %d", w.Code)
	}
}

// Every address answers a request without a session: it does what a session may that is
// not fresh, and what that may not, a token may not either.
func TestAccounts10_PagesOfATokensUser(t *testing.T) {
	t.Parallel()
	acc, visitor, v := signedInOf(t, withTokens)
	bearer := "Bearer " + fmt.Sprint(v.made(t, `{"name":"deploy"}`)["token"])
	basic := "Basic bWF0dEBscC5jb206Y29ycmVjdCBob3JzZQ=="
	cross := []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}
	const fresh = "reauthentication_required"
	for _, tt := range []struct {
		request string
		form    url.Values
		status  int
		code    any
	}{
		{"GET /", nil, 200, nil},
		{"GET /session", nil, 200, nil},
		{"GET /profile", nil, 200, nil},
		{"GET /security", nil, 200, nil},
		{"GET /sessions", nil, 200, nil},
		{"GET /security/tokens", nil, 200, nil},
		{"GET /connections", nil, 200, nil},
		{"GET /verify", nil, 401, fresh},
		{"POST /verify", url.Values{"password": {"correct horse"}}, 401, fresh},
		{"POST /verify", url.Values{"password": {"wrong"}}, 401, fresh},
		{"POST /verify", url.Values{"code": {"123456"}}, 401, fresh},
		{"POST /security/tokens", url.Values{"name": {"another"}}, 401, fresh},
		{"POST /security/tokens", url.Values{}, 401, fresh},
		{"DELETE /security/tokens/1", nil, 401, fresh},
		{"POST /security/totp", nil, 401, fresh},
		{"POST /security/totp/confirm", url.Values{"code": {"123456"}}, 401, fresh},
		{"DELETE /security/totp", nil, 401, fresh},
		{"POST /security/recovery-codes", nil, 401, fresh},
		{"POST /change-password", url.Values{"password": {"correct horse"}, "new_password": {"another horse"}, "new_password_confirm": {"another horse"}}, 401, fresh},
		{"POST /change-username", url.Values{"username": {"other"}}, 401, fresh},
		{"POST /connect/github", nil, 401, fresh},
		{"POST /logout", nil, 204, nil},
		{"DELETE /sessions/1", nil, 404, "no_session"},
	} {
		method, path, _ := strings.Cut(tt.request, " ")
		for _, authorization := range []string{bearer, basic} {
			var more []string
			if authorization == bearer {
				more = cross // which the origin check lets pass
			}
			w := v.do(method, path, tt.form, append([]string{"Authorization", authorization, "Accept", "application/json"}, more...)...)
			var answer struct{ Code any }
			json.Unmarshal(w.Body.Bytes(), &answer)
			if w.Code != tt.status || answer.Code != tt.code {
				t.Errorf("%s with %s: %d %s, want %d %v", tt.request, authorization[:6], w.Code, w.Body, tt.status, tt.code)
			}
		}
	}
	if status, answer := v.asks(basic, "GET", "/session", nil); status != 200 || answer["via"] != "basic" || answer["fresh_until"] != nil || answer["token"] != nil {
		t.Errorf("/session: %d %v", status, answer)
	}
	if status, answer := v.asks(basic, "DELETE", "/sessions", nil, cross...); status != 403 || answer["code"] != "cross_site" {
		t.Errorf("a password, which browsers send by themselves, from another site: %d %v", status, answer)
	}
	for _, header := range []string{"Bearer x", "bearer", bearer + "x"} {
		if status, answer := v.asks(header, "DELETE", "/sessions", nil, cross...); status != 401 || answer["code"] != "invalid_token" {
			t.Errorf("%q beside a cookie: %d %v", header, status, answer)
		}
	}
	if w := v.do("GET", "/verify", nil, "Authorization", bearer, "Accept", "text/html"); w.Code != 401 || !strings.Contains(w.Body.String(), "</html>") {
		t.Errorf("/verify as a page: %d %s", w.Code, w.Header().Get("Location"))
	}
	list, err := acc.Sessions(t.Context(), userIDOf(t, acc))
	if err != nil || len(list) != 1 {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	if status, _ := visitor().asks(bearer, "DELETE", "/sessions/"+list[0].ID(), nil, cross...); status != 204 {
		t.Errorf("ending a session: %d", status)
	}
	if w := v.do("GET", "/session", nil); w.Code != 401 {
		t.Errorf("the session goes on: %d", w.Code)
	}
	v.do("POST", "/login", matt)
	if status, _ := visitor().asks(bearer, "DELETE", "/sessions", nil, cross...); status != 204 {
		t.Errorf("ending all sessions: %d", status)
	}
	if w := v.do("GET", "/session", nil); w.Code != 401 {
		t.Errorf("the session goes on: %d", w.Code)
	}
	if status, _ := visitor().asks(bearer, "GET", "/session", nil); status != 200 {
		t.Errorf("the token after all: %d", status)
	}
}

func userIDOf(t *testing.T, acc *accounts.Accounts) string {
	t.Helper()
	u, err := acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}
