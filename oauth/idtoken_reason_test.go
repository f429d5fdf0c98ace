package oauth_test

import (
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// An ID token is refused for what is wrong with it, and to the second; the error says
// so to the operator.
func TestSecurity17_RefusedIDTokensSayWhy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Unix()
	tenants := func(iss string, claims map[string]any) bool {
		tid, _ := claims["tid"].(json.Number)
		return iss == "https://tenant.test/12345678901234567890" && tid == "12345678901234567890"
	}
	big := json.Number("12345678901234567890")
	for _, tt := range []struct {
		name   string
		bend   func(map[string]any)
		use    func(*oauth.OIDC)
		maxAge time.Duration
		why    string // "" for a token that is taken
	}{
		{"iss missing", without("iss"), nil, 0, "iss is missing"},
		{"iss of another", set("iss", "https://evil.test"), nil, 0, "iss is not the configured issuer"},
		{"iss that fits", func(m map[string]any) { m["iss"], m["tid"] = "https://tenant.test/"+big.String(), big },
			func(p *oauth.OIDC) { p.MatchIssuer = tenants }, 0, ""},
		{"iss that does not fit", func(m map[string]any) { m["iss"], m["tid"] = "https://tenant.test/1", big },
			func(p *oauth.OIDC) { p.MatchIssuer = tenants }, 0, "iss is not an issuer of this provider"},
		{"the claims do not fit iss", func(m map[string]any) { m["iss"], m["tid"] = "https://tenant.test/"+big.String(), 1 },
			func(p *oauth.OIDC) { p.MatchIssuer = tenants }, 0, "iss is not an issuer of this provider"},

		{"aud missing", without("aud"), nil, 0, "aud does not name this client"},
		{"aud of others", set("aud", []string{"api"}), func(p *oauth.OIDC) { p.TrustedAudiences = []string{"api"} }, 0, "aud does not name this client"},
		{"aud of a stranger beside us", set("aud", []string{"client", "api", "other"}), func(p *oauth.OIDC) { p.TrustedAudiences = []string{"api"} }, 0, "aud names a client that is not trusted"},
		{"aud null", set("aud", nil), nil, 0, "aud does not name this client"},
		{"aud with escapes", set("aud", json.RawMessage(`"\u0063lient"`)), nil, 0, ""},
		{"aud a number", set("aud", 1), nil, 0, "aud is neither a string nor an array of strings"},
		{"aud an object", set("aud", map[string]any{}), nil, 0, "aud is neither a string nor an array of strings"},
		{"aud an array of numbers", set("aud", []any{1}), nil, 0, "aud is neither a string nor an array of strings"},
		{"azp of another", set("azp", "other"), nil, 0, "azp is not this client"},
		{"azp empty", set("azp", ""), nil, 0, ""},

		{"sub missing", without("sub"), nil, 0, "sub is missing"},
		{"sub a number", set("sub", 12345), nil, 0, "there is a number where a string belongs"},
		{"sub an array", set("sub", []any{"1"}), nil, 0, "there is a array where a string belongs"},

		{"exp missing", without("exp"), nil, 0, "exp is missing"},
		{"exp at the end of the skew", set("exp", now-59), nil, 0, ""},
		{"exp beyond the skew", set("exp", now-60), nil, 0, "exp has passed"},
		{"exp at the end of another skew", set("exp", now-119), func(p *oauth.OIDC) { p.ClockSkew = 2 * time.Minute }, 0, ""},
		{"exp beyond another skew", set("exp", now-120), func(p *oauth.OIDC) { p.ClockSkew = 2 * time.Minute }, 0, "exp has passed"},
		{"exp at the end of time", set("exp", 253402300799), nil, 0, ""},
		{"exp after the end of time", set("exp", 253402300800), nil, 0, "a date is not a number of seconds"},
		{"iat missing", without("iat"), nil, 0, "iat is missing"},
		{"iat null", set("iat", nil), nil, 0, "iat is missing"},
		{"iat at the end of the skew", set("iat", now+60), nil, 0, ""},
		{"iat beyond the skew", set("iat", now+61), nil, 0, "iat lies in the future"},
		{"iat at the beginning of time", set("iat", 0), nil, 0, ""},
		{"iat before time", set("iat", -1), nil, 0, "a date is not a number of seconds"},
		{"iat a string", set("iat", "1"), nil, 0, "a date is not a number of seconds"},
		{"nbf now", set("nbf", now), nil, 0, ""},
		{"nbf null", set("nbf", nil), nil, 0, ""},
		{"nbf at the end of the skew", set("nbf", now+60), nil, 0, ""},
		{"nbf beyond the skew", set("nbf", now+61), nil, 0, "nbf lies in the future"},

		{"nonce missing", without("nonce"), nil, 0, "nonce is not the one that was sent"},
		{"nonce of another flow", set("nonce", "x"), nil, 0, "nonce is not the one that was sent"},

		{"auth_time missing", without("auth_time"), nil, 5 * time.Minute, "auth_time is missing"},
		{"auth_time at the end of the skew", set("auth_time", now-360), nil, 5 * time.Minute, ""},
		{"auth_time beyond the skew", set("auth_time", now-361), nil, 5 * time.Minute, "auth_time is longer ago than max_age"},
		{"auth_time ahead within the skew", set("auth_time", now+60), nil, 5 * time.Minute, ""},
		{"auth_time ahead", set("auth_time", now+61), nil, 5 * time.Minute, "auth_time lies in the future"},
		{"auth_time that nobody asked for", set("auth_time", now-100000), nil, 0, ""},

		{"at_hash of another token", set("at_hash", atHash("other")), nil, 0, "at_hash is not the access token's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.claims = tt.bend
			p := op.provider()
			if tt.use != nil {
				tt.use(p)
			}
			_, err := op.login(t, op.open(t, p), oauth.Request{MaxAge: tt.maxAge})
			if tt.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantKind(t, err, oauth.Invalid)
			if err != nil && !strings.Contains(err.Error(), tt.why) {
				t.Errorf("%v, want: %s", err, tt.why)
			}
		})
	}
}

