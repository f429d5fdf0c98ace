package discover_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth/discover"
)

// What is not set is not sent either.
func TestRegistrationsSayNoMoreThanIsKnown(t *testing.T) {
	t.Parallel()
	const callback = "https://n.test/callback"
	client := discover.Client{Name: "Notes", RedirectURIs: []string{callback}}
	send := func(answers network, c discover.Client) (got *http.Request, body string, secret string) {
		finder := &discover.Finder{HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodPost {
				return answers.RoundTrip(r)
			}
			text, _ := io.ReadAll(r.Body)
			got, body = r, string(text)
			return network{r.URL.String(): {body: `{"client_id":"c","client_secret":"s"}`}}.RoundTrip(r)
		})}}
		found, err := finder.Host(t.Context(), "x.test")
		if err != nil {
			t.Fatal(err)
		}
		registered, err := finder.Register(t.Context(), found, c)
		if err != nil {
			t.Fatal(err)
		}
		return got, body, registered.Credentials.ClientSecret.Reveal()
	}
	openID := network{"https://x.test" + openIDPath: {body: strings.ReplaceAll(openIDDocument, "SELF", "https://x.test")}}
	r, body, secret := send(openID, client)
	var sent map[string]any
	if err := json.Unmarshal([]byte(body), &sent); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"client_name": "Notes", "redirect_uris": []any{callback}, "token_endpoint_auth_method": "client_secret_basic",
		"grant_types": []any{"authorization_code", "refresh_token"}, "response_types": []any{"code"},
	}
	if !reflect.DeepEqual(sent, want) || secret != "s" {
		t.Errorf("it sent %v, and has the secret %s", sent, secret)
	}
	if h := r.Header; h.Get("Content-Type") != "application/json" || h.Get("Accept") != "application/json" || len(h["Authorization"]) > 0 {
		t.Errorf("it sent %v", h)
	}
	mastodon := network{"https://x.test/api/v2/instance": {body: `{"domain":"x.test","version":"4.5.2","source_url":"https://x.test"}`}}
	_, body, secret = send(mastodon, client)
	if form, _ := url.ParseQuery(body); !reflect.DeepEqual(form, url.Values{"client_name": {"Notes"}, "redirect_uris": {callback}}) || secret != "s" {
		t.Errorf("it sent %v, and has the secret %s", form, secret)
	}
	client.Scopes = []string{"read", "write"}
	_, body, _ = send(mastodon, client)
	if form, _ := url.ParseQuery(body); form.Get("scopes") != "read write" {
		t.Errorf("it sent %v", form)
	}
}

func TestAnswersToRegistrations(t *testing.T) {
	t.Parallel()
	const address = "https://x.test/register"
	client := discover.Client{Name: "Notes", RedirectURIs: []string{"https://n.test/callback"}}
	refused := func(code string) reply { return reply{status: 400, body: `{"error":"` + code + `"}`} }
	for name, tt := range map[string]struct {
		answer reply
		want   string // how the error ends; "" for none
	}{
		"a long code":      {refused(strings.Repeat("a", 64)), "with status 400 (" + strings.Repeat("a", 64) + ")"},
		"a longer one":     {refused(strings.Repeat("a", 65)), "with status 400"},
		"no code":          {refused(""), "with status 400"},
		"an odd code":      {refused("a b"), "with status 400"},
		"a code of others": {refused("a\u202e"), "with status 400"},
		"punctuation":      {refused("!~"), "with status 400 (!~)"},
		"null":             {reply{body: "null"}, "has no client_id"},
		"a list":           {reply{body: "[]"}, "is not the JSON it should be"},
		"a long answer":    {reply{body: strings.Repeat(" ", 1<<20) + `{"client_id":"c"}`}, "is not the JSON it should be"},
		"a cut answer":     {reply{body: `{"client_id":"c"}`, cut: true}, "registering: the connection broke"},
		"space before it":  {reply{status: 201, body: " \n" + `{"client_id":"c"}`}, ""},
	} {
		_, err := network{address: tt.answer}.finder().Register(t.Context(), &discover.Found{Registration: address}, client)
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	away := &discover.Finder{HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("away") })}}
	if _, err := away.Register(t.Context(), &discover.Found{Registration: address}, client); err == nil || !strings.Contains(err.Error(), "registering: ") {
		t.Errorf("a server that is away: %v", err)
	}
	if _, err := away.Register(t.Context(), &discover.Found{Registration: "https://x.test/%zz"}, client); err == nil || !strings.HasSuffix(err.Error(), "is not a URL") {
		t.Errorf("no URL: %v", err)
	}
	for _, c := range []discover.Client{{Name: "Notes"}, {RedirectURIs: client.RedirectURIs}} {
		_, err := network{address: {body: `{"client_id":"c"}`}}.finder().Register(t.Context(), &discover.Found{Registration: address}, c)
		if err == nil || !strings.Contains(err.Error(), "needs a name and a redirect URI") {
			t.Errorf("%+v: %v", c, err)
		}
	}
	mastodon := network{"https://x.test/api/v2/instance": {body: `{"domain":"x.test","version":"4.5.2","source_url":"https://x.test"}`}}
	found, err := mastodon.finder().Host(t.Context(), "x.test")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		answer reply
		want   string
	}{
		{reply{status: 403, body: "{}"}, "without an initial access token (status 403)"},
		{reply{body: `{"client_secret":"s"}`}, "has no client_id and client_secret"},
		{reply{body: `{"client_id":"c"}`}, "has no client_id and client_secret"},
	} {
		_, err := network{"https://x.test/api/v1/apps": tt.answer}.finder().Register(t.Context(), found, client)
		if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("Mastodon, %+v: %v", tt.answer, err)
		}
	}
	// Times that no calendar has, and the registration's own address in the open.
	for registration, body := range map[string]string{
		"https://x.test/a": `"client_secret_expires_at":253402300800`, "https://x.test/b": `"client_secret_expires_at":1e999`, "https://x.test/c": `"client_secret_expires_at":-1`,
		"https://x.test/d": `"registration_client_uri":"http://x.test/c","registration_access_token":"m"`,
		"http://x.test/e":  `"registration_client_uri":"http://x.test/c","registration_access_token":"m"`,
	} {
		n := network{registration: {body: `{"client_id":"c",` + body + `}`}}
		r, err := n.finder().Register(t.Context(), &discover.Found{Registration: registration}, client)
		if err != nil || !r.SecretExpiry.IsZero() || (r.ManageURL != "") != strings.HasPrefix(registration, "http://") {
			t.Errorf("%s: %+v, %v", body, r, err)
		}
	}
	for _, address := range []string{"https:///x", "https://n.test/%zz"} {
		if _, err := client.Document(address); err == nil {
			t.Errorf("%q can be an ID", address)
		}
	}
}
