package social_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
)

// real is a site with pretend providers that speak the real protocols.
type real struct {
	*site
	server *socialtest.Server
}

var realProviders = []string{"twitter", "hub", "facebook", "acme"} // OAuth 1.0a, OAuth 2.0 twice, OpenID Connect

func openReal(t *testing.T, change ...func(*social.Config)) *real {
	t.Helper()
	server := socialtest.Start(t)
	setup := func(c *social.Config) {
		app := func(id string) oauth.Credentials {
			return server.Provider(id).Register(socialtest.App{RedirectURIs: []string{c.AppURL + "/callback/" + id}})
		}
		hub := providers.OAuth2("hub", "Hub", server.Provider("hub").Endpoints(), app("hub"))
		hub.Scopes = []string{"basic", "email"}
		hub.Issuer = server.Provider("hub").Issuer()
		hub.Profile = oauth.Mapping{Subject: "id", DisplayName: "login", FullName: "display.name", Email: "mail",
			EmailVerified: "mail_verified", ProfileURL: "html_url", ImageURL: "avatar_url"}
		facebook := providers.Facebook(app("facebook"))
		facebook.Endpoints = server.Provider("facebook").Endpoints()
		twitter := &oauth.OAuth1{ID: "twitter", Name: "Twitter", Credentials: []oauth.Credentials{app("twitter")},
			Endpoints: server.Provider("twitter").Endpoints(),
			Profile: oauth.Mapping{Subject: "id_str", DisplayName: "@{screen_name}", FullName: "name",
				ProfileURL: "https://twitter.com/{screen_name}", ImageURL: "profile_image_url_https"}}
		acme := providers.OIDC("acme", "Acme", server.Provider("acme").Issuer(), app("acme"))
		c.Providers = []oauth.Provider{hub, facebook, twitter, acme}
		c.AllowPrivateAddresses = true
	}
	return &real{openTx(t, append([]func(*social.Config){setup}, change...)...), server}
}

// goes begins a flow, and comes back from the provider with the account's
// consent, or without it when there is no account.
func (b *browser) goes(t *testing.T, path, account string, form ...string) reply {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	a := b.post(path, values)
	if a.status != http.StatusSeeOther {
		t.Fatalf("POST %s: %d %s\n%s", path, a.status, a.body, b.log)
	}
	allow := account != ""
	if !allow {
		account = "ana"
	}
	callback, err := socialtest.Decide(t.Context(), &http.Client{Transport: b.transport}, a.location, account, allow)
	must(t, err)
	return b.get(callback.URL.String())
}

func (r *real) access(t *testing.T, c vault.Connection) (access, secret string) {
	t.Helper()
	token, err := r.Vault().Token(context.Background(), c)
	must(t, err)
	return token.Access.Reveal(), token.Secret.Reveal()
}

