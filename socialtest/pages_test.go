package socialtest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/gosocial/social/socialtest"
)

func TestPagesAreSafe(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	const nasty = `<script>alert(1)</script>"'`
	addresses := []string{srv.URL() + "/"}
	for _, p := range srv.Providers() {
		p.AddUser(socialtest.User{Subject: "nasty", Username: nasty, Name: nasty, Email: nasty})
		creds := p.Register(socialtest.App{Name: nasty, RedirectURIs: []string{callbackURL}})
		p.Grant(creds.ClientID, "nasty")
		v := url.Values{
			"client_id": {creds.ClientID}, "redirect_uri": {callbackURL}, "response_type": {"code"}, "state": {nasty}, "scope": {"openid " + nasty},
			"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
		}
		addresses = append(addresses, p.URL()+"/", p.URL()+"/people/nasty", p.Endpoints().Authorize+"?"+v.Encode())
		v.Set("redirect_uri", nasty)
		addresses = append(addresses, p.Endpoints().Authorize+"?"+v.Encode())
	}
	inline := regexp.MustCompile(`(?i)<script>|<style|\sstyle=|\son[a-z]+=|javascript:`)
	for _, address := range addresses {
		resp, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		policy := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy is %q", address, policy)
		}
		if found := inline.Find(body); found != nil {
			t.Errorf("%s: the page has %q", address, found)
		}
	}
	if picture := get(t, srv.URL()+"/hub/people/nasty.svg"); inline.MatchString(picture) {
		t.Errorf("the picture has a script: %s", picture)
	}
}

func TestConsentTakesNoOtherSite(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	for _, path := range []string{"/consent", "/people/ana/revoke"} {
		req, err := http.NewRequest("POST", p.URL()+path, strings.NewReader("decision=allow"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", "https://evil.test")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: status %d", path, resp.StatusCode)
		}
	}
}

func TestConsentServesOnce(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	conf := register(p, socialtest.App{})
	text := get(t, conf.AuthCodeURL("", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
	request := regexp.MustCompile(`name="request" value="([^"]+)"`).FindStringSubmatch(text)[1]
	form := url.Values{"request": {request}, "account": {p.User("ana").Subject}, "decision": {"allow"}}
	for _, want := range []int{303, 400} {
		resp, err := noRedirect.PostForm(p.URL()+"/consent", form)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("status %d, want %d", resp.StatusCode, want)
		}
	}
}

func TestRemoveAccessAtTheProvider(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("facebook")
	creds := p.Register(socialtest.App{Name: "Tester"})
	p.Grant(creds.ClientID, "ana")
	page := get(t, p.URL()+"/")
	action := regexp.MustCompile(`action="([^"]+/revoke)"`).FindStringSubmatch(page)
	if action == nil || !strings.Contains(page, "Remove Tester") {
		t.Fatalf("the page offers no removal:\n%s", page)
	}
	resp, err := http.PostForm(p.URL()+"/"+action[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if access, _ := p.Live("ana"); access != 0 || resp.StatusCode != 200 {
		t.Errorf("status %d, %d tokens live", resp.StatusCode, access)
	}
}

func TestConsentReachesTheApplication(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Method+" "+r.FormValue("state"))
	}))
	defer app.Close()
	p := socialtest.Start(t).Provider("acme")
	conf := register(p, socialtest.App{RedirectURIs: []string{app.URL}}, "openid")
	for mode, want := range map[string]string{"query": "GET st", "form_post": "POST st"} {
		address := conf.AuthCodeURL("st", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()), oauth2.SetAuthURLParam("response_mode", mode))
		resp, err := socialtest.Consent(t.Context(), newBrowser(t), address, "ana", true)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) != want {
			t.Errorf("%s: the application got %q", mode, body)
		}
	}
	address := conf.AuthCodeURL("st", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	if _, err := socialtest.Decide(t.Context(), newBrowser(t), address, "nobody", true); err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("error is %v", err)
	}
}

func TestNewJudgesItsURL(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "127.0.0.1:9000", "ftp://x", "http://x/path", "http://"} {
		if _, err := socialtest.New(socialtest.Config{URL: address}); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
	srv, err := socialtest.New(socialtest.Config{URL: "http://127.0.0.1:9000/"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	if got := srv.Provider("google").Issuer(); got != "http://127.0.0.1:9000/google" {
		t.Errorf("issuer is %q", got)
	}
}
