package oauth_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

// A module is one of the relying-party modules of the OpenID Foundation's
// conformance suite, which plays a provider that misbehaves in one way.
type module struct {
	name string
	bend func(*openIDProvider)
	use  func(*oauth.OIDC) // nil: as it is
	ok   bool
}

func claims(f func(map[string]any)) func(*openIDProvider) {
	return func(op *openIDProvider) { op.claims = f }
}

func asIs(*openIDProvider) {}

func signedBy(sign func([]byte) string) func(*openIDProvider) {
	return func(op *openIDProvider) { op.sign = sign }
}

var basicModules = []module{
	{"oidcc-client-test", asIs, nil, true},
	{"oidcc-client-test-invalid-iss", claims(set("iss", "https://other.test/")), nil, false},
	{"oidcc-client-test-missing-sub", claims(without("sub")), nil, false},
	{"oidcc-client-test-invalid-aud", claims(set("aud", "another-client")), nil, false},
	{"oidcc-client-test-missing-aud", claims(without("aud")), nil, false},
	{"oidcc-client-test-missing-iat", claims(without("iat")), nil, false},
	{"oidcc-client-test-kid-absent-single-jwks", signedBy(signer(jose.RS256, testRSA, "", nil)), nil, true},
	{"oidcc-client-test-kid-absent-multiple-jwks", func(op *openIDProvider) {
		op.keys = func() any {
			return jwks(jose.JSONWebKey{Key: &otherRSA.PublicKey, KeyID: "a"}, jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "b"})
		}
		op.sign = signer(jose.RS256, testRSA, "", nil)
	}, nil, true},
	{"oidcc-client-test-idtoken-sig-rs256", signedBy(signer(jose.RS256, testRSA, "rsa-1", nil)), nil, true},
	{"oidcc-client-test-idtoken-sig-es256", func(op *openIDProvider) {
		op.keys = func() any { return jwks(jose.JSONWebKey{Key: &testEC.PublicKey, KeyID: "ec-1"}) }
		op.sign = signer(jose.ES256, testEC, "ec-1", nil)
	}, nil, true},
	{"oidcc-client-test-idtoken-sig-hs256", signedBy(signer(jose.HS256, []byte(conformanceSecret), "", nil)),
		func(p *oauth.OIDC) { p.Algorithms = []string{"HS256"} }, true},
	{"oidcc-client-test-idtoken-sig-none", signedBy(rawJWS(`{"alg":"none"}`, func([]byte) []byte { return nil })), nil, false},
	{"oidcc-client-test-invalid-sig-rs256", signedBy(signer(jose.RS256, otherRSA, "rsa-1", nil)), nil, false},
	{"oidcc-client-test-invalid-sig-es256", func(op *openIDProvider) {
		op.keys = func() any { return jwks(jose.JSONWebKey{Key: &testEC.PublicKey, KeyID: "ec-1"}) }
		op.sign = signer(jose.ES256, otherEC, "ec-1", nil)
	}, nil, false},
	{"oidcc-client-test-invalid-sig-hs256", signedBy(signer(jose.HS256, []byte("another secret of thirty-two bytes or more"), "", nil)),
		func(p *oauth.OIDC) { p.Algorithms = []string{"HS256"} }, false},
	{"oidcc-client-test-userinfo-invalid-sub", func(op *openIDProvider) { op.info["sub"] = "invalid" + "248289761001" },
		func(p *oauth.OIDC) { p.UserInfo = oauth.UserInfoAlways }, false},
	{"oidcc-client-test-userinfo-bearer-header", func(op *openIDProvider) {
		op.claims = without("email")
	}, nil, true},
	{"oidcc-client-test-nonce-invalid", claims(set("nonce", "invalid")), nil, false},
	{"oidcc-client-test-scope-userinfo-claims", func(op *openIDProvider) {
		op.claims = func(m map[string]any) { delete(m, "name"); delete(m, "email"); delete(m, "email_verified") }
	}, nil, true},
	{"oidcc-client-test-client-secret-basic", func(op *openIDProvider) {
		op.onToken = func(r *http.Request) {
			if _, _, ok := r.BasicAuth(); !ok {
				op.answer = func(m map[string]any) { clear(m) }
			}
		}
	}, nil, true},
}

const conformanceSecret = "a client secret of thirty-two bytes or more"

var otherEC = newEC(testEC.Curve)

func runModules(t *testing.T, modules []module, every func(*oauth.OIDC)) {
	for _, m := range modules {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			m.bend(op)
			p := op.provider()
			p.Credentials[0].ClientSecret = conformanceSecret
			if m.use != nil {
				m.use(p)
			}
			every(p)
			g, err := op.login(t, op.open(t, p), oauth.Request{})
			if !m.ok {
				wantKind(t, err, oauth.Invalid)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if g.Profile.FullName != "Jane Doe" || g.Profile.Email != "jane@example.com" {
				t.Errorf("profile %+v", g.Profile)
			}
		})
	}
}

