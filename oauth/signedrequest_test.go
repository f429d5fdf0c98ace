package oauth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

func signed(newHash func() hash.Hash, key, payload string) string {
	encoded := base64.RawURLEncoding.EncodeToString([]byte(payload))
	mac := hmac.New(newHash, []byte(key))
	mac.Write([]byte(encoded))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + "." + encoded
}

func openSigner(t *testing.T, change func(*oauth.OAuth2)) oauth.SignedRequestVerifier {
	t.Helper()
	p := &oauth.OAuth2{
		ID: "signer", SignedRequests: true,
		Credentials: []oauth.Credentials{{ClientID: "one", ClientSecret: "first"}, {ClientID: "two", ClientSecret: "second"}, {ClientID: "one", ClientSecret: "older"}},
		Endpoints:   oauth.Endpoints{Authorize: "https://signer.test/a", Token: "https://signer.test/t", UserInfo: "https://signer.test/u"},
		Profile:     oauth.Mapping{Subject: "id"},
	}
	change(p)
	c, err := p.Open(oauth.Env{Now: func() time.Time { return testNow }})
	if err != nil {
		t.Fatal(err)
	}
	return c.(oauth.SignedRequestVerifier)
}

func TestSignedRequest(t *testing.T) {
	t.Parallel()
	v := openSigner(t, func(*oauth.OAuth2) {})
	at := func(d time.Duration) string {
		return fmt.Sprintf(`{"algorithm":"HMAC-SHA256","issued_at":%d,"user_id":"218471"}`, testNow.Add(d).Unix())
	}
	good := at(-time.Minute)
	big := "123456789012345678901"
	for what, tt := range map[string]struct{ raw, client, subject string }{
		"the first client":    {signed(sha256.New, "first", good), "one", "218471"},
		"its other secret":    {signed(sha256.New, "older", good), "one", "218471"},
		"another client":      {signed(sha256.New, "second", good), "two", "218471"},
		"an hour old":         {signed(sha256.New, "first", at(-time.Hour)), "one", "218471"},
		"a clock ahead":       {signed(sha256.New, "first", at(5*time.Minute)), "one", "218471"},
		"a big number":        {signed(sha256.New, "first", strings.Replace(good, `"218471"`, big, 1)), "one", big},
		"further members":     {signed(sha256.New, "first", strings.Replace(good, `{`, `{"expires":0,"user":{"country":"de"},`, 1)), "one", "218471"},
		"padded":              {strings.Replace(signed(sha256.New, "first", good), ".", "=.", 1), "one", "218471"},
		"lower case in words": {signed(sha256.New, "first", strings.Replace(good, "SHA256", "sha256", 1)), "one", "218471"},
	} {
		got, err := v.VerifySignedRequest(secret.Text(tt.raw))
		if err != nil || got.ClientID != tt.client || got.Subject != tt.subject || got.ID == "" || got.IssuedAt.IsZero() {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	parts := strings.Split(signed(sha256.New, "first", good), ".")
	later := base64.RawURLEncoding.EncodeToString([]byte(at(-time.Second)))
	for what, raw := range map[string]string{
		"nothing":                   "",
		"no dot":                    parts[0] + parts[1],
		"no signature":              "." + parts[1],
		"no payload":                parts[0] + ".",
		"another secret":            signed(sha256.New, "guessed", good),
		"an empty secret":           signed(sha256.New, "", good),
		"another payload":           parts[0] + "." + later,
		"a part of the signature":   parts[0][:10] + "." + parts[1],
		"another algorithm":         signed(sha512.New, "first", good),
		"the algorithm none":        signed(sha256.New, "first", strings.Replace(good, "HMAC-SHA256", "none", 1)),
		"no algorithm":              signed(sha256.New, "first", strings.Replace(good, "algorithm", "alg", 1)),
		"over an hour old":          signed(sha256.New, "first", at(-time.Hour-time.Second)),
		"from the future":           signed(sha256.New, "first", at(5*time.Minute+time.Second)),
		"no time":                   signed(sha256.New, "first", strings.Replace(good, "issued_at", "at", 1)),
		"a time before time":        signed(sha256.New, "first", `{"algorithm":"HMAC-SHA256","issued_at":-9223372036854775808,"user_id":"1"}`),
		"a time after time":         signed(sha256.New, "first", `{"algorithm":"HMAC-SHA256","issued_at":9223372036854775807,"user_id":"1"}`),
		"a time that is text":       signed(sha256.New, "first", `{"algorithm":"HMAC-SHA256","issued_at":"1","user_id":"1"}`),
		"no user":                   signed(sha256.New, "first", strings.Replace(good, "user_id", "user", 1)),
		"an empty user":             signed(sha256.New, "first", strings.Replace(good, "218471", "", 1)),
		"user null":                 signed(sha256.New, "first", strings.Replace(good, `"218471"`, "null", 1)),
		"user 0":                    signed(sha256.New, "first", strings.Replace(good, `"218471"`, "0", 1)),
		"a list of users":           signed(sha256.New, "first", strings.Replace(good, `"218471"`, `["1"]`, 1)),
		"two users":                 signed(sha256.New, "first", strings.Replace(good, `{`, `{"user_id":"1",`, 1)),
		"no object":                 signed(sha256.New, "first", `[]`),
		"too long":                  signed(sha256.New, "first", strings.Replace(good, `{`, `{"x":"`+strings.Repeat("x", 8<<10)+`",`, 1)),
		"two spellings of the same": parts[0][:len(parts[0])-1] + "_." + parts[1],
	} {
		got, err := v.VerifySignedRequest(secret.Text(raw))
		var invalid *oauth.ProviderError
		if !errors.As(err, &invalid) || invalid.Kind != oauth.Invalid || got != nil {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		if raw != "" && strings.Contains(fmt.Sprint(err), raw) {
			t.Errorf("%s: the error has the request", what)
		}
	}
	// A client without a secret signs nothing, and a provider that does not sign is not heard.
	for what, change := range map[string]func(*oauth.OAuth2){
		"without a secret": func(p *oauth.OAuth2) {
			p.TokenAuth, p.Credentials = oauth.AuthNone, []oauth.Credentials{{ClientID: "one"}}
		},
		"that does not sign": func(p *oauth.OAuth2) { p.SignedRequests = false },
	} {
		key := "first"
		if what == "without a secret" {
			key = ""
		}
		if _, err := openSigner(t, change).VerifySignedRequest(secret.Text(signed(sha256.New, key, good))); err == nil {
			t.Errorf("a provider %s is heard", what)
		}
	}
	one, _ := v.VerifySignedRequest(secret.Text(signed(sha256.New, "first", good)))
	two, _ := v.VerifySignedRequest(secret.Text(signed(sha256.New, "second", good)))
	again, _ := v.VerifySignedRequest(secret.Text(strings.Replace(signed(sha256.New, "first", good), ".", "=.", 1)))
	if one.ID == two.ID || one.ID != again.ID {
		t.Errorf("IDs are %s, %s, %s", one.ID, two.ID, again.ID)
	}
}
