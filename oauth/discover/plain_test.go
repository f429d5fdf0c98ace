package discover_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth/discover"
)

// What a host says reaches terminals and configurations: nothing of it can act there.
func TestWordsOfHosts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		path, document, software string
		scopes                   []string
	}{
		"scopes":               {openIDPath, strings.Replace(openIDDocument, `"email"`, `"\u001b[31mred","a\nb","a b","","q\"","b\\","\u009b31m","\u202e","email"`, 1), "", []string{"openid", "email"}},
		"a version":            {"/api/v2/instance", `{"domain":"x.test","version":"4\u001b[31m\n\t5\u009b\u202e","source_url":"https://x.test"}`, "Mastodon 4[31m5", nil},
		"a product":            {"/status.php", `{"installed":true,"productname":"Wölkchen\r\n","versionstring":"3\u0000"}`, "Wölkchen 3", nil},
		"a version for a book": {"/api/v2/instance", `{"domain":"x.test","version":"` + strings.Repeat("ä", 500) + `","source_url":"https://x.test"}`, "Mastodon " + strings.Repeat("ä", 64), nil},
	} {
		h := newHost(t, map[string]string{tt.path: tt.document})
		found, err := h.finder().Host(t.Context(), h.URL)
		if err != nil || found.Software != tt.software || !slices.Equal(found.Scopes, tt.scopes) {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	for name, paths := range map[string]map[string]string{
		"GitLab":     {openIDPath: `{"claims_supported":["https://gitlab.org/claims/x"],"scopes_supported":["\u001b[31mred","files"]}`},
		"a resource": {resourcePath: `{"resource":"SELF","authorization_servers":["SELF"],"scopes_supported":["\u001b[31mred","files"]}`, serverPath: serverDocument},
		"Mastodon": {
			"/api/v2/instance": `{"domain":"x.test","version":"4","source_url":"https://x.test"}`,
			serverPath:         `{"issuer":"SELF","authorization_endpoint":"SELF/auth","token_endpoint":"SELF/token","scopes_supported":["\u001b[31mred","files"]}`,
		},
	} {
		h := newHost(t, paths)
		if found, err := h.finder().Host(t.Context(), h.URL); err != nil || !slices.Equal(found.Scopes, []string{"files"}) {
			t.Errorf("scopes of %s: %+v, %v", name, found, err)
		}
	}
	for name, paths := range map[string]map[string]string{
		"an endpoint": {serverPath: strings.Replace(serverDocument, "SELF/auth", `SELF/auth\u2028signup:`, 1)},
		"an issuer":   {openIDPath: strings.Replace(openIDDocument, `"SELF"`, `"https://x.test/\u009b31m"`, 1)},
		"a server":    {resourcePath: `{"resource":"SELF","authorization_servers":["https://x.test/\u009b31m"]}`},
		"a resource":  {resourcePath: `{"resource":"SELF/\u202e","authorization_servers":["SELF"]}`},
	} {
		h := newHost(t, paths)
		if found, err := h.finder().Host(t.Context(), h.URL); err == nil || strings.ContainsAny(err.Error(), "\u009b\u2028\u202e") {
			t.Errorf("%s: %+v, %q", name, found, err)
		}
	}
}

// A registration's answer is held to the characters of RFC 6749, and to addresses.
func TestWordsOfRegistrations(t *testing.T) {
	t.Parallel()
	client := discover.Client{Name: "Notes", RedirectURIs: []string{"https://notes.example.org/callback"}}
	register := func(paths map[string]string, answer string) (*discover.Registered, error) {
		h := newHost(t, paths)
		h.Config.Handler = registering(t, h, func(*http.Request) (int, string) { return 201, answer })
		f := h.finder()
		found, err := f.Host(t.Context(), h.URL)
		if err != nil {
			t.Fatal(err)
		}
		return f.Register(t.Context(), found, client)
	}
	openID := map[string]string{openIDPath: openIDDocument}
	mastodon := map[string]string{"/api/v2/instance": `{"domain":"x.test","version":"4.5.2","source_url":"https://x.test"}`}
	for _, paths := range []map[string]string{openID, mastodon} {
		for _, answer := range []string{`{"client_id":"c\nsignup:\tauto","client_secret":"s"}`, `{"client_id":"c","client_secret":"s\u001b[2J"}`, `{"client_id":"c","client_secret":"s\u009b"}`} {
			if r, err := register(paths, answer); err == nil || !strings.Contains(err.Error(), "not printable ASCII") {
				t.Errorf("%s: %+v, %v", answer, r, err)
			}
		}
		if r, err := register(paths, `{"client_id":"c d","client_secret":"s:'\"#"}`); err != nil || r.Credentials.ClientID != "c d" {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for name, answer := range map[string]string{
		"an odd address": `"registration_client_uri":"https://x.test/\u009b","registration_access_token":"m"`,
		"no address":     `"registration_client_uri":"javascript:alert(1)","registration_access_token":"m"`,
		"in the open":    `"registration_client_uri":"http://x.test/c","registration_access_token":"m"`,
		"an odd token":   `"registration_client_uri":"https://x.test/c","registration_access_token":"m\nn"`,
		"no expiry":      `"client_secret_expires_at":"0"`,
		"no calendar":    `"client_secret_expires_at":99999999999999`,
	} {
		r, err := register(openID, `{"client_id":"c","client_secret":"s",`+answer+`}`)
		if err != nil || r.ManageURL != "" || r.ManageToken != "" || !r.SecretExpiry.IsZero() {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}
