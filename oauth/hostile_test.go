package oauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

func TestSecurity06_IssuersWithAliasesAreRequiredToo(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.discovery = set("authorization_response_iss_parameter_supported", true)
	d := op.provider()
	d.MatchIssuer = func(iss string, _ map[string]any) bool { return iss == "alias" }
	c := op.open(t, d)
	for iss, good := range map[string]bool{op.URL: true, "alias": true, "": false, "https://evil.test": false} {
		p := begin(t, c, oauth.Request{})
		answer := op.redirect(t, p)
		if iss != "" {
			answer.Set("iss", iss)
		}
		_, err := c.Complete(t.Context(), p, answer)
		var refused *oauth.CallbackError
		if good && err != nil || !good && !errors.As(err, &refused) {
			t.Errorf("iss %q: %v", iss, err)
		}
	}
}

// odd is a value that a provider, or the browser, may put into a
// profile.
func odd(p *oauth.Profile) {
	p.DisplayName, p.FullName = "Eve\r\nSet-Cookie: a=b\u202e", strings.Repeat("E", 1<<20)
	p.Email, p.EmailVerified = "eve@lp.com\x00", true
	p.ProfileURL, p.ImageURL = "javascript:alert(1)", "data:text/html,<script>alert(1)</script>"
}

func TestSecurity44_NoHookBringsAnOddProfile(t *testing.T) {
	t.Parallel()
	check := func(name string, p oauth.Profile) {
		t.Helper()
		if p.DisplayName != "Eve  Set-Cookie: a=b" || p.FullName != strings.Repeat("E", 255) || p.Email+p.ProfileURL+p.ImageURL != "" || p.EmailVerified {
			t.Errorf("%s: %.200q", name, fmt.Sprintf("%+v", p))
		}
	}
	mapped := func(json.RawMessage) (oauth.Profile, error) {
		p := oauth.Profile{Subject: "1"}
		odd(&p)
		return p, nil
	}
	s := newStrictProvider(t)
	d := s.provider()
	d.MapProfile = mapped
	check("MapProfile", logIn(t, s, s.open(t, d)).Profile)
	op := newOpenIDProvider(t)
	o := op.provider()
	o.ProfileFromCallback = func(p *oauth.Profile, _ url.Values) { odd(p) }
	check("ProfileFromCallback", mustLogin(t, op, op.open(t, o)).Profile)
	o = op.provider()
	o.MapProfile = mapped
	check("MapProfile of OpenID Connect", mustLogin(t, op, op.open(t, o)).Profile)
}

func TestSecurity43_ClientsDoNotPrint(t *testing.T) {
	t.Parallel()
	const secret = "CANARY"
	credentials := oauth.Credentials{ClientID: "client", ClientSecret: secret}
	endpoints := oauth.Endpoints{
		RequestToken: "https://op.test/r", Authorize: "https://op.test/a", Token: "https://op.test/t",
		UserInfo: "https://op.test/u", Keys: "https://op.test/k",
	}
	for _, p := range []oauth.Provider{
		&oauth.OAuth1{ID: "one", Credentials: []oauth.Credentials{credentials}, Endpoints: endpoints, Profile: oauth.Mapping{Subject: "id"}},
		&oauth.OAuth2{ID: "two", Credentials: []oauth.Credentials{credentials}, Endpoints: endpoints, Profile: oauth.Mapping{Subject: "id"}},
		&oauth.OIDC{OAuth2: oauth.OAuth2{ID: "three", Credentials: []oauth.Credentials{credentials}, Endpoints: endpoints, Issuer: "https://op.test"}},
	} {
		c, err := p.Open(oauth.Env{})
		if err != nil {
			t.Fatal(err)
		}
		if text, want := fmt.Sprint(c), string(p.Description().Protocol)+" client of "+p.Description().ID; text != want {
			t.Errorf("prints as %s, want %s", text, want)
		}
		for _, v := range []any{c, p} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				if text := fmt.Sprintf(verb, v); strings.Contains(text, secret) || strings.Contains(text, "43414e415259") || strings.Contains(text, "Basic ") {
					t.Errorf("%s of %T: %s", verb, v, text)
				}
			}
		}
	}
}

func TestSecurity21_ASubjectOfSeveralPartsHasOneReading(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	for _, subject := range []string{"{team}{user}", "x/{team}{user}", "{team} {user}", "team user"} {
		d := s.provider()
		d.Profile.Subject = subject
		if _, err := d.Open(oauth.Env{}); err == nil {
			t.Errorf("%q was opened", subject)
		}
	}
}

func TestSecurity13_EverySlashCounts(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.discovery = set("issuer", op.URL+"/")
	d := op.provider()
	d.Issuer += "/"
	for iss, good := range map[string]bool{op.URL + "/": true, op.URL: false, op.URL + "//": false} {
		op.bend(func() { op.claims = set("iss", iss) })
		if _, err := op.login(t, op.open(t, d), oauth.Request{}); (err == nil) != good {
			t.Errorf("iss %q: %v", iss, err)
		}
	}
}

func TestSecurity17_SubIsRequiredWhereAnotherClaimIsTheSubject(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	d := op.provider()
	d.SubjectOf = func(map[string]any) (string, error) { return "tenant/user", nil }
	c := op.open(t, d)
	mustLogin(t, op, c)
	for _, change := range []func(map[string]any){without("sub"), set("sub", ""), set("sub", nil), set("sub", 7)} {
		op.bend(func() { op.claims = change })
		_, err := op.login(t, c, oauth.Request{})
		wantKind(t, err, oauth.Invalid)
	}
}

func TestSecurity17_EveryDateIsInYearsThatPeopleMean(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	for _, name := range []string{"exp", "iat", "nbf", "auth_time"} {
		asked := oauth.Request{}
		if name == "auth_time" {
			asked.MaxAge = 5 * time.Minute // else it is not judged
		}
		for _, value := range []any{
			json.Number("1e99"), json.Number("-1e99"), json.Number("1e400"), json.Number("253402300800"), -1,
			"1767225600", "", true, []any{1}, map[string]any{},
		} {
			op.bend(func() { op.claims = set(name, value) })
			if _, err := op.login(t, c, asked); err == nil {
				t.Errorf("%s %v was taken", name, value)
			} else {
				wantKind(t, err, oauth.Invalid)
			}
		}
	}
}

func TestSecurity03_NonceIsFreshAndLong(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	seen := map[string]bool{}
	for range 50 {
		p := begin(t, c, oauth.Request{})
		// 26 characters of base32 are 130 bits.
		if len(p.Nonce) < 26 || seen[p.Nonce] || query(t, p).Get("nonce") != p.Nonce || p.Nonce == p.State {
			t.Fatalf("nonce %q: short, old, or not the one that is sent", p.Nonce)
		}
		seen[p.Nonce] = true
	}
}
