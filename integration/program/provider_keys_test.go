package program_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

// newKeyPEM returns a private key for ES256.
func newKeyPEM(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// acmeWith serves the pretend Acme under two IDs: "plain", and "changed" with more
// settings. Both are registered as app says.
func acmeWith(t *testing.T, app socialtest.App, more settings) *site {
	t.Helper()
	s := serve(t)
	c := s.configuration()
	entries := settings{}
	for _, id := range []string{"plain", "changed"} {
		app.ClientID = id
		app.RedirectURIs = []string{s.url + "/callback/" + id}
		creds := s.pretend.Provider("acme").Register(app)
		entries[id] = settings{"type": "oidc", "issuer": s.pretend.Provider("acme").Issuer(), "client_id": id, "client_secret": creds.ClientSecret.Reveal()}
	}
	for key, value := range more {
		if value == nil {
			delete(entries["changed"].(settings), key)
		} else {
			entries["changed"].(settings)[key] = value
		}
	}
	c["providers"] = entries
	s.restart(c)
	return s
}

// Each key makes a log-in work that a server of today needs it for. Without the key the
// same log-in fails.
func TestProviderKeysOfOpenIDConnect(t *testing.T) {
	t.Parallel()
	const subject = "SELECT provider_user_id FROM social_connections WHERE provider_id = ?"
	for name, c := range map[string]struct {
		app    socialtest.App
		more   settings
		faults []socialtest.Fault
		query  string // what is looked up after a log-in, of the provider
		plain  string // "" when the log-in fails
		want   string
	}{
		"trusted_audiences": {more: settings{"trusted_audiences": []string{"229182", "plain"}}, query: subject, want: "SUBJECT",
			faults: []socialtest.Fault{socialtest.Claim("aud", []string{"plain", "changed", "229182"}), socialtest.WithoutClaim("azp")}},
		"algorithms": {app: socialtest.App{Algorithm: "HS256", ClientSecret: "a client secret of more than 32 bytes"}, more: settings{"algorithms": "HS256"}, query: subject, want: "SUBJECT"},
		"subject":    {more: settings{"subject": "oid"}, faults: []socialtest.Fault{socialtest.Claim("oid", "o-1"), socialtest.Claim("sub", "constant")}, query: subject, want: "o-1"},
		"clock_skew": {more: settings{"clock_skew": "5m"}, faults: []socialtest.Fault{socialtest.Claim("exp", time.Now().Add(-2*time.Minute).Unix()), socialtest.Claim("iat", time.Now().Add(-3*time.Minute).Unix())}, query: subject, want: "SUBJECT"},
		"profile": {more: settings{"profile": settings{"email": "https://acme.example/email"}}, faults: []socialtest.Fault{socialtest.Claim("https://acme.example/email", "claimed@lp.com")},
			query: "SELECT email FROM social_connections WHERE provider_id = ?", plain: "matt@lp.com", want: "claimed@lp.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := acmeWith(t, c.app, c.more)
			acme := s.pretend.Provider("acme")
			acme.ServeWith(socialtest.EndpointToken, c.faults...)
			want := strings.ReplaceAll(c.want, "SUBJECT", acme.User("matt").Subject)
			found := func(id string) (value string) {
				s.query(&value, c.query, id)
				return value
			}
			if name == "subject" {
				// A constant sub is one person for all, but no failure, so nothing to compare.
				acme.ServeWith(socialtest.EndpointUserInfo, socialtest.Field("sub", "constant"))
			} else if r := s.signedIn("matt@lp.com").through("/connect/plain", "matt"); c.plain == "" {
				r.is(502)
			} else if r.is(303); found("plain") != c.plain {
				t.Errorf("without the key: %q", found("plain"))
			}
			s.signedIn("matt@lp.com").through("/connect/changed", "matt").is(303)
			if got := found("changed"); got != want {
				t.Errorf("with the key: %q, want %q", got, want)
			}
		})
	}
}

func TestWithoutPKCE(t *testing.T) {
	t.Parallel()
	s := acmeWith(t, socialtest.App{}, settings{"pkce": false})
	for id, want := range map[string]bool{"plain": true, "changed": false} {
		if query(t, s.visitor().begin("/login/"+id)).Has("code_challenge") != want {
			t.Errorf("%s: PKCE is not %v", id, want)
		}
	}
}

// A public client proves itself by PKCE alone.
func TestPublicClient(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 9)
	s := serve(t)
	acme := s.pretend.Provider("acme")
	creds := acme.Register(socialtest.App{ClientID: "app", RedirectURIs: []string{s.url + "/callback/public"}})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		asked <- r.Header.Get("Authorization") + r.Form.Get("client_secret") + r.Form.Get("client_id")
		form := r.PostForm
		form.Del("client_id")
		req, _ := http.NewRequest("POST", acme.Endpoints().Token, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(url.QueryEscape(creds.ClientID), url.QueryEscape(creds.ClientSecret.Reveal()))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			w.WriteHeader(500)
			return
		}
		defer resp.Body.Close()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
	}))
	t.Cleanup(front.Close)
	c := s.configuration()
	c["providers"] = settings{"public": settings{"type": "oidc", "issuer": acme.Issuer(), "client_id": "app", "token_auth": "none", "endpoints": settings{"token": front.URL}}}
	s.restart(c)
	s.signedIn("matt@lp.com").through("/connect/public", "matt").to(303, "/profile")
	if got := <-asked; got != "app" || len(asked) > 0 {
		t.Errorf("the token endpoint got %q", got)
	}
}

