package vault_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A provider that rotates refresh tokens, and ends all of them when one comes
// twice, misbehaves once. Afterwards the connection works or, where the provider
// rotated and its answer was lost, says so after one attempt.
func TestVault09_Faults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault socialtest.Fault
		last  string // of the row while it is failing; "" when the refresh succeeds
		lost  bool   // the rotation is
	}{
		{"hang", socialtest.Hang(), "unanswered", false},
		{"slow drip", socialtest.Drip(50 * time.Millisecond), "unanswered", true},
		{"drip in time", socialtest.Drip(10 * time.Microsecond), "", false},
		{"2 GB", socialtest.Bytes(2 << 30), "invalid", false},
		{"2 GB after rotating", socialtest.Bytes(2 << 30).Late(), "invalid", true},
		{"truncated", socialtest.Truncated(), "unanswered", true},
		{"HTML", socialtest.HTML(), "unanswered", false},
		{"HTML after rotating", socialtest.HTML().Late(), "unanswered", true},
		{"HTML with 503", socialtest.Answer(503, "text/html", "<html>sorry"), "transient", false},
		{"form-encoded as JSON", socialtest.FormEncoded(), "", false},
		{"JSON as HTML", socialtest.Mislabeled("text/html"), "", false},
		{"expires_in a string", socialtest.Field("expires_in", "3600"), "", false},
		{"expires_in a fraction", socialtest.Field("expires_in", json.RawMessage("3599.5")), "", false},
		{"expires_in huge", socialtest.Field("expires_in", json.RawMessage("1e400")), "", false},
		{"expires_in negative", socialtest.Field("expires_in", -1), "", false},
		{"expires_in an object", socialtest.Field("expires_in", map[string]int{"seconds": 1}), "", false},
		{"no expires_in", socialtest.WithoutField("expires_in"), "", false},
		{"no token_type", socialtest.WithoutField("token_type"), "", false},
		{"200 with an error", socialtest.OAuthError(200, "temporarily_unavailable"), "unanswered", false},
		{"429", socialtest.TooManyRequests(time.Minute), "transient", false},
		{"503", socialtest.Unavailable(), "transient", false},
		{"reset", socialtest.Reset(), "unanswered", false},
		{"reset after rotating", socialtest.Reset().Late(), "unanswered", true},
		{"redirect", socialtest.Redirect("http://127.0.0.1:1/"), "transient", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hub := socialtest.Start(t).Provider("hub")
			creds := hub.Register(socialtest.App{RedirectURIs: []string{"http://127.0.0.1/callback"}})
			at, seen, timeout := newClock(), &events{}, 20*time.Second
			if test.name == "hang" || test.name == "slow drip" {
				timeout = 2 * time.Second
			}
			v, err := vault.New(vault.Config{
				Store: memstore.New(), Keys: ring(t, keyring.NewKey().Reveal()), AllowPrivateAddresses: true, Timeout: timeout, Now: at.now, OnEvent: seen.on,
				Providers: []oauth.Provider{&oauth.OAuth2{ID: "hub", Credentials: []oauth.Credentials{creds}, Endpoints: hub.Endpoints(), Profile: oauth.Mapping{Subject: "id"}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			g := &oauth.Grant{ProviderID: "hub", Profile: oauth.Profile{Subject: hub.User("ana").Subject}, Token: hub.Grant(creds.ClientID, "ana", "read")}
			g.Token.Expiry = at.now().Add(minute)
			c, err := v.Connect(t.Context(), "ana", g)
			if err != nil {
				t.Fatal(err)
			}
			at.advance(2 * minute)
			hub.ServeWith(socialtest.EndpointToken, test.fault.Times(1))
			_, err = v.Token(t.Context(), c)
			row := func() vault.Connection {
				t.Helper()
				row, err := v.Connection(t.Context(), c.ID)
				if err != nil {
					t.Fatal(err)
				}
				return row
			}
			if now := row(); (err == nil) != (test.last == "") || now.LastError != test.last || (now.Status == vault.Active) != (test.last == "") {
				t.Fatalf("%s, %q: %v", now.Status, now.LastError, err)
			}
			at.advance(2 * minute)
			switch _, err := v.Check(t.Context(), c); {
			case test.lost:
				if now := row(); !errors.Is(err, vault.ErrNeedsReauthorization) || now.LastError != "lost_rotation" || hub.Calls(socialtest.EndpointToken) != 2 {
					t.Errorf("%s, %q after %d attempts: %v", now.Status, now.LastError, hub.Calls(socialtest.EndpointToken), err)
				}
			default:
				if now := row(); err != nil || now.Status != vault.Active {
					t.Errorf("%s, %q: %v", now.Status, now.LastError, err)
				}
			}
		})
	}
}

// A bareClient answers a refresh with an access token, and nothing else.
type bareClient struct{ oauth.Client }

func (bareClient) Refresh(context.Context, oauth.Token) (*oauth.Token, error) {
	return &oauth.Token{Access: "new"}, nil
}

type bareProvider struct{ oauth.Provider }

func (p bareProvider) Open(env oauth.Env) (oauth.Client, error) {
	c, err := p.Provider.Open(env)
	return bareClient{c}, err
}

// What an answer leaves out stays as it was.
func TestVault05_AnswersThatLeaveOut(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Providers = []oauth.Provider{bareProvider{c.Providers[0]}} })
	g := b.srv.grant("ada", b.clock.now().Add(minute))
	g.Token.ClientID, g.Token.ID, g.Token.Secret = "client", "id token", "secret"
	g.Token.Extra = map[string]secret.Text{"realm": "7", "shard": "eu"}
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	got, err := b.Token(t.Context(), c)
	want := g.Token
	want.Access, want.Refresh, want.Type, want.Expiry = "new", "", "", time.Time{}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if row := b.row(c.ID); row.ClientID != "client" || !slices.Equal(row.Scopes, g.Token.Scopes) {
		t.Errorf("client %q, scopes %q", row.ClientID, row.Scopes)
	}
	if _, err := b.Refresh(t.Context(), c); err != nil {
		t.Errorf("its refresh token is lost: %v", err)
	}
}

// A connection whose provider is gone can be removed, and no revocation waits.
func TestVault19_WithoutTheProvider(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	v := b.open(func(c *vault.Config) { c.Providers = nil })
	if gone, err := v.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil || len(gone) != 1 {
		t.Errorf("%v, %v", gone, err)
	}
	if due, err := b.store.DueOneTime(t.Context(), "", b.clock.now().Add(time.Hour), 9); err != nil || len(due) != 0 || len(b.events.names()) != 0 {
		t.Errorf("%d wait, %v, %v", len(due), err, b.events.names())
	}
}
