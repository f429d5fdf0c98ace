package oauth_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

func TestOIDC_LogIn(t *testing.T) {
	t.Parallel()
	for name, bend := range map[string]func(*openIDProvider){
		"RS256": func(*openIDProvider) {},
		"ES256": func(op *openIDProvider) {
			op.keys = func() any { return jwks(jose.JSONWebKey{Key: &testEC.PublicKey, KeyID: "ec"}) }
			op.sign = signer(jose.ES256, testEC, "ec", nil)
		},
		"PS256": func(op *openIDProvider) {
			op.keys = func() any { return jwks(jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "rsa-1"}) }
			op.sign = signer(jose.PS256, testRSA, "rsa-1", nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			bend(op)
			g := mustLogin(t, op, op.open(t, op.provider()))
			want := oauth.Profile{
				Subject: "248289761001", DisplayName: "Jane Doe", FullName: "Jane Doe",
				Email: "jane@example.com", EmailVerified: true, Raw: g.Profile.Raw,
			}
			if g.Profile.Subject != want.Subject || g.Profile.FullName != want.FullName ||
				g.Profile.Email != want.Email || !g.Profile.EmailVerified {
				t.Errorf("got profile %+v", g.Profile)
			}
			if g.Token.ID == "" || g.Token.Refresh == "" || g.Token.Access == "" {
				t.Error("a token is missing from the grant")
			}
			if n := op.count("/userinfo"); n != 0 {
				t.Errorf("user info was asked %d times although the ID token said everything", n)
			}
		})
	}
}

// claimsCase is an ID token bent in one claim, and whether it may pass.
type claimsCase struct {
	name string
	bend func(map[string]any)
	ok   bool
}

func set(k string, v any) func(map[string]any) { return func(m map[string]any) { m[k] = v } }
func without(k string) func(map[string]any)    { return func(m map[string]any) { delete(m, k) } }

func runClaims(t *testing.T, tests []claimsCase) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.claims = tt.bend
			_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
			if tt.ok {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantKind(t, err, oauth.Invalid)
		})
	}
}

func TestSecurity13_IssuerIsExact(t *testing.T) {
	t.Parallel()
	runClaims(t, []claimsCase{
		{"other", set("iss", "https://evil.test"), false},
		{"missing", without("iss"), false},
		{"empty", set("iss", ""), false},
		{"slash", func(m map[string]any) { m["iss"] = m["iss"].(string) + "/" }, false},
		{"case", func(m map[string]any) { m["iss"] = strings.ToUpper(m["iss"].(string)) }, false},
		{"array", func(m map[string]any) { m["iss"] = []any{m["iss"]} }, false},
		{"number", set("iss", 1), false},
	})
}

func TestSecurity14_AudienceIsUs(t *testing.T) {
	t.Parallel()
	runClaims(t, []claimsCase{
		{"array", set("aud", []string{"client"}), true},
		{"azp", set("azp", "client"), true},
		{"other", set("aud", "another-client"), false},
		{"missing", without("aud"), false},
		{"null", set("aud", nil), false},
		{"empty array", set("aud", []string{}), false},
		{"untrusted beside us", set("aud", []string{"client", "another-client"}), false},
		{"number", set("aud", 7), false},
		{"array with null", set("aud", []any{"client", nil}), false},
		{"azp of another", set("azp", "another-client"), false},
	})
	t.Run("trusted beside us", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		op.claims = set("aud", []string{"client", "api"})
		p := op.provider()
		p.TrustedAudiences = []string{"api"}
		mustLogin(t, op, op.open(t, p))
	})
}

