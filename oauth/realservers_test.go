package oauth_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

// Members of a key beside the key itself are neither needed nor trusted (RFC 7517
// §4.6–4.9): odd ones do not lock everybody out.
func TestSecurity16_OptionalMembersOfAKeyAreIgnored(t *testing.T) {
	t.Parallel()
	public, err := x509.MarshalPKIXPublicKey(&testRSA.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, member := range map[string]map[string]any{
		"x5c is a bare public key":     {"x5c": []string{base64.StdEncoding.EncodeToString(public)}},
		"x5c is not base64":            {"x5c": []string{"-----BEGIN CERTIFICATE-----"}},
		"x5c is text":                  {"x5c": "MIIC"},
		"x5c is empty":                 {"x5c": []string{}},
		"x5c holds null":               {"x5c": []any{nil}},
		"x5c is of another key":        {"x5c": []string{"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"}},
		"x5t is no hash":               {"x5t": "not a hash"},
		"x5t is in base64":             {"x5t": "a+b/c=="},
		"x5t is a number":              {"x5t": 7},
		"x5t#S256 is an object":        {"x5t#S256": map[string]any{}},
		"x5t#S256 in hexadecimal":      {"x5t#S256": strings.Repeat("ab", 32)},
		"x5u is a list":                {"x5u": []string{"x"}},
		"x5u is not a URL":             {"x5u": "://"},
		"key_ops is text":              {"key_ops": "verify"},
		"key_ops is empty":             {"key_ops": []string{}},
		"use and alg null":             {"use": nil, "alg": nil},
		"iat, nbf and exp":             {"iat": "now", "nbf": 1, "exp": map[string]any{}},
		"the private half, too":        {"d": "AAAA", "p": 7, "q": "x"},
		"a private member, very large": {"vendor": strings.Repeat("x", 10000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "rsa-1", Use: "sig", Algorithm: "RS256"}.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			var key map[string]any
			if err := json.Unmarshal(text, &key); err != nil {
				t.Fatal(err)
			}
			for name, value := range member {
				key[name] = value
			}
			op := newOpenIDProvider(t)
			op.keys = func() any { return jwks(key) }
			mustLogin(t, op, op.open(t, op.provider()))
			// They do not make another key a good one.
			op.bend(func() { op.sign = signer(jose.RS256, otherRSA, "rsa-1", nil) })
			_, err = op.login(t, op.open(t, op.provider()), oauth.Request{})
			wantKind(t, err, oauth.Invalid)
		})
	}
}

// RFC 8259 §8.1 lets a reader ignore a byte order mark.
func TestByteOrderMarkBeforeAnyJSON(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/.well-known/openid-configuration", "/keys", "/token", "/userinfo"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			env := op.env()
			client := *env.HTTP
			marked := 0
			client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				resp, err := http.DefaultTransport.RoundTrip(r)
				if err == nil && r.URL.Path == path {
					marked++
					resp.Body = struct {
						io.Reader
						io.Closer
					}{io.MultiReader(strings.NewReader("\ufeff"), resp.Body), resp.Body}
					resp.ContentLength = -1
				}
				return resp, err
			})
			env.HTTP = &client
			p := op.provider()
			p.UserInfo = oauth.UserInfoAlways
			c, err := p.Open(env)
			if err != nil {
				t.Fatal(err)
			}
			mustLogin(t, op, c)
			if marked == 0 {
				t.Error("no answer had the mark")
			}
		})
	}
}

// auth_time is judged when max_age was asked for, and not before.
func TestSecurity17_AuthTimeAsText(t *testing.T) {
	t.Parallel()
	const now = 1777636800 // 2026-05-01 12:00 UTC
	for value, tt := range map[string]struct{ unasked, asked bool }{
		`1777636800`: {true, true}, `"1777636800"`: {true, true}, `1777636800.5`: {true, true},
		`"1777630000"`: {true, false}, `1777630000`: {true, false}, `"1777640000"`: {true, false},
		`"2026-05-01T12:00:00Z"`: {true, false}, `"now"`: {true, false}, `""`: {true, false}, `null`: {true, false},
		`true`: {true, false}, `{}`: {true, false}, `[1]`: {true, false}, `-1`: {true, false}, `1e99`: {true, false},
	} {
		op := newOpenIDProvider(t)
		if op.now.Unix() != now {
			t.Fatal("the clock has changed")
		}
		op.claims = set("auth_time", json.RawMessage(value))
		c := op.open(t, op.provider())
		if _, err := op.login(t, c, oauth.Request{}); (err == nil) != tt.unasked {
			t.Errorf("%s, not asked for: %v", value, err)
		}
		if _, err := op.login(t, c, oauth.Request{MaxAge: 5 * time.Minute}); (err == nil) != tt.asked {
			t.Errorf("%s, asked for: %v", value, err)
		}
	}
}