// What is longer than 64 KiB is not parsed, nor read again later.
func TestSecurity11_LongIDTokensAreRefused(t *testing.T) {
	t.Parallel()
	for _, length := range []int{64 << 10, 64<<10 + 1} {
		op := newOpenIDProvider(t)
		var token string
		op.sign = func(payload []byte) string {
			token = tokenOfLength(t, length, payload)
			return token
		}
		c := op.open(t, op.provider())
		_, err := op.login(t, c, oauth.Request{})
		_, later := c.Profile(t.Context(), oauth.Token{Access: "a", ID: secret.Text(token)})
		for _, err := range []error{err, later} {
			if (length > 64<<10) != (err != nil) || err != nil && !strings.Contains(err.Error(), "the token is longer than 64 KiB") {
				t.Errorf("a token of %d bytes: %v", length, err)
			}
		}
	}
}

// tokenOfLength makes a token of a precise length by blanks in the payload and a
// further member of the header.
func tokenOfLength(t *testing.T, length int, payload []byte) string {
	encoded := base64.RawURLEncoding.EncodedLen
	const signature = 2048 / 8
	for more := range 4 {
		header := `{"alg":"RS256","kid":"rsa-1","x":"` + strings.Repeat("y", more) + `"}`
		rest := length - encoded(len(header)) - encoded(signature) - len("..")
		if n := rest * 3 / 4; encoded(n) == rest {
			return rawJWS(header, rs256(testRSA))(append(payload, strings.Repeat(" ", n-len(payload))...))
		}
	}
	t.Errorf("there is no token of %d bytes", length)
	return ""
}