// With profile_from: token no user-info endpoint is asked: OpenID Connect has the ID
// token, OAuth 2.0 the token answer.
func TestProfileFromToken(t *testing.T) {
	t.Parallel()
	s := acmeWith(t, socialtest.App{}, settings{"profile_from": "token"})
	c := s.configuration()
	hub := s.provider("hub", "")
	delete(hub["endpoints"].(settings), "userinfo")
	hub["profile"], hub["profile_from"] = settings{"id": "stripe_user_id"}, "token"
	c["providers"].(map[string]any)["hub"] = hub
	s.restart(c)
	acme := s.pretend.Provider("acme")
	v := s.signedIn("matt@lp.com")
	v.through("/connect/plain", "matt").is(303)
	before := acme.Calls(socialtest.EndpointUserInfo)
	v.through("/connect/changed", "matt").is(303)
	if n := acme.Calls(socialtest.EndpointUserInfo); before == 0 || n != before {
		t.Errorf("user info was asked %d times, then %d", before, n)
	}
	s.pretend.Provider("hub").ServeWith(socialtest.EndpointToken, socialtest.Field("stripe_user_id", "acct_1"))
	v.through("/connect/hub", "matt").to(303, "/profile")
	if id := v.only("hub").ProviderUserID; id != "acct_1" {
		t.Errorf("the subject is %q", id)
	}
	if n := s.pretend.Provider("hub").Calls(socialtest.EndpointUserInfo); n != 0 {
		t.Errorf("user info was asked %d times", n)
	}
}

// An entry of the catalog can be there under a second ID.
func TestEntryTwice(t *testing.T) {
	t.Parallel()
	s := serve(t)
	google := s.pretend.Provider("google")
	creds := google.Register(socialtest.App{ClientID: "work", RedirectURIs: []string{s.url + "/callback/google_work"}})
	c := s.configuration()
	c["providers"].(map[string]any)["google_work"] = settings{"type": "google", "name": "Google at work", "issuer": google.Issuer(), "client_id": "work", "client_secret": creds.ClientSecret.Reveal()}
	s.restart(c)
	v := s.signedIn("matt@lp.com")
	v.get("/profile").says("Google at work")
	v.through("/connect/google", "matt").to(303, "/profile")
	address := v.begin("/connect/google_work")
	if query(t, address).Get("access_type") != "offline" {
		t.Errorf("the entry's parameters are not sent: %s", address)
	}
	v.get(v.decide(address, "matt", true).URL.String()).to(303, "/profile")
	if list := v.connections(); len(list) != 2 {
		t.Errorf("connections %+v", list)
	}
}

// An assertion is for the token endpoint, unless the provider wants its issuer.
func TestAssertionAudience(t *testing.T) {
	t.Parallel()
	s := serve(t)
	acme := s.pretend.Provider("acme")
	assertions := make(chan string, 9)
	token := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assertions <- r.FormValue("client_assertion")
		w.WriteHeader(400)
	}))
	t.Cleanup(token.Close)
	wants := map[string]string{"": token.URL + "/t", "token": token.URL + "/t", "issuer": acme.Issuer(), "endpoint": token.URL + "/t"}
	c := s.configuration()
	entries := settings{}
	for audience := range wants {
		id := "for-" + audience
		entry := settings{"type": "oidc", "issuer": acme.Issuer(), "client_id": id, "private_key": strings.ReplaceAll(newKeyPEM(t), "\n", `\n`), "endpoints": settings{"token": token.URL + "/t"}}
		acme.Register(socialtest.App{ClientID: id, RedirectURIs: []string{s.url + "/callback/" + id}, TokenAuth: oauth.AuthPost})
		if audience != "" {
			entry["assertion_audience"] = audience
		}
		entries[id] = entry
	}
	c["providers"] = entries
	s.restart(c)
	for audience, want := range wants {
		s.visitor().through("/login/for-"+audience, "matt").is(502)
		parts := strings.Split(<-assertions, ".")
		if len(parts) != 3 {
			t.Fatalf("%s: no assertion", audience)
		}
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		var claims struct{ Aud string }
		if err != nil || json.Unmarshal(payload, &claims) != nil || claims.Aud != want {
			t.Errorf("%q: aud %q, want %q", audience, claims.Aud, want)
		}
	}
}

// Log-out tokens of older drafts have no exp.
func TestLogoutWithoutExp(t *testing.T) {
	t.Parallel()
	s := acmeWith(t, socialtest.App{}, settings{"logout_without_exp": true})
	acme := s.pretend.Provider("acme")
	s.signedIn("matt@lp.com").through("/connect/plain", "matt").is(303)
	s.signedIn("matt@lp.com").through("/connect/changed", "matt").is(303)
	for id, status := range map[string]int{"plain": 400, "changed": 200} {
		v := s.visitor()
		v.through("/login/"+id, "matt").to(303, "/profile")
		token, err := acme.LogoutToken(id, "matt", socialtest.WithoutClaim("exp"))
		if err != nil {
			t.Fatal(err)
		}
		s.visitor().post("/backchannel-logout/"+id, "logout_token", token).is(status)
		if signedOut := v.user() == ""; signedOut != (status == 200) {
			t.Errorf("%s: signed out is %v", id, signedOut)
		}
	}
}
