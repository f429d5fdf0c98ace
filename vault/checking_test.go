package vault_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A profiler is a client whose user info is the test's.
type profiler struct {
	oauth.Client
	oauth.Refresher
	profile func(context.Context, oauth.Token) (*oauth.Profile, error)
}

func (c profiler) Profile(ctx context.Context, t oauth.Token) (*oauth.Profile, error) {
	return c.profile(ctx, t)
}

func profiles(f func(context.Context, oauth.Token) (*oauth.Profile, error)) func(*vault.Config) {
	return withClient(func(c oauth.Client) oauth.Client { return profiler{c, c.(oauth.Refresher), f} })
}

// A check that works ends what a check said, and nothing that a refresh did.
func TestVault08_WhatACheckHeals(t *testing.T) {
	t.Parallel()
	for last, heals := range map[string]bool{
		"api_refused": true, "other_subject": true, "transient": false, "unanswered": false, "invalid": false,
		"client_unknown": false, "client_refused": false, "refused": false, "lost_rotation": false,
	} {
		for _, refusals := range []int{0, 1} {
			b := newBench(t)
			c := b.connect("ada", time.Hour)
			c.Status, c.LastError, c.Refusals = vault.Failing, last, refusals
			if err := b.store.Update(t.Context(), c, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Check(t.Context(), c); err != nil {
				t.Errorf("%s: %v", last, err)
			}
			want := heals && (last != "other_subject" || refusals == 0)
			row := b.row(c.ID)
			if (row.Status == vault.Active) != want || (row.LastError == "") != want || (b.events.count("connection_recovered") == 1) != want {
				t.Errorf("%s, %d refusals: %s, %q, %v", last, refusals, row.Status, row.LastError, b.events.names())
			}
		}
	}
}

// Without user info it is the refresh that tells, and the profile is what the row says.
func TestVault08_AChecksProfileWithoutUserInfo(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Providers[0] = withoutUserInfo{c.Providers[0].(*oauth.OAuth2)} })
	g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	g.Profile = oauth.Profile{
		Subject: "ada", DisplayName: "Ada", FullName: "Ada Lovelace", Email: "ada@example.com", EmailVerified: true,
		ProfileURL: "https://acme.test/ada", ImageURL: "https://acme.test/ada.png",
	}
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	want := g.Profile
	want.EmailVerified = false
	if found, err := b.Check(t.Context(), c); err != nil || !reflect.DeepEqual(found, &want) {
		t.Errorf("%+v, %v", found, err)
	}
	// A refresh that fails is an error, although the token is valid.
	b.refuseOnce(503, "")
	for range 2 {
		if _, err := b.Check(t.Context(), c); provider(err) == err {
			t.Errorf("got %v", err)
		}
		b.clock.advance(time.Hour - 10*time.Second) // due
	}
	c.ProviderID = "none"
	if _, err := b.Check(t.Context(), c); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("got %v", err)
	}
}

// An API that refuses every token is asked no more than three times by a check, however
// often another process refreshes.
func TestVault08_ACheckEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	other := b.open()
	b.srv.set(func(s *server) {
		s.onAPI = func(w http.ResponseWriter, r *http.Request) bool {
			if b.srv.apiN.Load() < 20 {
				if _, err := other.Refresh(context.Background(), c); err != nil {
					t.Error(err)
				}
			}
			return answer(401, `{"error":"invalid_token"}`)(w, r)
		}
	})
	if _, err := b.Check(t.Context(), c); err == nil || b.srv.apiN.Load() != 3 {
		t.Errorf("%v, asked %d times", err, b.srv.apiN.Load())
	}
}

// There is a refresh token, and no way to use it: what user info says is what counts.
func TestVault08_ACheckThatCannotRefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t, withClient(func(c oauth.Client) oauth.Client { return plainClient{c} }))
	c := b.connect("ada", time.Hour)
	b.checked(c, vault.Active, "")
	b.srv.set(func(s *server) { clear(s.access) })
	b.checked(c, vault.NeedsReauthorization, "revoked")
}

