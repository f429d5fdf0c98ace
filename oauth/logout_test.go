package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

func TestOIDC_LogoutURL(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	address, err := c.(oauth.LogoutStarter).LogoutURL(context.Background(), oauth.Token{ID: "hint"}, "https://app.test/bye", "s")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"client_id": {"client"}, "id_token_hint": {"hint"}, "post_logout_redirect_uri": {"https://app.test/bye"}, "state": {"s"}}
	if u.Path != "/logout" || u.Query().Encode() != want.Encode() {
		t.Errorf("got %s", address)
	}
	p := op.provider()
	p.Endpoints.EndSession = op.URL + "/logout?policy=b2c"
	address, err = op.open(t, p).(oauth.LogoutStarter).LogoutURL(t.Context(), oauth.Token{}, "", "s")
	if want := p.Endpoints.EndSession + "&client_id=client&state=s"; err != nil || address != want {
		t.Errorf("got %s, %v, want %s", address, err, want)
	}
	op.bend(func() { op.discovery = without("end_session_endpoint") })
	_, err = op.open(t, op.provider()).(oauth.LogoutStarter).LogoutURL(context.Background(), oauth.Token{}, "", "")
	if f := failure(t, err); !errors.Is(f, errors.ErrUnsupported) || f.Kind != oauth.Operator || f.ProviderID != "example" {
		t.Errorf("got %v, want errors.ErrUnsupported", err)
	}
}

// The provider wants the client that the ID token is for.
func TestOIDC_LogoutURLNamesTheClientOfTheToken(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	p := op.provider()
	p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "second", ClientSecret: "s"})
	c := op.open(t, p).(oauth.LogoutStarter)
	id := func(aud string) secret.Text { return secret.Text(op.sign([]byte(`{"sub":"1","aud":"` + aud + `"}`))) }
	for name, tt := range map[string]struct {
		token oauth.Token
		want  string
	}{
		"nothing":                          {oauth.Token{}, "client"},
		"the client":                       {oauth.Token{ClientID: "second", ID: id("client")}, "second"},
		"the audience":                     {oauth.Token{ID: id("second")}, "second"},
		"the audience of one that is gone": {oauth.Token{ClientID: "gone", ID: id("second")}, "second"},
		"an audience that is gone":         {oauth.Token{ClientID: "gone", ID: id("gone")}, "client"},
		"no ID token":                      {oauth.Token{ClientID: "gone", ID: "x"}, "client"},
	} {
		address, err := c.LogoutURL(t.Context(), tt.token, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if u, _ := url.Parse(address); u.Query().Get("client_id") != tt.want {
			t.Errorf("%s: got %s, want %s", name, address, tt.want)
		}
	}
}

// A provider that is down is no reason for a panic, nor the token's fault.
func TestOIDC_LogoutWhileTheProviderIsDown(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.fail["/.well-known/openid-configuration"] = 503
	c := op.open(t, op.provider())
	_, err := c.(oauth.LogoutStarter).LogoutURL(t.Context(), oauth.Token{}, "", "")
	wantKind(t, err, oauth.Transient)
	_, err = c.(oauth.LogoutVerifier).VerifyLogout(t.Context(), "x")
	wantKind(t, err, oauth.Transient)
}

// The error says what is odd about a claim, and not what is in it.
func TestSecurity43_LogoutTokensAreNotQuoted(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	claims := logoutClaims(op)
	claims["jti"] = 7654321
	_, err := verifyLogout(t, op, claims)
	if err == nil || !strings.HasSuffix(err.Error(), ": there is a number where a string belongs") {
		t.Errorf("got %v", err)
	}
}

