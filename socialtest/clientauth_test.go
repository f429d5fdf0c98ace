package socialtest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

// assertion signs a client assertion of ES256.
func assertion(t *testing.T, key *ecdsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding
	input := enc.EncodeToString([]byte(`{"alg":"ES256"}`)) + "." + enc.EncodeToString(body)
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return input + "." + enc.EncodeToString(sig)
}

func TestPrivateKeyJWTIsStrict(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	creds := p.Register(socialtest.App{TokenAuth: oauth.AuthPrivateKeyJWT, PublicKey: &key.PublicKey})
	send := func(key *ecdsa.PrivateKey, change map[string]any) string {
		claims := map[string]any{
			"iss": creds.ClientID, "sub": creds.ClientID, "aud": p.Endpoints().Token, "exp": time.Now().Add(time.Minute).Unix(), "jti": rand.Text(),
		}
		for name, value := range change {
			claims[name] = value
		}
		_, fields := tokenRequest{
			method: "POST",
			form: url.Values{
				"grant_type": {"refresh_token"}, "refresh_token": {"x"}, "client_assertion": {assertion(t, key, claims)},
				"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			},
			header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		}.send(t, p.Endpoints().Token)
		code, _ := fields["error"].(string)
		return code
	}
	const accepted = "invalid_grant" // the client proved itself; its refresh token is none
	tests := []struct {
		name   string
		key    *ecdsa.PrivateKey
		change map[string]any
		want   string
	}{
		{"all is well", key, map[string]any{"jti": "once"}, accepted},
		{"replayed", key, map[string]any{"jti": "once"}, "invalid_client"},
		{"aud list", key, map[string]any{"aud": []string{p.Issuer()}}, accepted},
		{"other key", other, nil, "invalid_client"},
		{"other aud", key, map[string]any{"aud": "https://other.test"}, "invalid_client"},
		{"expired", key, map[string]any{"exp": 1}, "invalid_client"},
		{"other sub", key, map[string]any{"sub": "x"}, "invalid_client"},
		{"no jti", key, map[string]any{"jti": ""}, "invalid_client"},
	}
	for _, test := range tests {
		if got := send(test.key, test.change); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	r := tokenRequest{
		method: "POST", form: url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}},
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {basic(creds.ClientID, creds.ClientSecret.Reveal())}},
	}
	if status, _ := r.send(t, p.Endpoints().Token); status != 401 {
		t.Errorf("basic instead of private_key_jwt: status %d", status)
	}
}

func TestFacebookJudgesTheProof(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("facebook")
	creds := p.Register(socialtest.App{})
	token := p.Grant(creds.ClientID, "ana").Access.Reveal()
	mac := hmac.New(sha256.New, []byte(creds.ClientSecret.Reveal()))
	mac.Write([]byte(token))
	address := p.Endpoints().UserInfo + "?access_token=" + url.QueryEscape(token) + "&appsecret_proof="
	for proof, want := range map[string]int{hex.EncodeToString(mac.Sum(nil)): 200, "00ff": 400} {
		if status, answer := fetch(t, http.DefaultClient, "GET", address+proof); status != want {
			t.Errorf("status %d, want %d: %v", status, want, answer)
		}
	}
}