// An ID token that was kept is only read. The error says what cannot be read.
func TestKeptIDTokensThatCannotBeRead(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	good := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"248289761001"}`))
	for id, want := range map[string]string{
		"h." + good + ".s":        "",
		"h." + good:               "the ID token is not a JWS",
		"h." + good + ".s.t":      "the ID token is not a JWS",
		"h." + good + "!.s":       "the ID token is not base64url",
		"h." + good + "==.s":      "the ID token is not base64url",
		"h..s":                    "claims are not an object",
		"h.W10.s":                 "claims are not an object",
		"h.bnVsbA.s":              "claims are not an object",
		"h." + good[:8] + ".s":    "claims: ",
		"h.eyJzdWIiOiJvdGhlciJ9.": "sub is not the ID token's",
	} {
		_, err := c.Profile(t.Context(), oauth.Token{Access: "a", ID: secret.Text(id)})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", id, err)
			}
			continue
		}
		wantKind(t, err, oauth.Invalid)
		if err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
}

// The metadata and what the client has decide how it proves itself.
func TestDiscovery_ChoosesWhatTheClientHas(t *testing.T) {
	t.Parallel()
	plain := oauth.Credentials{ClientID: "client", ClientSecret: "s3cret-of-the-client"}
	key := oauth.Credentials{ClientID: "client", PrivateKey: secret.Text(pkcs8PEM(t, testEC))}
	both := oauth.Credentials{ClientID: "client", ClientSecret: "s3cret-of-the-client", PrivateKey: secret.Text(pkcs8PEM(t, testEC))}
	all := []string{"client_secret_basic", "client_secret_post", "private_key_jwt"}
	for name, tt := range map[string]struct {
		supported   []string
		credentials []oauth.Credentials
		configured  oauth.TokenAuth
		want        string
	}{
		"a secret":                                {all, []oauth.Credentials{plain}, "", "basic"},
		"a secret, by post alone":                 {all[1:], []oauth.Credentials{plain}, "", "post"},
		"a secret, by what is not supported":      {[]string{"tls_client_auth"}, []oauth.Credentials{plain}, "", "basic"},
		"a secret, and post is configured":        {all, []oauth.Credentials{plain}, oauth.AuthPost, "post"},
		"a key":                                   {all, []oauth.Credentials{key}, "", "key"},
		"a key, and the document does not say":    {nil, []oauth.Credentials{key}, "", "key"},
		"both":                                    {all, []oauth.Credentials{both}, "", "key"},
		"both, without keys":                      {all[:2], []oauth.Credentials{both}, "", "basic"},
		"both, and the document does not say":     {nil, []oauth.Credentials{both}, "", "basic"},
		"a secret first, then another with a key": {all, []oauth.Credentials{plain, {ClientID: "second", PrivateKey: key.PrivateKey}}, "", "basic"},
		"a secret and another's key, post alone":  {all[1:2], []oauth.Credentials{plain, {ClientID: "second", PrivateKey: key.PrivateKey}}, "", "post"},
		"a key and another's secret, post alone":  {all[1:2], []oauth.Credentials{key, {ClientID: "second", ClientSecret: "another"}}, "", "key"},
		"a key first, then another with a secret": {all, []oauth.Credentials{key, {ClientID: "second", ClientSecret: "another"}}, "", "key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			if tt.supported != nil {
				op.discovery = set("token_endpoint_auth_methods_supported", tt.supported)
			}
			got := ""
			op.onToken = func(r *http.Request) {
				_, _, basic := r.BasicAuth()
				switch {
				case basic && r.PostFormValue("client_secret") == "" && r.PostFormValue("client_assertion") == "":
					got = "basic"
				case !basic && r.PostFormValue("client_secret") != "" && r.PostFormValue("client_assertion") == "":
					got = "post"
				case !basic && r.PostFormValue("client_secret") == "" && r.PostFormValue("client_assertion") != "":
					got = "key"
				default:
					got = "several"
				}
			}
			p := op.provider()
			p.Credentials, p.TokenAuth = tt.credentials, tt.configured
			mustLogin(t, op, op.open(t, p))
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Each algorithm of the default list verifies.
func TestSecurity15_AlgorithmsOfTheDefault(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p384, p521 := newEC(elliptic.P384()), newEC(elliptic.P521())
	for alg, key := range map[jose.SignatureAlgorithm]struct{ private, public any }{
		jose.RS256: {testRSA, &testRSA.PublicKey}, jose.RS384: {testRSA, &testRSA.PublicKey}, jose.RS512: {testRSA, &testRSA.PublicKey},
		jose.PS256: {testRSA, &testRSA.PublicKey}, jose.PS384: {testRSA, &testRSA.PublicKey}, jose.PS512: {testRSA, &testRSA.PublicKey},
		jose.ES256: {testEC, &testEC.PublicKey}, jose.ES384: {p384, &p384.PublicKey}, jose.ES512: {p521, &p521.PublicKey},
		jose.EdDSA: {private, public},
	} {
		op := newOpenIDProvider(t)
		op.keys = func() any { return jwks(jose.JSONWebKey{Key: key.public, KeyID: "k"}) }
		op.sign = signer(alg, key.private, "k", nil)
		op.claims = without("at_hash")
		if _, err := op.login(t, op.open(t, op.provider()), oauth.Request{}); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

// Extensions of the header are refused, listed as critical (RFC 7515 §4.1.11) or not.
func TestSecurity15_HeaderExtensionsAreRefused(t *testing.T) {
	t.Parallel()
	for header, ok := range map[string]bool{
		`{"alg":"RS256","kid":"rsa-1"}`:                           true,
		`{"alg":"RS256","kid":"rsa-1","typ":"JWT","x":"y"}`:       true,
		`{"alg":"RS256","kid":"rsa-1","b64":false}`:               false,
		`{"alg":"RS256","kid":"rsa-1","b64":true}`:                false,
		`{"alg":"RS256","kid":"rsa-1","crit":["b64"],"b64":true}`: false,
		`{"alg":"RS256","kid":"rsa-1","crit":["x"],"x":"y"}`:      false,
		`{"alg":"RS256","kid":"rsa-1","crit":[]}`:                 false,
		`{"alg":"RS256","kid":"rsa-1","crit":"exp"}`:              false,
	} {
		op := newOpenIDProvider(t)
		op.sign = rawJWS(header, rs256(testRSA))
		if _, err := op.login(t, op.open(t, op.provider()), oauth.Request{}); ok != (err == nil) {
			t.Errorf("%s: %v", header, err)
		}
	}
}
