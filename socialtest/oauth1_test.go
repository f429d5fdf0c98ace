package socialtest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/socialtest"
)

// signer signs OAuth 1.0a requests, by code of its own.
type signer struct {
	id, secret         string
	token, tokenSecret string
	params             map[string]string // further ones of the header, or other values; "-" leaves one out
	quote              func(string) string
}

func percent(s string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(s))
}

func (s signer) do(t *testing.T, method, address string, form url.Values) (int, string) {
	t.Helper()
	header := map[string]string{
		"oauth_consumer_key": s.id, "oauth_nonce": strconv.FormatInt(time.Now().UnixNano(), 36), "oauth_signature_method": "HMAC-SHA1",
		"oauth_timestamp": strconv.FormatInt(time.Now().Unix(), 10), "oauth_version": "1.0",
	}
	if s.token != "" {
		header["oauth_token"] = s.token
	}
	for name, value := range s.params {
		header[name] = value
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for name, value := range header {
		if value == "-" {
			delete(header, name)
			continue
		}
		if name != "oauth_signature" {
			pairs = append(pairs, percent(name)+"="+percent(value))
		}
	}
	for _, v := range []url.Values{u.Query(), form} {
		for name, values := range v {
			for _, value := range values {
				pairs = append(pairs, percent(name)+"="+percent(value))
			}
		}
	}
	sort.Strings(pairs) // good enough for the names used here
	base := method + "&" + percent("http://"+u.Host+u.Path) + "&" + percent(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(percent(s.secret)+"&"+percent(s.tokenSecret)))
	mac.Write([]byte(base))
	if _, given := s.params["oauth_signature"]; !given {
		header["oauth_signature"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	quote := percent
	if s.quote != nil {
		quote = s.quote
	}
	var parts []string
	for name, value := range header {
		parts = append(parts, fmt.Sprintf(`%s="%s"`, quote(name), quote(value)))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", `OAuth realm="test", `+strings.Join(parts, ", "))
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// requested makes a signer that holds a request token.
func requested(t *testing.T, p *socialtest.Provider) signer {
	t.Helper()
	creds := p.Register(socialtest.App{Name: "Tester", RedirectURIs: []string{callbackURL}})
	s := signer{id: creds.ClientID, secret: creds.ClientSecret.Reveal(), params: map[string]string{"oauth_callback": callbackURL}}
	status, body := s.do(t, "POST", p.Endpoints().RequestToken, nil)
	answer, err := url.ParseQuery(body)
	if status != 200 || err != nil || answer.Get("oauth_callback_confirmed") != "true" {
		t.Fatalf("request token: status %d: %s", status, body)
	}
	s.token, s.tokenSecret = answer.Get("oauth_token"), answer.Get("oauth_token_secret")
	s.params = map[string]string{}
	return s
}

func TestTwitterFlow(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	p := srv.Provider("twitter")
	s := requested(t, p)
	v := decide(t, newBrowser(t), p.Endpoints().Authorize+"?oauth_token="+s.token, "ana", true)
	if v.Get("oauth_token") != s.token || v.Get("oauth_verifier") == "" {
		t.Fatalf("callback has %v", v)
	}
	s.params["oauth_verifier"] = v.Get("oauth_verifier")
	status, body := s.do(t, "POST", p.Endpoints().Token, nil)
	answer, _ := url.ParseQuery(body)
	if status != 200 || answer.Get("user_id") != p.User("ana").Subject || answer.Get("screen_name") != "ana" {
		t.Fatalf("access token: status %d: %s", status, body)
	}
	if status, _ := s.do(t, "POST", p.Endpoints().Token, nil); status != 401 {
		t.Errorf("request token used twice: status %d", status)
	}

	user := signer{id: s.id, secret: s.secret, token: answer.Get("oauth_token"), tokenSecret: answer.Get("oauth_token_secret")}
	for _, may := range []bool{false, true} {
		p.Register(socialtest.App{ClientID: s.id, ClientSecret: secret.Text(s.secret), Name: "Tester", RequestEmail: may})
		for _, query := range []string{"?include_email=true&skip_status=1", "?skip_status=1"} {
			status, body = user.do(t, "GET", p.Endpoints().UserInfo+query, nil)
			told := strings.Contains(body, `"email":"ana@example.com"`)
			if status != 200 || !strings.Contains(body, `"id":1700000000000000002`) || told != (may && strings.Contains(query, "include_email")) {
				t.Errorf("application may ask for e-mail %t, query %s: status %d: %s", may, query, status, body)
			}
		}
	}

	update := p.Endpoints().API + "/statuses/update.json"
	const text = "hello from my Go app! ünï + ~ & = %"
	if status, body := user.do(t, "POST", update, url.Values{"status": {text}, "empty": {""}, "two": {"b", "a"}}); status != 200 {
		t.Fatalf("status %d: %s", status, body)
	}
	if status, _ := user.do(t, "POST", update, url.Values{"status": {text}}); status != 403 {
		t.Errorf("the same post again: status %d", status)
	}
	if status, _ := user.do(t, "POST", update, url.Values{"status": {strings.Repeat("x", 281)}}); status != 403 {
		t.Errorf("a long post: status %d", status)
	}
	if posts := p.Posts("ana"); len(posts) != 1 || posts[0].Text != text || posts[0].Via != "Tester" {
		t.Errorf("posts are %+v", posts)
	}
	var timeline []struct {
		Text string `json:"text"`
	}
	_, body = user.do(t, "GET", p.Endpoints().API+"/statuses/user_timeline.json?count=5", nil)
	if err := json.Unmarshal([]byte(body), &timeline); err != nil || len(timeline) != 1 || timeline[0].Text != text {
		t.Errorf("timeline is %s (%v)", body, err)
	}
	if page := get(t, p.URL()+"/"); !strings.Contains(page, "hello from my Go app! ünï") || !strings.Contains(page, "via Tester") {
		t.Errorf("the page does not show the post:\n%s", page)
	}

	if status, _ := user.do(t, "POST", p.Endpoints().Revoke, nil); status != 200 {
		t.Errorf("revocation: status %d", status)
	}
	if status, body := user.do(t, "GET", p.Endpoints().UserInfo, nil); status != 401 || !strings.Contains(body, `"code":89`) {
		t.Errorf("revoked token: status %d: %s", status, body)
	}
}

func TestTwitterDenial(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("twitter")
	s := requested(t, p)
	address := p.Endpoints().Authorize + "?oauth_token=" + s.token
	v := decide(t, newBrowser(t), address, "ana", false)
	if v.Get("denied") != s.token || v.Has("oauth_token") || v.Has("oauth_verifier") {
		t.Errorf("callback has %v", v)
	}
	if _, err := socialtest.Decide(t.Context(), newBrowser(t), address, "ana", true); err == nil {
		t.Error("a denied request token can be used")
	}
}

func TestTwitterIsStrict(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	p := srv.Provider("twitter")
	old := strconv.FormatInt(time.Now().Add(-10*time.Minute).Unix(), 10)
	coming := strconv.FormatInt(time.Now().Add(10*time.Minute).Unix(), 10)
	tests := []struct {
		name   string
		change func(*signer)
		says   string
	}{
		{"wrong consumer secret", func(s *signer) { s.secret = "x" }, "signature does not verify"},
		{"unknown consumer", func(s *signer) { s.id = "x" }, "not registered"},
		{"broken signature", func(s *signer) { s.params["oauth_signature"] = "AAAA" }, "signature does not verify"},
		{"no signature", func(s *signer) { s.params["oauth_signature"] = "-" }, "oauth_signature is missing"},
		{"no nonce", func(s *signer) { s.params["oauth_nonce"] = "-" }, "oauth_nonce is missing"},
		{"no timestamp", func(s *signer) { s.params["oauth_timestamp"] = "-" }, "oauth_timestamp is missing"},
		{"old", func(s *signer) { s.params["oauth_timestamp"] = old }, "out of bounds"},
		{"coming", func(s *signer) { s.params["oauth_timestamp"] = coming }, "out of bounds"},
		{"timestamp text", func(s *signer) { s.params["oauth_timestamp"] = "now" }, "not a positive number"},
		{"plaintext", func(s *signer) { s.params["oauth_signature_method"] = "PLAINTEXT" }, "not HMAC-SHA1"},
		{"version 2", func(s *signer) { s.params["oauth_version"] = "2.0" }, "oauth_version"},
		{"no callback", func(s *signer) { s.params["oauth_callback"] = "-" }, "oauth_callback is missing"},
		{"other callback", func(s *signer) { s.params["oauth_callback"] = callbackURL + "2" }, "not approved"},
		{"a token already", func(s *signer) { s.token = "x" }, "where there is none yet"},
		{"plus for space", func(s *signer) { s.quote = url.QueryEscape; s.params["x"] = "a b" }, "percent-encoded"},
	}
	for _, test := range tests {
		creds := p.Register(socialtest.App{RedirectURIs: []string{callbackURL}})
		s := signer{id: creds.ClientID, secret: creds.ClientSecret.Reveal(), params: map[string]string{"oauth_callback": callbackURL}}
		test.change(&s)
		status, body := s.do(t, "POST", p.Endpoints().RequestToken, nil)
		if status < 400 || !strings.Contains(body, test.says) {
			t.Errorf("%s: status %d: %s", test.name, status, body)
		}
	}
}

func TestTwitterNonceServesOnce(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("twitter")
	creds := p.Register(socialtest.App{RedirectURIs: []string{callbackURL}})
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	s := signer{id: creds.ClientID, secret: creds.ClientSecret.Reveal(), params: map[string]string{
		"oauth_callback": callbackURL, "oauth_nonce": "same", "oauth_timestamp": stamp,
	}}
	if status, body := s.do(t, "POST", p.Endpoints().RequestToken, nil); status != 200 {
		t.Fatalf("status %d: %s", status, body)
	}
	if status, body := s.do(t, "POST", p.Endpoints().RequestToken, nil); status != 401 || !strings.Contains(body, "nonce") {
		t.Errorf("replayed: status %d: %s", status, body)
	}
}

func TestTwitterVerifierIsStrict(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("twitter")
	s := requested(t, p)
	wants := func(says string) {
		t.Helper()
		if status, body := s.do(t, "POST", p.Endpoints().Token, nil); status != 401 || !strings.Contains(body, says) {
			t.Errorf("status %d, want 401 saying %q: %s", status, says, body)
		}
	}
	wants("oauth_verifier is missing")
	s.params["oauth_verifier"] = "x"
	wants("did not authorize")
	v := decide(t, newBrowser(t), p.Endpoints().Authorize+"?oauth_token="+s.token, "ana", true)
	wants("oauth_verifier is wrong")
	s.params["oauth_verifier"] = v.Get("oauth_verifier")

	stranger := s
	creds := p.Register(socialtest.App{RedirectURIs: []string{callbackURL}})
	stranger.id, stranger.secret = creds.ClientID, creds.ClientSecret.Reveal()
	if status, body := stranger.do(t, "POST", p.Endpoints().Token, nil); status != 401 || !strings.Contains(body, "another application") {
		t.Errorf("status %d: %s", status, body)
	}
	right := s.tokenSecret
	s.tokenSecret = "x"
	wants("signature does not verify")
	s.tokenSecret = right
	if status, body := s.do(t, "POST", p.Endpoints().Token, nil); status != 200 {
		t.Errorf("status %d: %s", status, body)
	}
}

func TestTwitterSignatureCoversTheBody(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("twitter")
	creds := p.Register(socialtest.App{})
	granted := p.Grant(creds.ClientID, "ana")
	s := signer{id: creds.ClientID, secret: creds.ClientSecret.Reveal(), token: granted.Access.Reveal(), tokenSecret: granted.Secret.Reveal()}
	update := p.Endpoints().API + "/statuses/update.json"
	if status, body := s.do(t, "POST", update, url.Values{"status": {"a"}, "oauth_token": {"x"}}); status != 401 || !strings.Contains(body, "outside") {
		t.Errorf("status %d: %s", status, body)
	}
	s.params = map[string]string{"status": "signed, but sent in the header"}
	if status, _ := s.do(t, "POST", update, nil); status == 200 {
		t.Error("a parameter of the header was taken for one of the body")
	}
}

// get fetches a page.
func get(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: status %d, %v", address, resp.StatusCode, err)
	}
	return string(body)
}

func TestTwitterTokenBelongsToItsApplication(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("twitter")
	granted := p.Grant(p.Register(socialtest.App{}).ClientID, "ana")
	other := p.Register(socialtest.App{})
	s := signer{id: other.ClientID, secret: other.ClientSecret.Reveal(), token: granted.Access.Reveal(), tokenSecret: granted.Secret.Reveal()}
	if status, body := s.do(t, "GET", p.Endpoints().UserInfo, nil); status != 401 || !strings.Contains(body, "another application") {
		t.Errorf("status %d: %s", status, body)
	}
}