func logoutClaims(op *openIDProvider) map[string]any {
	return map[string]any{
		"iss": op.URL, "aud": "client", "sub": "248289761001", "sid": "session", "jti": "one",
		"iat": op.now.Unix(), "exp": op.now.Add(2 * time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
}

func TestSecurity27_LogoutToken(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Unix()
	for _, tt := range []claimsCase{
		{"good", func(map[string]any) {}, true},
		{"sub only", without("sid"), true},
		{"sid only", without("sub"), true},
		{"neither", func(m map[string]any) { delete(m, "sub"); delete(m, "sid") }, false},
		{"other iss", set("iss", "https://evil.test"), false},
		{"other aud", set("aud", "another-client"), false},
		{"no aud", without("aud"), false},
		{"no iat", without("iat"), false},
		{"no exp", without("exp"), false},
		{"expired", set("exp", now-61), false},
		{"from the future", set("iat", now+61), false},
		{"of 1970", set("iat", 1), false},
		{"of the day before", set("iat", now-86400-61), false},
		{"of a day", set("iat", now-86400-60), true},
		{"until 2100", set("exp", 4102444800), false},
		{"until a day later", set("exp", now+86400+60), true},
		{"until the day after", set("exp", now+86400+61), false},
		{"jti of 255 bytes", set("jti", strings.Repeat("j", 255)), true},
		{"jti of 256 bytes", set("jti", strings.Repeat("j", 256)), false},
		{"jti a number", set("jti", 7), false},
		{"sid a number", set("sid", 7), false},
		{"no jti", without("jti"), false},
		{"nonce", set("nonce", "n"), false},
		{"no events", without("events"), false},
		{"other event", set("events", map[string]any{"http://schemas.openid.net/event/other": map[string]any{}}), false},
		{"event is true", set("events", map[string]any{"http://schemas.openid.net/event/backchannel-logout": true}), false},
		{"events a list", set("events", []string{"http://schemas.openid.net/event/backchannel-logout"}), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			claims := logoutClaims(op)
			tt.bend(claims)
			got, err := verifyLogout(t, op, claims)
			if !tt.ok {
				wantKind(t, err, oauth.Invalid)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.ID != claims["jti"] || got.Subject == "" && got.Session == "" || got.Expiry.Before(op.now) {
				t.Errorf("got %+v", got)
			}
		})
	}
	for name, sign := range map[string]func([]byte) string{
		"alg none":  rawJWS(`{"alg":"none"}`, func([]byte) []byte { return nil }),
		"other key": signer(jose.RS256, otherRSA, "rsa-1", nil),
		"other alg": signer(jose.HS256, []byte("s3cret-of-the-client-that-is-long-enough"), "", nil),
		"not a JWS": func([]byte) string { return "x" },
		"an ID token": func([]byte) string {
			op := newOpenIDProvider(t)
			return mustLogin(t, op, op.open(t, op.provider())).Token.ID.Reveal()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.sign = sign
			_, err := verifyLogout(t, op, logoutClaims(op))
			wantKind(t, err, oauth.Invalid)
		})
	}
}

func verifyLogout(t *testing.T, op *openIDProvider, claims map[string]any) (*oauth.Logout, error) {
	t.Helper()
	return verifyLogoutAt(t, op, op.provider(), claims)
}

func verifyLogoutAt(t *testing.T, op *openIDProvider, p *oauth.OIDC, claims map[string]any) (*oauth.Logout, error) {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return op.open(t, p).(oauth.LogoutVerifier).VerifyLogout(context.Background(), secret.Text(op.sign(payload)))
}

// Older drafts of Back-Channel Logout had no exp: then iat bounds the token's life.
func TestSecurity27_LogoutTokenWithoutExp(t *testing.T) {
	t.Parallel()
	const life, skew = 10 * 60, 60
	for age, good := range map[int64]bool{-skew: true, -skew - 1: false, 0: true, life: true, life + skew - 1: true, life + skew: false, 1 << 30: false} {
		op := newOpenIDProvider(t)
		p := op.provider()
		p.LogoutWithoutExp = true
		claims := logoutClaims(op)
		delete(claims, "exp")
		claims["iat"] = op.now.Unix() - age
		got, err := verifyLogoutAt(t, op, p, claims)
		if (err == nil) != good {
			t.Errorf("%d s old: %v", age, err)
		}
		// Its ID is remembered for as long as the token would be taken.
		if want := op.now.Unix() - age + life + skew; err == nil && got.Expiry.Unix() != want {
			t.Errorf("%d s old: until %v", age, got.Expiry)
		}
		delete(claims, "iat")
		if _, err := verifyLogoutAt(t, op, p, claims); err == nil {
			t.Error("without exp and iat it was taken")
		}
		// With exp it is judged as ever.
		claims["iat"], claims["exp"] = op.now.Unix(), op.now.Unix()-skew
		if _, err := verifyLogoutAt(t, op, p, claims); err == nil {
			t.Error("an expired one was taken")
		}
	}
}

func TestOIDC_LogoutURLOfAReasonableLength(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider()).(oauth.LogoutStarter)
	for length, hint := range map[int]bool{0: false, 100: true, 1800: true, 2100: false, 17 << 10: false} {
		id := secret.Text(strings.Repeat("x", length))
		address, err := c.LogoutURL(t.Context(), oauth.Token{ID: id}, "https://app.test/bye", "s")
		if err != nil {
			t.Fatal(err)
		}
		u, _ := url.Parse(address)
		q := u.Query()
		if len(address) > 2048 || q.Has("id_token_hint") != hint || q.Get("client_id") != "client" || q.Get("post_logout_redirect_uri") != "https://app.test/bye" || q.Get("state") != "s" {
			t.Errorf("a hint of %d bytes: %d bytes, %v", length, len(address), u.Query().Get("post_logout_redirect_uri"))
		}
	}
	one, err := c.LogoutURL(t.Context(), oauth.Token{ID: "x"}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for more, hint := range map[int]bool{2048 - len(one): true, 2049 - len(one): false} {
		address, err := c.LogoutURL(t.Context(), oauth.Token{ID: secret.Text("x" + strings.Repeat("x", more))}, "", "")
		if err != nil || strings.Contains(address, "id_token_hint") != hint {
			t.Errorf("an address of %d bytes: %v", len(one)+more, err)
		}
	}
}
