package providers_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func TestVK(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST id.vk.com/oauth2/auth",
		`{"refresh_token":"rt-1","access_token":"at-1","id_token":"e30.e30.e30","token_type":"Bearer","expires_in":3600,"user_id":1234567890,"state":"x","scope":"vkid.personal_info email"}`,
		true, func(r *http.Request) string {
			f := r.PostForm
			if f.Get("client_id") != "key" || f.Has("client_secret") || f.Get("device_id") != "dev-1" || f.Get("state") == "" {
				return "client_id, device_id or state are missing"
			}
			return ""
		})
	p.gives("POST id.vk.com/oauth2/user_info", `{"user": {
		"user_id": "1234567890", "first_name": "Ivan", "last_name": "Ivanov", "phone": "79991234567",
		"avatar": "https://pp.userapi.com/60tZWMo4SmwcploUVl9XEt8ufnTTvDUmQ6Bj1g/mmv1pcj63C4.png",
		"email": "ivan_i123@vk.com", "sex": 2, "verified": false, "birthday": "01.01.2000"
	}}`, func(r *http.Request) string {
		if r.PostForm.Get("access_token") != "at-1" || r.PostForm.Get("client_id") != "key" {
			return "token and client_id are not in the form"
		}
		return ""
	})
	c := p.open(providers.VK(credentials))
	g := p.logIn(c, url.Values{"device_id": {"dev-1"}, "type": {"code_v2"}, "ext_id": {"x"}})
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "1234567890", DisplayName: "Ivan Ivanov", FullName: "Ivan Ivanov", Email: "ivan_i123@vk.com",
		ProfileURL: "https://vk.com/id1234567890", ImageURL: "https://pp.userapi.com/60tZWMo4SmwcploUVl9XEt8ufnTTvDUmQ6Bj1g/mmv1pcj63C4.png",
	})
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token); err != nil {
		t.Error(err)
	}
}