func TestSecurity15_Algorithms(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-of-the-client-that-is-long-enough"
	der, err := x509.MarshalPKIXPublicKey(&testRSA.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	hs256 := func(key []byte) func([]byte) []byte {
		return func(in []byte) []byte {
			h := hmac.New(sha256.New, key)
			h.Write(in)
			return h.Sum(nil)
		}
	}
	jwk := func(k any) string {
		b, err := json.Marshal(jose.JSONWebKey{Key: k})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	evil := rs256(otherRSA)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &otherRSA.PublicKey, otherRSA)
	if err != nil {
		t.Fatal(err)
	}
	x5c := `"x5c":["` + base64.StdEncoding.EncodeToString(certificate) + `"]`
	for name, tt := range map[string]struct {
		sign  func([]byte) string
		algs  []string
		valid bool
	}{
		"none":              {rawJWS(`{"alg":"none"}`, func([]byte) []byte { return nil }), nil, false},
		"None":              {rawJWS(`{"alg":"None"}`, func([]byte) []byte { return nil }), nil, false},
		"no alg":            {rawJWS(`{"typ":"JWT"}`, evil), nil, false},
		"HS256 not named":   {rawJWS(`{"alg":"HS256"}`, hs256([]byte(secret))), nil, false},
		"HS256 named":       {rawJWS(`{"alg":"HS256"}`, hs256([]byte(secret))), []string{"HS256"}, true},
		"HS256 wrong":       {rawJWS(`{"alg":"HS256"}`, hs256([]byte("guess"))), []string{"HS256"}, false},
		"RSA key as secret": {rawJWS(`{"alg":"HS256","kid":"rsa-1"}`, hs256(publicPEM)), []string{"HS256", "RS256"}, false},
		"RSA DER as secret": {rawJWS(`{"alg":"HS256","kid":"rsa-1"}`, hs256(der)), []string{"HS256", "RS256"}, false},
		"not in the list":   {signer(jose.PS256, testRSA, "rsa-1", nil), []string{"RS256"}, false},
		"other key":         {signer(jose.RS256, otherRSA, "rsa-1", nil), nil, false},
		"jwk":               {rawJWS(`{"alg":"RS256","jwk":`+jwk(&otherRSA.PublicKey)+`}`, evil), nil, false},
		"jwk ignored":       {rawJWS(`{"alg":"RS256","kid":"rsa-1","jwk":`+jwk(&otherRSA.PublicKey)+`}`, rs256(testRSA)), nil, true},
		"jwk, known kid":    {rawJWS(`{"alg":"RS256","kid":"rsa-1","jwk":`+jwk(&otherRSA.PublicKey)+`}`, evil), nil, false},
		"x5c":               {rawJWS(`{"alg":"RS256",`+x5c+`}`, evil), nil, false},
		"x5c, known kid":    {rawJWS(`{"alg":"RS256","kid":"rsa-1",`+x5c+`}`, evil), nil, false},
		"x5c ignored":       {rawJWS(`{"alg":"RS256","kid":"rsa-1",`+x5c+`}`, rs256(testRSA)), nil, true},
		"jku":               {rawJWS(`{"alg":"RS256","kid":"rsa-1","jku":"https://evil.test/keys"}`, evil), nil, false},
		"x5u":               {rawJWS(`{"alg":"RS256","kid":"rsa-1","x5u":"https://evil.test/x5u"}`, evil), nil, false},
		"crit":              {rawJWS(`{"alg":"RS256","kid":"rsa-1","crit":["exp"],"exp":1}`, rs256(testRSA)), nil, false},
		"crit b64":          {rawJWS(`{"alg":"RS256","kid":"rsa-1","crit":["b64"],"b64":true}`, rs256(testRSA)), nil, false},
		"empty signature":   {rawJWS(`{"alg":"RS256","kid":"rsa-1"}`, func([]byte) []byte { return nil }), nil, false},
		"not a JWS":         {func([]byte) string { return "a.b" }, nil, false},
		"JSON form":         {func([]byte) string { return `{"payload":"e30","signature":"","protected":""}` }, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.claims = without("at_hash")
			op.sign = tt.sign
			p := op.provider()
			p.Credentials[0].ClientSecret, p.Algorithms = secret, tt.algs
			_, err := op.login(t, op.open(t, p), oauth.Request{})
			if tt.valid {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantKind(t, err, oauth.Invalid)
		})
	}
	for _, algs := range [][]string{{}, {"none"}, {"RS256", "HS512"}, {"rs256"}} {
		p := (&openIDProvider{}).misfit()
		p.Algorithms = algs
		if _, err := p.Open(oauth.Env{}); err == nil {
			t.Errorf("Algorithms %q were accepted", algs)
		}
	}
	p := (&openIDProvider{}).misfit()
	p.Algorithms, p.Credentials[0].ClientSecret = []string{"HS256"}, ""
	if _, err := p.Open(oauth.Env{}); err == nil {
		t.Error("HS256 was accepted without a client secret")
	}
}

func (*openIDProvider) misfit() *oauth.OIDC {
	return &oauth.OIDC{OAuth2: oauth.OAuth2{
		ID: "x", Name: "X", Issuer: "https://op.test",
		Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "secret"}},
	}}
}

