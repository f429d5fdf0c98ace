package providers_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
)

// A documented is what an entry's provider does by its documentation, in
// testdata/entries/ID.json. Answers are made up after the documentation's.
type documented struct {
	Documentation []string          // addresses of pages
	Parameters    map[string]string // of Settings
	ClientID      string            `json:"client_id"`     // "key" where it is empty
	ClientSecret  string            `json:"client_secret"` // "secret" where it is empty
	PrivateKey    bool              `json:"private_key"`   // a key in the place of the secret
	KeyID         string            `json:"key_id"`        // of that key
	TeamID        string            `json:"team_id"`       // of Settings
	Algorithm     string            // of the ID token, RS256 where it is empty

	// Authorize is the address of the authorization endpoint, Asks what its query has
	// beyond the parameters that every flow has: scope and client_id among them.
	Authorize string
	Asks      map[string]string
	Callback  map[string]string // parameters of the callback beside code and state
	Denied    map[string]string // the callback where the user says no; default error=access_denied

	Issuer    string         // OpenID Connect: where the discovery document is
	Discovery map[string]any // what it has beside issuer and jwks_uri
	// DiscoveryAt is where the document is, when not below the issuer.
	DiscoveryAt string         `json:"discovery_at"`
	IDToken     map[string]any `json:"id_token"` // claims beside iss, aud, exp, iat, nonce

	RequestToken string `json:"request_token"` // OAuth 1.0a
	Token        tokenExchange
	Scopes       []string // granted, where the answer says it in a way of its own
	Calls        []call   // of the profile, in order
	Profile      profile

	// Refresh is what a refresh has beyond the standard's, and its answer; nil where that is
	// nothing. DeadRefresh is the answer to a refresh token that is dead; nil where there are none, or
	// where it is the standard's. Revoke are the requests that end the token; EndsGrant is what
	// the documentation says that they end.
	Refresh     *call
	DeadRefresh *call `json:"dead_refresh"`
	Revoke      []call
	EndsGrant   bool `json:"ends_grant"`
}

type profile struct {
	Subject     string `json:"subject"`
	DisplayName string `json:"display_name"`
	FullName    string `json:"full_name"`
	Email       string `json:"email"`
	Verified    bool   `json:"verified"`
	URL         string `json:"url"`
	Image       string `json:"image"`
}

// A tokenExchange is the request for a token and its answer.
type tokenExchange struct {
	call
	Client string // how the client proves itself: form, basic, none, key or own
	PKCE   bool
}

// A call is a request and its answer.
type call struct {
	At     string            // "GET https://api.example.com/me"
	Query  map[string]string // all of it
	Header map[string]string // some of it; "" is one that is not there
	Form   map[string]string // some of it, or of the texts in a JSON body
	JSON   json.RawMessage   // all of the body
	Status int               // 200 when 0
	Answer json.RawMessage   // an object or list, or a text that is not JSON
	Claims map[string]any    // in its place: those of a signed JWT
}

// What is needed of every request of an entry, and what its answers mean, played by a
// server in the place of the provider.
func TestEntries(t *testing.T) {
	t.Parallel()
	for _, e := range providers.All() {
		d, err := readDocumented(e.ID)
		if err != nil {
			t.Errorf("%s: %v", e.ID, err)
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			t.Parallel()
			play(t, e, d)
		})
	}
	files, err := filepath.Glob("testdata/entries/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if id := strings.TrimSuffix(filepath.Base(file), ".json"); !slices.ContainsFunc(providers.All(), func(e providers.Entry) bool { return e.ID == id }) {
			t.Errorf("%s is of no entry", file)
		}
	}
}

// readDocumented reads what the entry with the ID has in testdata/entries.
func readDocumented(id string) (*documented, error) {
	text, err := os.ReadFile(filepath.Join("testdata", "entries", id+".json"))
	if err != nil {
		return nil, err
	}
	var d documented
	read := json.NewDecoder(bytes.NewReader(text))
	read.DisallowUnknownFields()
	return &d, read.Decode(&d)
}

func play(t *testing.T, e providers.Entry, d *documented) {
	if len(d.Documentation) == 0 {
		t.Error("which page of documentation?")
	}
	client := credentials
	if d.ClientID != "" {
		client.ClientID = d.ClientID
	}
	if d.ClientSecret != "" {
		client.ClientSecret = secret.Text(d.ClientSecret)
	}
	if d.PrivateKey {
		client.ClientSecret, client.PrivateKey, client.KeyID = "", somePEM(), d.KeyID
	}
	made, err := e.New(providers.Settings{Credentials: []oauth.Credentials{client}, Parameters: d.Parameters, TeamID: d.TeamID})
	if err != nil {
		t.Fatal(err)
	}
	o := &documentedServer{pretend: newPretend(t), d: d, client: client, entry: e}
	c, err := made.Open(oauth.Env{HTTP: &http.Client{Transport: o}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	g := o.logIn(c)
	if g == nil {
		return
	}
	got := profile{g.Profile.Subject, g.Profile.DisplayName, g.Profile.FullName, g.Profile.Email, g.Profile.EmailVerified, g.Profile.ProfileURL, g.Profile.ImageURL}
	if got != d.Profile {
		t.Errorf("the profile is\n%+v, not\n%+v", got, d.Profile)
	}
	if d.Scopes != nil && !slices.Equal(g.Token.Scopes, d.Scopes) {
		t.Errorf("the scopes granted are %q, not %q", g.Token.Scopes, d.Scopes)
	}
	if d.Profile.DisplayName == "" {
		t.Error("an entry gives a display name always")
	}
	if len(o.calls) > 0 {
		t.Errorf("%d calls were not made: %s", len(o.calls), o.calls[0].At)
	}
	if e.Email != (d.Profile.Email != "") || e.VerifiedEmail != d.Profile.Verified {
		t.Errorf("the entry says email %t, verified %t", e.Email, e.VerifiedEmail)
	}
	if e.Revoke != (len(d.Revoke) > 0) {
		t.Errorf("the entry says that tokens can be ended: %t, and there are %d requests", e.Revoke, len(d.Revoke))
	}
	if d.EndsGrant && !e.EndsGrant {
		t.Error("the entry does not say that one token ends the whole grant")
	}
	o.use(c, g.Token)
	o.denied(c)
	o.refresh(c, g.Token)
	o.refreshDead(c, g.Token)
	o.revoke(c, g.Token)
}