// TestParity has the seven behaviours that Flask-Social's own tests check.
func TestParity(t *testing.T) {
	t.Parallel()
	for _, id := range realProviders {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			r := openReal(t)
			p := r.server.Provider(id)
			name := map[string]string{"twitter": "Twitter", "hub": "Hub", "facebook": "Facebook", "acme": "Acme"}[id]
			matt, joe := r.user("matt@lp.com"), r.user("joe@lp.com")
			subject := p.User("ana").Subject

			// Log-in without a connection.
			b := r.browser()
			b.ends(t, b.goes(t, "/login/"+id, "ana"),
				ending{303, "/login", "error: " + name + " account not associated with an existing user", "login_failed"})
			if b.whoami() != "" {
				t.Error("signed in")
			}

			// Connect.
			b = r.signedIn(matt)
			b.ends(t, b.goes(t, "/connect/"+id, "ana"), ending{303, "/profile", "success: Connection established to " + name, "connection_created"})
			rows := r.rows(matt)
			if len(rows) != 1 {
				t.Fatalf("%d connections\n%s", len(rows), r.log)
			}
			c := rows[0]
			if c.ProviderID != id || c.ProviderUserID != subject || c.DisplayName == "" || c.FullName == "" && id != "facebook" || c.Status != vault.Active || c.Rank != 0 {
				t.Errorf("%+v", c)
			}
			access, secret := r.access(t, c)
			if access == "" || (secret != "") != (id == "twitter") {
				t.Error("the token is incomplete")
			}

			// Connect twice, and somebody else's.
			b.ends(t, b.goes(t, "/connect/"+id, "ana"),
				ending{303, "/profile", "notice: A connection is already established with " + name + " to your account", "connection_failed"})
			again, _ := r.access(t, r.rows(matt)[0])
			if again == access || len(r.rows(matt)) != 1 {
				t.Error("the token is the old one")
			}
			other := r.signedIn(joe)
			other.ends(t, other.goes(t, "/connect/"+id, "ana"),
				ending{303, "/profile", "error: A connection is already established with " + name, "connection_failed"})
			other.ends(t, other.goes(t, "/connect/"+id, ""), ending{303, "/profile", "error: Access was denied by " + name, ""})
			if len(r.rows(joe)) != 0 {
				t.Error("joe has a connection")
			}

			// Log-in with a connection; the token changes.
			b = r.browser()
			b.ends(t, b.goes(t, "/login/"+id, "ana", "next", "/elsewhere"), ending{303, "/elsewhere", "", "login_completed"})
			if b.whoami() != matt {
				t.Errorf("signed in as %q", b.whoami())
			}
			after, _ := r.access(t, r.rows(matt)[0])
			if after == again {
				t.Error("the token did not change")
			}
			u, err := r.acc.User(t.Context(), matt)
			must(t, err)
			if u.Login.Count == 0 || time.Since(u.Login.CurrentAt) > time.Minute {
				t.Errorf("the log-in is not tracked: %+v", u.Login)
			}
			b = r.browser()
			b.ends(t, b.goes(t, "/login/"+id, ""), ending{303, "/login", "error: Access was denied to your " + name + " account", ""})

			// Reconnect.
			p.UpdateUser("ana", func(u *socialtest.User) { u.Name = "Ana Two" })
			b = r.signedIn(matt)
			b.ends(t, b.goes(t, "/reconnect/"+id, "ana"), ending{303, "/profile", "success: Connection to " + name + " renewed", "connection_updated"})
			if c := r.rows(matt)[0]; !strings.Contains(c.FullName+c.DisplayName, "Ana Two") {
				t.Errorf("%+v", c)
			}
			b.ends(t, b.goes(t, "/reconnect/"+id, "jun"), ending{303, "/profile", "error: That is a different " + name + " account", "connection_failed"})

			// The connection works.
			if a := r.signedIn(matt).program().post("/connections/"+r.rows(matt)[0].ID+"/check", nil); a.status != 200 || !strings.Contains(a.body, subject) {
				t.Errorf("check: %d %s", a.status, a.body)
			}

			// Remove.
			b = r.signedIn(matt)
			a := b.do("DELETE", "/connect/"+id+"/"+url.PathEscape(subject), nil)
			told := r.told()
			if a.status != 303 || !strings.HasPrefix(told, "connection_removed") && !strings.Contains(told, " connection_removed") || b.flash() != "info: Connection to "+name+" removed" {
				t.Errorf("%d %q", a.status, told)
			}
			if len(r.rows(matt)) != 0 {
				t.Error("the row is still there")
			}
			b.goes(t, "/connect/"+id, "ana")
			b.goes(t, "/connect/"+id, "jun")
			r.told()
			a = b.do("DELETE", "/connect/"+id, nil)
			if told := r.told(); a.status != 303 || strings.Count(told, "connection_removed") != 2 || len(r.rows(matt)) != 0 { // each has its own
				t.Errorf("%d %q", a.status, told)
			}
		})
	}
}