func TestSecurity17_TimesAndNonce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Unix()
	runClaims(t, []claimsCase{
		{"within the skew", set("exp", now-50), true},
		{"expired", set("exp", now-61), false},
		{"no exp", without("exp"), false},
		{"exp null", set("exp", nil), false},
		{"exp a string", set("exp", "1999999999"), false},
		{"exp 1e99", set("exp", 1e99), false},
		{"exp negative", set("exp", -1), false},
		{"exp an array", set("exp", []int64{now + 60}), false},
		{"exp true", set("exp", true), false},
		{"exp with a fraction", set("exp", float64(now)+60.5), true},
		{"no iat", without("iat"), false},
		{"iat ahead within the skew", set("iat", now+50), true},
		{"iat ahead", set("iat", now+120), false},
		{"iat a string", set("iat", "now"), false},
		{"nbf ahead", set("nbf", now+120), false},
		{"no sub", without("sub"), false},
		{"sub empty", set("sub", ""), false},
		{"sub null", set("sub", nil), false},
		{"sub zero", set("sub", 0), false},
		{"sub an object", set("sub", map[string]any{}), false},
		{"no nonce", without("nonce"), false},
		{"nonce empty", set("nonce", ""), false},
		{"other nonce", set("nonce", "guess"), false},
		{"nonce an array", func(m map[string]any) { m["nonce"] = []any{m["nonce"]} }, false},
		{"no at_hash", without("at_hash"), true},
		{"other at_hash", set("at_hash", atHash("other")), false},
		{"at_hash a number", set("at_hash", 5), false},
		{"another name in capitals", func(m map[string]any) { m["SUB"] = "victim"; m["Iss"] = "x" }, true},
		{"picture an object", set("picture", map[string]any{"url": "x"}), true},
	})
	for name, payload := range map[string]string{
		"not JSON": "{", "null": "null", "an array": "[]", "a string": `"x"`, "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			sign := op.sign
			op.sign = func([]byte) string { return sign([]byte(payload)) }
			_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
			wantKind(t, err, oauth.Invalid)
		})
	}
	t.Run("a claim twice", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		sign := op.sign
		op.sign = func(p []byte) string { return sign([]byte(strings.Replace(string(p), "{", `{"sub":"victim",`, 1))) }
		_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
		wantKind(t, err, oauth.Invalid)
	})
	t.Run("no ID token", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		op.answer = without("id_token")
		_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
		wantKind(t, err, oauth.Invalid)
	})
}

// at_hash is made by the hash of the signature's algorithm (OpenID Connect Core
// §3.1.3.6).
func TestSecurity17_AccessTokenHash(t *testing.T) {
	t.Parallel()
	half := func(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2]) }
	access := []byte("access-b") // of the first log-in
	sum256, sum384, sum512 := sha256.Sum256(access), sha512.Sum384(access), sha512.Sum512(access)
	hashes := map[string]string{"256": half(sum256[:]), "384": half(sum384[:]), "512": half(sum512[:])}
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.PS384, jose.RS384, jose.RS512} {
		for size, hash := range hashes {
			op := newOpenIDProvider(t)
			op.keys = func() any { return jwks(jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "rsa-1"}) }
			op.sign = signer(alg, testRSA, "rsa-1", nil)
			op.claims = set("at_hash", hash)
			_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
			if fits := strings.HasSuffix(string(alg), size); fits != (err == nil) {
				t.Errorf("%s with a hash of %s bits: %v", alg, size, err)
			}
		}
	}
}

// Who was asked to prove themselves anew has not done so before the flow began. Not
// each provider says when they did.
func TestAuthTimeOfANewProof(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Unix()
	for _, tt := range []claimsCase{
		{"now", func(map[string]any) {}, true},
		{"by a clock that is slow", set("auth_time", now-59), true},
		{"before the flow", set("auth_time", now-61), false},
		{"never said", without("auth_time"), true},
	} {
		for _, asked := range []bool{true, false} {
			op := newOpenIDProvider(t)
			op.claims = tt.bend
			_, err := op.login(t, op.open(t, op.provider()), oauth.Request{Reauthenticate: asked})
			if (tt.ok || !asked) != (err == nil) {
				t.Errorf("%s, asked %t: got %v", tt.name, asked, err)
			}
		}
	}
}

func TestSecurity17_AuthTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Unix()
	for _, tt := range []claimsCase{
		{"now", func(map[string]any) {}, true},
		{"within", set("auth_time", now-299), true},
		{"too long ago", set("auth_time", now-400), false},
		{"missing", without("auth_time"), false},
		{"ahead", set("auth_time", now+400), false},
		{"a string", set("auth_time", "now"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.claims = tt.bend
			_, err := op.login(t, op.open(t, op.provider()), oauth.Request{MaxAge: 5 * time.Minute})
			if tt.ok != (err == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}
