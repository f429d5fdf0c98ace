package oauth

import (
	"testing"
	"time"
)

// FuzzClaims holds that no payload makes the parser or the checks panic, and
// that what passes has everything an ID token needs.
func FuzzClaims(f *testing.F) {
	for _, seed := range []string{
		`{"iss":"https://op.test","sub":"1","aud":"client","exp":1777636800,"iat":1777636800,"nonce":"n"}`,
		`{"iss":"https://op.test","sub":"1","aud":["client"],"exp":1e99,"iat":1,"nonce":"n"}`,
		`{"aud":[[]],"exp":"1"}`, `{"exp":-0}`, `null`, `[]`, `{"sub":{}}`, `{"aud":null,"azp":[]}`, `{`,
	} {
		f.Add([]byte(seed))
	}
	now := time.Unix(1777636800, 0)
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := parseClaims(payload)
		if err != nil {
			return
		}
		e := expected{issuer: "https://op.test", clientID: "client", now: now, nonce: "n", maxAge: time.Minute}
		if c.check(e) == nil && (c.Subject == "" || c.Issuer != e.issuer || c.Nonce != "n" || !c.Expiry.set || !c.Issued.set || !c.AuthTime.set) {
			t.Errorf("%q passed", payload)
		}
		if _, err := c.all(); err != nil {
			t.Errorf("%q parses as claims but not as a map", payload)
		}
		_ = c.checkAccess("RS256", "access")
		_ = textAt(c.raw, standardClaims.FullName)
	})
}

// FuzzKeySet holds that no key set makes the parser panic.
func FuzzKeySet(f *testing.F) {
	for _, seed := range []string{
		`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`, `{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`,
		`{"keys":[null,1,{}]}`, `{"keys":{}}`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		set, err := parseKeySet(body)
		if err != nil {
			return
		}
		for i := range set {
			if !set[i].IsPublic() {
				t.Error("a key that is not public was kept")
			}
		}
	})
}