// What a check has found is noted, also when the caller has gone, or says both when it
// cannot be.
func TestVault08_WhatACheckFoundIsNoted(t *testing.T) {
	t.Parallel()
	var cancel context.CancelFunc
	b := newBench(t, profiles(func(context.Context, oauth.Token) (*oauth.Profile, error) {
		cancel()
		return &oauth.Profile{Subject: "eve"}, nil
	}))
	c := b.connect("ada", time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	cancel = stop
	if _, err := b.Check(ctx, c); !errors.Is(err, vault.ErrOtherAccount) {
		t.Errorf("got %v", err)
	}
	if row := b.row(c.ID); row.LastError != "other_subject" {
		t.Errorf("%q", row.LastError)
	}

	b, store := recordingBench(t, new(lockedBuffer))
	g := b.srv.grant("ada", time.Time{})
	g.Token.Refresh = ""
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	b.srv.set(func(s *server) { clear(s.access) })
	store.begin(2)
	_, err = b.Check(t.Context(), c)
	var pe *oauth.ProviderError
	if !errors.Is(err, errOut) || !errors.As(err, &pe) {
		t.Errorf("got %v", err)
	}
}

// A row that changes while user info is asked for is not healed by what it said before.
func TestVault08_ARowThatChangesDuringACheck(t *testing.T) {
	t.Parallel()
	var b *bench
	var c vault.Connection
	b = newBench(t, profiles(func(ctx context.Context, _ oauth.Token) (*oauth.Profile, error) {
		c.LastError = "transient"
		return &oauth.Profile{Subject: "ada"}, b.store.Update(ctx, c, nil)
	}))
	c = b.connect("ada", time.Hour)
	c.Status, c.LastError = vault.Failing, "api_refused"
	if err := b.store.Update(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	c = b.row(c.ID)
	if p, err := b.Check(t.Context(), c); err != nil || p.Subject != "ada" {
		t.Errorf("%+v, %v", p, err)
	}
	if row := b.row(c.ID); row.Status != vault.Failing || row.LastError != "transient" {
		t.Errorf("%s, %q", row.Status, row.LastError)
	}
}

// Without an access token user info is not asked for. It is a refresh that tells, once,
// and where that is not possible either nothing does.
func TestVault08_ACheckWithoutAnAccessToken(t *testing.T) {
	t.Parallel()
	idToken := refreshes(&oauth.Token{ID: "new"}, nil)
	for name, test := range map[string]struct {
		client    func(*vault.Config)
		refresh   secret.Text
		life      time.Duration
		fails     bool
		refreshed bool
	}{
		"not due":                   {idToken, "refresh", time.Hour, false, true},
		"due":                       {idToken, "refresh", 0, false, true},
		"refreshing fails":          {refreshes(nil, unavailable), "refresh", time.Hour, true, false},
		"there is no refresh token": {idToken, "", time.Hour, false, false},
		"the provider cannot":       {withClient(func(c oauth.Client) oauth.Client { return plainClient{c} }), "refresh", time.Hour, false, false},
	} {
		b := newBench(t, test.client)
		g := b.srv.grant("ada", b.clock.now().Add(test.life))
		g.Token.Access, g.Token.Refresh, g.Token.ID = "", test.refresh, "old"
		c, err := b.Connect(t.Context(), "user", g)
		if err != nil {
			t.Fatal(err)
		}
		p, err := b.Check(t.Context(), c)
		if test.fails != (provider(err) != err) || !test.fails && (err != nil || p.Subject != "ada") {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		want := 0
		if test.refreshed {
			want = 1
		}
		if n := b.events.count("token_refreshed"); n != want || b.srv.apiN.Load() != 0 {
			t.Errorf("%s: %d refreshes, %d calls", name, n, b.srv.apiN.Load())
		}
	}
}

// What the row says is what it says after the refresh: another process may have renewed it.
func TestVault08_AChecksProfileIsTheRowsOfNow(t *testing.T) {
	t.Parallel()
	store := &hookedStore{Store: memstore.New()}
	b := newBench(t, func(c *vault.Config) {
		c.Store, c.Providers[0] = store, withoutUserInfo{c.Providers[0].(*oauth.OAuth2)}
	})
	c := b.connect("ada", time.Hour)
	store.lease = func(ctx context.Context, _ string, _ time.Duration) (_ vault.Connection, _ []byte, _ bool, _ error, _ bool) {
		g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
		g.Profile.DisplayName = "Ada"
		if _, err := b.Renew(ctx, c, g); err != nil {
			t.Error(err)
		}
		return
	}
	if p, err := b.Check(t.Context(), c); err != nil || p.DisplayName != "Ada" {
		t.Errorf("%+v, %v", p, err)
	}
}
