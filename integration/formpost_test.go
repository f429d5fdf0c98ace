package integration_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// postedFlow begins a flow, goes through the provider's pages, and posts the answer
// as the provider's own page does: from another site, and so without Lax cookies. It
// returns the path to which the callback redirects.
func (v *visitor) postedFlow(begin, callback string, fields map[string]string) string {
	v.Helper()
	address, _ := v.do("POST", begin, nil, http.StatusOK)["authorize_url"].(string)
	answer := counterparty.NewBrowser(v, fields).Authorize(v, address, v.site.URL+callback)
	req, err := http.NewRequest(http.MethodPost, v.site.URL+callback, strings.NewReader(answer.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	withoutCookies := *v.client
	withoutCookies.Jar = nil
	resp, err := withoutCookies.Do(req)
	if err != nil {
		v.Fatal(err)
	}
	resp.Body.Close()
	next := resp.Header.Get("Location")
	if resp.StatusCode != http.StatusSeeOther || strings.Contains(next, answer.Get("code")) || strings.Contains(next, answer.Get("state")) {
		v.Fatalf("the posted answer got %d to %q", resp.StatusCode, next)
	}
	v.client.Jar.SetCookies(req.URL, resp.Cookies())
	return strings.TrimPrefix(next, v.site.URL)
}

// A certified provider posts its answers to the callback (form_post).
func TestFormPostAtOIDCProvider(t *testing.T) {
	t.Parallel()
	const secret, callback = "a secret of thirty-two characters or more", "/callback/posting"
	s := startSite(t)
	server := counterparty.StartOIDCProvider(t, counterparty.Client{ID: "client", Secret: secret, RedirectURIs: []string{s.URL + callback}})
	p := providers.OIDC("posting", "Posting", server.Issuer, oauth.Credentials{ClientID: "client", ClientSecret: secret})
	p.FormPost = true
	s.open(t, p)
	jane := map[string]string{"login": "jane"}

	v := s.visitor(t)
	user := v.do("POST", "/register", url.Values{"email": {"ada@example.org"}, "password": {"a sentence is fine"}, "password_confirm": {"a sentence is fine"}}, http.StatusCreated)
	if c := v.do("GET", v.postedFlow("/connect/posting", callback, jane), nil, http.StatusOK); c["provider_user_id"] != "jane" {
		t.Errorf("connected: %v", c)
	}

	// A new browser logs in. The address works in no other browser, and only once.
	w := s.visitor(t)
	next := w.postedFlow("/login/posting", callback, jane)
	s.visitor(t).do("GET", next, nil, http.StatusBadRequest)
	again := w.do("GET", next, nil, http.StatusOK)
	if again["user"].(map[string]any)["id"] != user["user"].(map[string]any)["id"] {
		t.Errorf("logged in as %v, not as %v", again, user)
	}
	w.do("POST", "/logout", nil, http.StatusNoContent)
	w.do("GET", next, nil, http.StatusBadRequest)
}
