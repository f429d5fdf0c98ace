package oauth_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/gosocial/social/oauth"
)

// What one document says of an address is not said of another's.
func TestSecurity33_AddressAndItsVerificationAreOfOneDocument(t *testing.T) {
	t.Parallel()
	type claims = map[string]any
	for name, tt := range map[string]struct {
		token, info claims
		email       string
		verified    bool
	}{
		"both in the token":                {claims{"email": "a@x.test", "email_verified": true}, claims{}, "a@x.test", true},
		"both in the user info":            {claims{}, claims{"email": "b@x.test", "email_verified": true}, "b@x.test", true},
		"the user info's is another":       {claims{"email": "a@x.test", "email_verified": true}, claims{"email": "b@x.test"}, "b@x.test", false},
		"the user info verifies alone":     {claims{"email": "a@x.test"}, claims{"email_verified": true}, "a@x.test", false},
		"the token verifies alone":         {claims{"email_verified": true}, claims{"email": "b@x.test"}, "b@x.test", false},
		"the user info denies alone":       {claims{"email": "a@x.test", "email_verified": true}, claims{"email_verified": false}, "a@x.test", true},
		"null in the user info":            {claims{"email": "a@x.test", "email_verified": true}, claims{"email": nil, "email_verified": true}, "a@x.test", true},
		"empty in the user info":           {claims{"email": "a@x.test", "email_verified": false}, claims{"email": "", "email_verified": true}, "a@x.test", false},
		"a number in the user info":        {claims{"email": "a@x.test"}, claims{"email": 7, "email_verified": true}, "a@x.test", false},
		"the token's authority":            {claims{"email_verified": true, "hd": "x.test"}, claims{"email": "b@x.test", "email_verified": true}, "b@x.test", true},
		"the same address in both, denied": {claims{"email": "a@x.test", "email_verified": true}, claims{"email": "a@x.test", "email_verified": false}, "a@x.test", false},
	} {
		for _, way := range []string{"standard", "mapped", "hook"} {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				op := newOpenIDProvider(t)
				op.claims = func(m map[string]any) {
					delete(m, "email")
					delete(m, "email_verified")
					maps.Copy(m, tt.token)
				}
				op.info = claims{"sub": "248289761001", "name": "J"}
				maps.Copy(op.info, tt.info)
				p := op.provider()
				p.UserInfo = oauth.UserInfoAlways
				switch way {
				case "mapped":
					p.Profile = oauth.StandardClaims()
					p.Profile.ImageURL = "avatar"
				case "hook":
					p.MapProfile = func(raw json.RawMessage) (oauth.Profile, error) {
						return oauth.ProfileOf(oauth.StandardClaims(), raw)
					}
				}
				got := mustLogin(t, op, op.open(t, p)).Profile
				if got.Email != tt.email || got.EmailVerified != tt.verified {
					t.Errorf("got %q, %t; want %q, %t", got.Email, got.EmailVerified, tt.email, tt.verified)
				}
			})
		}
	}
}

// The claim that lends authority stands beside the address, too.
func TestSecurity33_AuthorityIsOfTheAddressesDocument(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		token, info map[string]any
		verified    bool
	}{
		"beside the address":        {map[string]any{}, map[string]any{"email": "b@x.test", "email_verified": true, "hd": "x.test"}, true},
		"in the other document":     {map[string]any{"hd": "x.test"}, map[string]any{"email": "b@x.test", "email_verified": true}, false},
		"of a domain of its own":    {map[string]any{}, map[string]any{"email": "b@own.test", "email_verified": true}, true},
		"of a domain below its own": {map[string]any{}, map[string]any{"email": "b@x.own.test", "email_verified": true}, false},
	} {
		for _, hook := range []bool{false, true} {
			op := newOpenIDProvider(t)
			op.claims = func(m map[string]any) {
				delete(m, "email")
				delete(m, "email_verified")
				maps.Copy(m, tt.token)
			}
			op.info = map[string]any{"sub": "248289761001", "name": "J"}
			maps.Copy(op.info, tt.info)
			p := op.provider()
			p.UserInfo, p.Authority = oauth.UserInfoAlways, oauth.EmailAuthority{Domains: []string{"own.test"}, Claim: "hd"}
			if hook {
				p.MapProfile = func(raw json.RawMessage) (oauth.Profile, error) { return oauth.ProfileOf(oauth.StandardClaims(), raw) }
			}
			if got := mustLogin(t, op, op.open(t, p)).Profile; got.EmailVerified != tt.verified {
				t.Errorf("%s (hook %t): %+v", name, hook, got)
			}
		}
	}
	s := newStrictProvider(t)
	d := s.provider()
	d.Authority = oauth.EmailAuthority{Domains: []string{"own.test"}}
	if got := logIn(t, s, s.open(t, d)).Profile; got.Email == "" || got.EmailVerified {
		t.Errorf("OAuth 2.0: %+v", got)
	}
}

// Nor is anything said of an address that is not there.
func TestSecurity33_NoAddressIsNotVerified(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"token", "user info", "OAuth 2.0"} {
		op := newOpenIDProvider(t)
		unsaid := func(m map[string]any) { delete(m, "email"); m["email_verified"] = true }
		op.claims = unsaid
		unsaid(op.info)
		p := op.provider()
		p.UserInfo = oauth.UserInfoNever
		if way == "user info" {
			p.UserInfo = oauth.UserInfoAlways
		}
		var got *oauth.Profile
		if way == "OAuth 2.0" {
			c, err := (&oauth.OAuth2{
				ID: "x", Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "s"}},
				Endpoints: oauth.Endpoints{Authorize: op.URL + "/a", Token: op.URL + "/token", UserInfo: op.URL + "/userinfo"},
				Profile:   oauth.StandardClaims(),
			}).Open(op.env())
			if err != nil {
				t.Fatal(err)
			}
			if got, err = c.Profile(t.Context(), oauth.Token{Access: "a"}); err != nil {
				t.Fatal(err)
			}
		} else {
			got = &mustLogin(t, op, op.open(t, p)).Profile
		}
		if got.Email != "" || got.EmailVerified {
			t.Errorf("%s: %q, %t", way, got.Email, got.EmailVerified)
		}
	}
}