func TestConformance_Basic(t *testing.T) {
	t.Parallel()
	runModules(t, basicModules, func(*oauth.OIDC) {})
}

func TestConformance_FormPost(t *testing.T) {
	t.Parallel()
	runModules(t, basicModules, func(p *oauth.OIDC) { p.FormPost = true })
}

func TestConformance_Config(t *testing.T) {
	t.Parallel()
	runModules(t, []module{
		{"oidcc-client-test-discovery-openid-config", asIs, nil, true},
		{"oidcc-client-test-discovery-jwks-uri-keys", asIs, nil, true},
		{"oidcc-client-test-discovery-issuer-mismatch", func(op *openIDProvider) {
			op.discovery = set("issuer", "https://other.test/")
		}, nil, false},
		{"oidcc-client-test-idtoken-sig-none", signedBy(rawJWS(`{"alg":"none"}`, func([]byte) []byte { return nil })), nil, false},
	}, func(*oauth.OIDC) {})

	rotate := func(op *openIDProvider) {
		op.keys = func() any { return jwks(jose.JSONWebKey{Key: &otherRSA.PublicKey, KeyID: "rsa-2"}) }
		op.sign = signer(jose.RS256, otherRSA, "rsa-2", nil)
	}
	t.Run("oidcc-client-test-signing-key-rotation", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		c := op.open(t, op.provider())
		mustLogin(t, op, c)
		op.bend(func() { rotate(op) })
		mustLogin(t, op, c)
	})
	t.Run("oidcc-client-test-signing-key-rotation-just-before-signing", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		c := op.open(t, op.provider())
		g := mustLogin(t, op, c) // the keys are known now
		op.bend(func() { op.onToken = func(*http.Request) { rotate(op) } })
		mustLogin(t, op, c)
		if _, err := c.(oauth.Refresher).Refresh(context.Background(), g.Token); err != nil {
			t.Error(err)
		}
	})
}

func TestConformance_RefreshToken(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		name   string
		claims func(map[string]any)
		want   string
	}{
		{"oidcc-client-test-refresh-token", nil, idKept},
		{"oidcc-client-test-refresh-token-invalid-issuer", set("iss", "https://other.test/"), idOther},
		{"oidcc-client-test-refresh-token-invalid-sub", set("sub", "invalid"), idOther},
		{"oidcc-client-test-refresh-token-invalid-aud", set("aud", "another-client"), idDropped},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			c := op.open(t, op.provider())
			g := mustLogin(t, op, c)
			op.bend(func() { op.claims = m.claims })
			if got := refreshFor(t, c, g.Token, g.Profile.Subject); got != m.want {
				t.Errorf("the ID token is %s, want %s", got, m.want)
			}
		})
	}
}

func TestConformance_BackChannelLogout(t *testing.T) {
	t.Parallel()
	const event = "http://schemas.openid.net/event/backchannel-logout"
	for _, m := range []struct {
		name string
		bend func(map[string]any)
		sign func([]byte) string
		ok   bool
	}{
		{"oidcc-client-test-rp-backchannel-rpinitlogout", func(map[string]any) {}, nil, true},
		{"oidcc-client-test-rp-backchannel-rpinitlogout-alg-none", func(map[string]any) {}, rawJWS(`{"alg":"none"}`, func([]byte) []byte { return nil }), false},
		{"oidcc-client-test-rp-backchannel-rpinitlogout-no-event", without("events"), nil, false},
		{"oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce", set("nonce", "n"), nil, false},
		{"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg", func(map[string]any) {}, signer(jose.HS256, []byte(conformanceSecret), "", nil), false},
		{"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud", set("aud", "another-client"), nil, false},
		{"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event", set("events", map[string]any{event + "-other": map[string]any{}}), nil, false},
		{"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss", set("iss", "https://other.test/"), nil, false},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			if m.sign != nil {
				op.sign = m.sign
			}
			claims := logoutClaims(op)
			m.bend(claims)
			_, err := verifyLogout(t, op, claims)
			if !m.ok {
				wantKind(t, err, oauth.Invalid)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestConformance_RPInitiatedLogout(t *testing.T) {
	t.Parallel()
	t.Run("oidcc-client-test-rp-init-logout", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		c := op.open(t, op.provider())
		g := mustLogin(t, op, c)
		address, err := c.(oauth.LogoutStarter).LogoutURL(context.Background(), g.Token, "https://app.test/bye", "state")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		hint, err := jose.ParseSignedCompact(u.Query().Get("id_token_hint"), []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			t.Fatal(err)
		}
		var claims struct{ Sub string }
		if payload, err := hint.Verify(&testRSA.PublicKey); err != nil || json.Unmarshal(payload, &claims) != nil || claims.Sub != g.Profile.Subject {
			t.Error("id_token_hint is not the ID token of the log-in")
		}
		if u.Query().Get("state") != "state" || u.Query().Get("post_logout_redirect_uri") != "https://app.test/bye" {
			t.Errorf("got %s", address)
		}
	})
}
