package providers_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
)

func newAppleKey() (*ecdsa.PrivateKey, secret.Text) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return key, secret.Text(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestApple(t *testing.T) {
	t.Parallel()
	key, private := newAppleKey()
	s := serve(t, map[string]any{
		"iss": "https://appleid.apple.com", "aud": "com.example.web", "sub": "000792.d71059495fa24644b94e4a644e2e3b4a.0638",
		"email": "x@privaterelay.appleid.com", "email_verified": "true", "is_private_email": "true",
		"auth_time": now.Unix(), "nonce_supported": true,
	})
	c := oauth.Credentials{ClientID: "com.example.web", KeyID: "KEY1234567", PrivateKey: private}
	user := `{"name":{"firstName":"Jane","lastName":"Doe"},"email":"attacker@example.com"}`
	g, u, err := s.login(providers.Apple("TEAM123456", c), url.Values{"user": {user}})
	if err != nil {
		t.Fatal(err)
	}
	if u.Query().Get("response_mode") != "form_post" {
		t.Errorf("authorization request %s", u)
	}
	if pr := g.Profile; pr.Subject != "000792.d71059495fa24644b94e4a644e2e3b4a.0638" || pr.FullName != "Jane Doe" ||
		pr.Email != "x@privaterelay.appleid.com" || !pr.EmailVerified {
		t.Errorf("got %+v", pr)
	}

	secret := s.forms[0].Get("client_secret")
	parts := strings.Split(secret, ".")
	if len(parts) != 3 {
		t.Fatal("the client secret is not a JWS")
	}
	var claims struct {
		Iss, Sub, Aud string
		Iat, Exp      int64
	}
	var header struct{ Alg, Kid string }
	unpack(t, parts[0], &header)
	unpack(t, parts[1], &claims)
	if header.Alg != "ES256" || header.Kid != "KEY1234567" || claims.Iss != "TEAM123456" || claims.Sub != "com.example.web" ||
		claims.Aud != "https://appleid.apple.com" || claims.Iat != now.Unix() || claims.Exp <= now.Unix() || claims.Exp > now.Unix()+15777000 {
		t.Errorf("client secret %+v %+v", header, claims)
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(sig) != 64 {
		t.Fatal("the signature is not r and s")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(&key.PublicKey, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		t.Error("the client secret does not verify")
	}

	// Later log-ins bring no name, and the secret is used again while it lasts.
	again := providers.Apple("TEAM123456", c)
	g, _, err = s.login(again, nil)
	if err != nil || g.Profile.FullName != "" {
		t.Errorf("got %v, %v", g, err)
	}
	first, err := again.MakeSecret(c, now)
	if err != nil {
		t.Fatal(err)
	}
	if same, _ := again.MakeSecret(c, now.Add(time.Hour)); same != first {
		t.Error("the client secret was made anew within its life")
	}
	if later, _ := again.MakeSecret(c, now.Add(48*time.Hour)); later == first {
		t.Error("an expired client secret was used again")
	}
}

func TestApple_BadKeyAndOddName(t *testing.T) {
	t.Parallel()
	for _, key := range []secret.Text{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := providers.Apple("TEAM123456").MakeSecret(oauth.Credentials{ClientID: "c", PrivateKey: key}, now); err == nil {
			t.Errorf("key %q was accepted", key.Reveal())
		}
	}
	add := providers.Apple("").ProfileFromCallback
	for _, user := range []string{"", "{", "null", `{"name":"x"}`, `{"name":{"firstName":7}}`, `{"name":{"firstName":"` + strings.Repeat("a", 5000) + `"}}`} {
		p := oauth.Profile{DisplayName: "before"}
		if add(&p, url.Values{"user": {user}}); p.FullName != "" || p.DisplayName != "before" {
			t.Errorf("user %.20q gave %+v", user, p)
		}
	}
}

func unpack(t *testing.T, part string, v any) {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}