func TestSecurity17_ClockSkewIsAField(t *testing.T) {
	t.Parallel()
	for skew, tt := range map[time.Duration]map[time.Duration]bool{ // by how much the provider is ahead
		0:                {time.Minute: true, 61 * time.Second: false},
		time.Second:      {time.Second: true, 2 * time.Second: false, time.Minute: false},
		5 * time.Minute:  {90 * time.Second: true, 5 * time.Minute: true, 301 * time.Second: false},
		10 * time.Minute: {10 * time.Minute: true, 601 * time.Second: false},
	} {
		for ahead, good := range tt {
			op := newOpenIDProvider(t)
			op.claims = set("iat", op.now.Add(ahead).Unix())
			p := op.provider()
			p.ClockSkew = skew
			if _, err := op.login(t, op.open(t, p), oauth.Request{}); (err == nil) != good {
				t.Errorf("skew %v, %v ahead: %v", skew, ahead, err)
			}
			op.claims = set("exp", op.now.Add(-ahead).Unix()+1)
			if _, err := op.login(t, op.open(t, p), oauth.Request{}); (err == nil) != good {
				t.Errorf("skew %v, expired %v ago: %v", skew, ahead, err)
			}
		}
	}
	if _, err := (&oauth.OIDC{OAuth2: oauth.OAuth2{ID: "x", Issuer: "https://op.test", Credentials: []oauth.Credentials{{ClientID: "id"}}}, ClockSkew: -1}).Open(oauth.Env{}); err == nil {
		t.Error("a negative skew")
	}
}

// A server that gives ID tokens alone does so when it refreshes, too: its new refresh
// token must not be lost.
func TestRefreshWithoutAnAccessToken(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.answer = without("access_token")
	c := op.open(t, op.provider())
	g := mustLogin(t, op, c)
	fresh, dropped, err := c.(oauth.IDTokenRefresher).RefreshFor(t.Context(), g.Token, g.Profile.Subject)
	if err != nil || dropped != nil || fresh.Access != "" || fresh.Refresh == g.Token.Refresh || fresh.ID == g.Token.ID {
		t.Errorf("got %+v, %v, %v", fresh, dropped, err)
	}
	// One that gave access tokens has to give another.
	g.Token.Access = "access"
	_, err = c.(oauth.Refresher).Refresh(t.Context(), g.Token)
	wantKind(t, err, oauth.Invalid)
	g.Token.Access = ""
	op.bend(func() { op.answer = func(m map[string]any) { delete(m, "access_token"); delete(m, "id_token") } })
	_, err = c.(oauth.Refresher).Refresh(t.Context(), g.Token)
	wantKind(t, err, oauth.Invalid)
}