func TestPostedAnswerOfARealProvider(t *testing.T) {
	t.Parallel()
	r := openReal(t, func(c *social.Config) { c.Providers[3].(*oauth.OIDC).FormPost = true })
	matt := r.user("matt@lp.com")
	b := r.signedIn(matt)
	for _, path := range []string{"/connect/acme", "/login/acme"} {
		a := b.post(path, nil)
		callback, err := socialtest.Decide(t.Context(), &http.Client{Transport: b.transport}, a.location, "ana", true)
		must(t, err)
		if callback.Method != "POST" {
			t.Fatalf("the provider does not post: %s", callback.Method)
		}
		a = b.posts(callback.URL.String(), callback.Form)
		if a = b.get(a.location); a.status != 303 || a.location != "/profile" {
			t.Errorf("%s: %d %q %s", path, a.status, a.location, a.body)
		}
		b.post("/sign-out", nil)
	}
	if told := r.told(); told != "connection_created login_completed" {
		t.Error(told)
	}
}

// TestAnswersThatDoNotHold has providers that misbehave: nobody is signed in,
// and nothing is stored.
func TestAnswersThatDoNotHold(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		provider string
		at       socialtest.Endpoint
		fault    socialtest.Fault
		status   int
	}{
		"another issuer":       {"acme", socialtest.EndpointAuthorize, socialtest.Param("iss", "https://evil.example"), 400},
		"no issuer":            {"acme", socialtest.EndpointAuthorize, socialtest.WithoutParam("iss"), 400},
		"two states":           {"hub", socialtest.EndpointAuthorize, socialtest.Param("state", "a", "b"), 400},
		"two codes":            {"hub", socialtest.EndpointAuthorize, socialtest.Param("code", "a", "b"), 400},
		"no code":              {"hub", socialtest.EndpointAuthorize, socialtest.WithoutParam("code"), 400},
		"no state":             {"hub", socialtest.EndpointAuthorize, socialtest.WithoutParam("state"), 400},
		"an error":             {"hub", socialtest.EndpointAuthorize, socialtest.OAuthError(302, "server_error"), 502},
		"another nonce":        {"acme", socialtest.EndpointToken, socialtest.Claim("nonce", "another"), 502},
		"a bad signature":      {"acme", socialtest.EndpointToken, socialtest.BadSignature(), 502},
		"no subject":           {"hub", socialtest.EndpointUserInfo, socialtest.WithoutField("id"), 502},
		"an empty subject":     {"hub", socialtest.EndpointUserInfo, socialtest.Field("id", ""), 502},
		"broken JSON":          {"hub", socialtest.EndpointToken, socialtest.Truncated(), 502},
		"a page":               {"hub", socialtest.EndpointToken, socialtest.HTML(), 502},
		"no answer":            {"facebook", socialtest.EndpointToken, socialtest.Reset(), 502},
		"a redirect":           {"facebook", socialtest.EndpointToken, socialtest.Redirect("https://evil.example"), 502},
		"unavailable":          {"twitter", socialtest.EndpointToken, socialtest.Unavailable(), 502},
		"unavailable profiles": {"twitter", socialtest.EndpointUserInfo, socialtest.Unavailable(), 502},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := openReal(t, func(c *social.Config) { c.SignUp = social.Auto })
			p := r.server.Provider(tc.provider)
			b := r.browser()
			a := b.post("/login/"+tc.provider, nil)
			p.ServeWith(tc.at, tc.fault)
			if name == "an error" {
				state, err := url.Parse(a.location)
				must(t, err)
				a = b.get("/callback/hub?error=server_error&iss=" + url.QueryEscape(p.Issuer()) + "&state=" + state.Query().Get("state"))
			} else {
				callback, err := socialtest.Decide(t.Context(), &http.Client{Transport: b.transport}, a.location, "ana", true)
				must(t, err)
				a = b.get(callback.URL.String())
			}
			if a.status != tc.status || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%d %v %s\n%s", a.status, a.header, a.body, r.log)
			}
			users, err := r.acc.Users(t.Context(), "", 10)
			must(t, err)
			if told := r.told(); b.whoami() != "" || len(users) != 0 || told != "" {
				t.Errorf("signed in as %q, %d users, told %q", b.whoami(), len(users), told)
			}
		})
	}
}
