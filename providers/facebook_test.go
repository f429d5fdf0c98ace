package providers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func TestFacebook(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST graph.facebook.com/v24.0/oauth/access_token", `{"access_token":"at-1","token_type":"bearer","expires_in":5183944}`, true, inForm)
	p.gives("GET graph.facebook.com/v24.0/me", `{
		"id": "10158231234567890", "name": "Matt Wright", "email": "matt\u0040lp.com",
		"picture": {"data": {"height": 50, "is_silhouette": false, "url": "https:\/\/platform-lookaside.fbsbx.com\/platform\/profilepic\/?asid=10158231234567890&hash=AbZ", "width": 50}}
	}`, func(r *http.Request) string {
		if r.URL.Query().Get("fields") != "id,name,email,picture" {
			return "other fields"
		}
		return proved(r)
	})
	p.gives("DELETE graph.facebook.com/v24.0/me/permissions", `{"success":true}`, proved)
	c := p.open(providers.Facebook(credentials))
	g := p.logIn(c, nil)
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "10158231234567890", DisplayName: "Matt Wright", FullName: "Matt Wright", Email: "matt@lp.com",
		ProfileURL: "https://www.facebook.com/10158231234567890",
		ImageURL:   "https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=10158231234567890&hash=AbZ",
	})
	if p.asked.Get("scope") != "public_profile,email" {
		t.Errorf("asked for %q", p.asked.Get("scope"))
	}
	if g.Token.Expiry.IsZero() || c.Description().Refresh {
		t.Error("expiry or refresh is wrong")
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
		t.Error(err)
	}
	if _, ok := c.(oauth.HeaderSigner).SignatureHeader(g.Token); ok {
		t.Error("headers alone lack the proof")
	}
	u, _ := url.Parse("https://graph.facebook.com/v24.0/me/friends")
	if !c.Allows(t.Context(), u) {
		t.Error("the Graph API is not allowed")
	}
}

// proved demands the proof that applications may require: HMAC-SHA256 of the token
// under the secret, computed once with another program.
func proved(r *http.Request) string {
	if proof := r.URL.Query()["appsecret_proof"]; len(proof) != 1 || proof[0] != "dd44487fd4c5b5eda466128b0f5a9c33c9830e9f9ecda1185014abcadbf67170" {
		return fmt.Sprintf("appsecret_proof %q", proof)
	}
	return bearer(r)
}

func TestFacebookRevocationThatDidNotHappen(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{
		404: `{"error":{"message":"Unknown path components","type":"OAuthException","code":2500}}`,
		403: `{"error":{"message":"Permissions error","type":"OAuthException","code":200}}`,
	} {
		p := newPretend(t)
		p.HandleFunc("DELETE graph.facebook.com/v24.0/me/permissions", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			w.Write([]byte(body))
		})
		if err := p.open(providers.Facebook(credentials)).(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "at-1"}); err == nil {
			t.Errorf("status %d ended the grant", status)
		}
	}
}