// Where no API is asked for there may be no access token: the ID token proves who it is.
func TestAnswerWithoutAnAccessToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer func(map[string]any)
		ok     bool
	}{
		"ID token alone":               {without("access_token"), true},
		"null":                         {set("access_token", nil), true},
		"empty":                        {set("access_token", ""), true},
		"neither":                      {func(m map[string]any) { delete(m, "access_token"); delete(m, "id_token") }, false},
		"an error beside the ID token": {func(m map[string]any) { delete(m, "access_token"); m["error"] = "server_error" }, false},
	} {
		op := newOpenIDProvider(t)
		op.answer = tt.answer
		p := op.provider()
		p.UserInfo = oauth.UserInfoAlways
		c := op.open(t, p)
		g, err := op.login(t, c, oauth.Request{})
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if g.Profile.Subject != "248289761001" || g.Profile.Email != "jane@example.com" || g.Token.Access != "" || g.Token.ID == "" {
			t.Errorf("%s: %+v", name, g)
		}
		if n := op.count("/userinfo"); n != 0 {
			t.Errorf("%s: user info was asked %d times without a token", name, n)
		}
		req, _ := http.NewRequest(http.MethodGet, op.URL+"/userinfo", nil)
		if err := c.Sign(req, g.Token); !errors.Is(err, oauth.ErrNoToken) {
			t.Errorf("%s: Sign: %v", name, err)
		}
	}
	// The ID token is verified as ever.
	op := newOpenIDProvider(t)
	op.answer, op.sign = without("access_token"), signer(jose.RS256, otherRSA, "rsa-1", nil)
	_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
	wantKind(t, err, oauth.Invalid)
	// Nor does a refresh end without an access token.
	op = newOpenIDProvider(t)
	c := op.open(t, op.provider())
	g := mustLogin(t, op, c)
	op.bend(func() { op.answer, op.claims = without("access_token"), without("at_hash") })
	_, err = c.(oauth.Refresher).Refresh(t.Context(), g.Token)
	wantKind(t, err, oauth.Invalid)
	// In OAuth 2.0 an ID token proves nothing.
	s := newStrictProvider(t)
	s.extra = map[string]any{"access_token": nil, "id_token": "a.b.c"}
	strict := s.open(t, s.provider())
	pending, answer := flow(t, s, strict, oauth.Request{})
	_, err = strict.Complete(t.Context(), pending, answer)
	wantKind(t, err, oauth.Invalid)
}

// The token answer may be the only place that says who the user is.
func TestProfileFromTheTokenAnswer(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	s.extra = map[string]any{"user": map[string]any{"id": 17, "name": "Matt"}, "id_token": "CANARY-id"}
	d := s.provider()
	d.ProfileFromToken, d.Endpoints.UserInfo = true, ""
	d.Profile = oauth.Mapping{Subject: "user.id", DisplayName: "user.name"}
	c := s.open(t, d)
	g := logIn(t, s, c)
	if g.Profile.Subject != "17" || g.Profile.DisplayName != "Matt" || s.infos != 0 {
		t.Errorf("got %+v", g.Profile)
	}
	for _, secret := range []string{g.Token.Access.Reveal(), g.Token.Refresh.Reveal(), "CANARY-id"} {
		if secret == "" || bytes.Contains(g.Profile.Raw, []byte(secret)) {
			t.Errorf("a token is in %s", g.Profile.Raw)
		}
	}
	if _, err := c.Profile(t.Context(), g.Token); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	// A form is read, too.
	s = newStrictProvider(t)
	s.answer = func(w http.ResponseWriter) {
		io.WriteString(w, " access_token=CANARY&expires_in=60&user_id=18&name=M+W\n")
	}
	d = s.provider()
	d.ProfileFromToken, d.Profile = true, oauth.Mapping{Subject: "user_id", DisplayName: "name"}
	if g = logIn(t, s, s.open(t, d)); g.Profile.Subject != "18" || g.Profile.DisplayName != "M W" || bytes.Contains(g.Profile.Raw, []byte("CANARY")) {
		t.Errorf("got %+v", g.Profile)
	}
	// Of an answer with more around it, and names of its own, the object with the token counts.
	s = newStrictProvider(t)
	s.answer = func(w http.ResponseWriter) {
		io.WriteString(w, `{"status":0,"body":{"userid":19,"accessToken":"CANARY-a","refreshToken":"CANARY-r","idToken":"CANARY-i"}}`)
	}
	d = s.provider()
	d.ProfileFromToken, d.TokenAt, d.Names, d.Profile = true, "body", map[string]string{"access_token": "accessToken", "refresh_token": "refreshToken", "id_token": "idToken"}, oauth.Mapping{Subject: "userid"}
	if g = logIn(t, s, s.open(t, d)); g.Profile.Subject != "19" || g.Token.Access != "CANARY-a" || g.Token.Refresh != "CANARY-r" || bytes.Contains(g.Profile.Raw, []byte("CANARY")) {
		t.Errorf("got %+v", g.Profile)
	}
	// Without a subject there is nobody.
	s = newStrictProvider(t)
	d = s.provider()
	d.ProfileFromToken = true
	c = s.open(t, d)
	pending, answer := flow(t, s, c, oauth.Request{})
	_, err := c.Complete(t.Context(), pending, answer)
	wantKind(t, err, oauth.Invalid)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
