package oauth_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// A profile is fetched later with or without the ID token; its subject is there and
// the same.
func TestSecurity18_ProfilesFetchedLater(t *testing.T) {
	t.Parallel()
	const sub = "248289761001"
	id := func(op *openIDProvider, claims string) secret.Text { return secret.Text(op.sign([]byte(claims))) }
	signed := signer(jose.RS256, testRSA, "rsa-1", nil)
	for name, tt := range map[string]struct {
		info   string
		claims string // of the ID token, "" for none
		change func(*oauth.OIDC)
		want   string // of the error
	}{
		"no ID token":             {`{"sub":"` + sub + `","name":"J"}`, "", nil, ""},
		"the same":                {`{"sub":"` + sub + `","name":"J"}`, `{"sub":"` + sub + `"}`, nil, ""},
		"another":                 {`{"sub":"victim"}`, `{"sub":"` + sub + `"}`, nil, "sub is not the ID token's"},
		"none":                    {`{"name":"J"}`, `{"sub":"` + sub + `"}`, nil, "sub is not the ID token's"},
		"none, no ID token":       {`{"name":"J"}`, "", nil, "sub is not the ID token's"},
		"empty, no ID token":      {`{"sub":""}`, "", nil, "sub is not the ID token's"},
		"blank, no ID token":      {`{"sub":" "}`, "", nil, "invalid"},
		"a number":                {`{"sub":7}`, "", nil, "the answer is not the JSON object it should be"},
		"null":                    {`null`, "", nil, "the answer is not the JSON object it should be"},
		"an array":                {`[]`, "", nil, "the answer is not the JSON object it should be"},
		"a claim, no ID token":    {`{"sub":"` + sub + `"}`, "", func(p *oauth.OIDC) { p.SubjectClaim = "oid" }, "there is no ID token for the subject"},
		"a claim that is missing": {`{"sub":"` + sub + `"}`, `{"sub":"` + sub + `"}`, func(p *oauth.OIDC) { p.SubjectClaim = "oid" }, "no usable subject at oid"},
		"a hook that fails": {`{"sub":"` + sub + `"}`, `{"sub":"` + sub + `"}`, func(p *oauth.OIDC) {
			p.SubjectOf = func(map[string]any) (string, error) { return "1", errors.New("no tid") }
		}, "no tid"},
		"a mapping that fails": {`{"sub":"` + sub + `"}`, "", func(p *oauth.OIDC) {
			p.MapProfile = func(json.RawMessage) (oauth.Profile, error) { return oauth.Profile{}, errors.New("odd") }
		}, "odd"},
		"signed, with a line's end":    {signed([]byte(`{"sub":"`+sub+`","name":"J"}`)) + "\n", "", nil, ""},
		"signed by another":            {signer(jose.RS256, otherRSA, "rsa-1", nil)([]byte(`{"sub":"` + sub + `"}`)), "", nil, "signature does not verify"},
		"an ID token that is odd JSON": {`{"sub":"` + sub + `"}`, `[]`, nil, "claims are not an object"},
	} {
		op := newOpenIDProvider(t)
		op.userInfo = func(w http.ResponseWriter) bool {
			if strings.HasPrefix(tt.info, "ey") {
				w.Header().Set("Content-Type", "application/jwt")
			}
			io.WriteString(w, tt.info)
			return true
		}
		p := op.provider()
		if tt.change != nil {
			tt.change(p)
		}
		token := oauth.Token{Access: "a"}
		if tt.claims != "" {
			token.ID = id(op, tt.claims)
		}
		got, err := op.open(t, p).Profile(t.Context(), token)
		switch {
		case tt.want != "":
			if f := failure(t, err); f.Kind != oauth.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v, want %s", name, err, tt.want)
			}
		case err != nil || got.Subject != sub || got.DisplayName != "J" || !strings.Contains(string(got.Raw), sub):
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	op := newOpenIDProvider(t)
	op.discovery = without("userinfo_endpoint")
	_, err := op.open(t, op.provider()).Profile(t.Context(), oauth.Token{Access: "a"})
	if f := failure(t, err); f.Kind != oauth.Operator || !errors.Is(f, errors.ErrUnsupported) || f.ProviderID != "example" {
		t.Errorf("no endpoint: %v", err)
	}
	op = newOpenIDProvider(t)
	op.userInfo = func(w http.ResponseWriter) bool {
		w.Header().Set("Content-Type", "application/jwt")
		io.WriteString(w, signed([]byte(`{"sub":"1"}`)))
		return true
	}
	_, err = op.open(t, op.provider()).Profile(t.Context(), oauth.Token{Access: "a", ClientID: "gone"})
	if f := failure(t, err); f.Code != oauth.CodeClientUnknown || f.Op != "user info" {
		t.Errorf("a client that is gone: %v", err)
	}
}

// The standard's claims make the profile (OpenID Connect Core §5.1).
func TestOIDC_StandardClaims(t *testing.T) {
	t.Parallel()
	for display, claims := range map[string]map[string]any{
		"J D":   {"name": "J D", "given_name": "x", "preferred_username": "x", "nickname": "x"},
		"Ja Do": {"name": nil, "given_name": "Ja", "family_name": "Do", "preferred_username": "x"},
		"jd":    {"name": nil, "preferred_username": "jd", "nickname": "x"},
		"nick":  {"name": nil, "nickname": "nick"},
	} {
		op := newOpenIDProvider(t)
		op.claims = func(m map[string]any) {
			m["profile"], m["picture"] = "https://op.test/jd", "https://op.test/jd.png"
			for k, v := range claims {
				m[k] = v
			}
		}
		p := op.provider()
		p.UserInfo = oauth.UserInfoNever
		g := mustLogin(t, op, op.open(t, p))
		if g.Profile.DisplayName != display || g.Profile.ProfileURL != "https://op.test/jd" || g.Profile.ImageURL != "https://op.test/jd.png" {
			t.Errorf("got %+v, want %s", g.Profile, display)
		}
	}
}
