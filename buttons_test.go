package social_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A button has the addresses of a provider, and those of the connections that the
// signed-in user has there. Of a provider that is gone there is a button to remove them.
func TestButtonsOfAUser(t *testing.T) {
	t.Parallel()
	s := asUser(t, func(c *social.Config) { c.URLPrefix = "/s" })
	s.keeps(
		vault.Connection{ID: "b1", ProviderID: "bird", ProviderUserID: "1/x y", Rank: 0}, vault.Connection{ID: "b2", ProviderID: "bird", ProviderUserID: "2", Rank: 1},
		vault.Connection{ID: "o1", ProviderID: "old", ProviderUserID: "1", Rank: 0}, vault.Connection{ID: "o2", ProviderID: "old", ProviderUserID: "2", Rank: 1},
	)
	got, err := s.Buttons(context.Background())
	must(t, err)
	rows := s.rows("7")
	button := func(p oauth.Description, connections ...social.ConnectionButton) social.Button {
		return social.Button{
			Provider: p, LoginURL: "/s/login/" + p.ID, ConnectURL: "/s/connect/" + p.ID, ReconnectURL: "/s/reconnect/" + p.ID, RemoveAllURL: "/s/connect/" + p.ID, VerifyURL: "/s/verify/" + p.ID,
			Connections: connections,
		}
	}
	want := []social.Button{
		button(s.acme.about),
		button(s.posty.about),
		button(s.bird.about,
			social.ConnectionButton{Connection: rows[0], RemoveURL: "/s/connect/bird/1%2Fx%20y", CheckURL: "/s/connections/b1/check"},
			social.ConnectionButton{Connection: rows[1], RemoveURL: "/s/connect/bird/2", CheckURL: "/s/connections/b2/check"}),
		{
			Provider: oauth.Description{ID: "old", Name: "old", Mark: "old"}, Gone: true, RemoveAllURL: "/s/connect/old",
			Connections: []social.ConnectionButton{
				{Connection: rows[2], RemoveURL: "/s/connect/old/1", CheckURL: "/s/connections/o1/check"},
				{Connection: rows[3], RemoveURL: "/s/connect/old/2", CheckURL: "/s/connections/o2/check"},
			},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
}

// The first provider's connections are its own, and no button comes of a store or source
// that fails.
func TestButtonsOfTheFirstProvider(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t, func(c *social.Config) { c.Users = signedInAs{c.Users.(*accounts.Accounts)} })
	s.keeps(vault.Connection{ID: "a1", ProviderID: "acme", ProviderUserID: "1"})
	got, err := s.Buttons(context.Background())
	must(t, err)
	if len(got) != 3 || len(got[0].Connections) != 1 || got[0].Gone {
		t.Errorf("%+v", got)
	}
	store.fail("ByUser")
	if got, err := s.Buttons(context.Background()); !errors.Is(err, errBroken) || got != nil {
		t.Errorf("%+v, %v", got, err)
	}

	d := &directory{down: errors.New("down")}
	s = open(t, func(c *social.Config) { c.Source, c.Providers = d, nil })
	if got, err := s.Buttons(context.Background()); !errors.Is(err, d.down) || got != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// signedInAs has the user "7" signed in.
type signedInAs struct{ *accounts.Accounts }

func (signedInAs) CurrentUser(context.Context) string { return "7" }

// Connection is the default connection of the user who is signed in.
func TestConnectionOfTheUser(t *testing.T) {
	t.Parallel()
	s := asUser(t)
	if _, err := s.Connection(context.Background(), "acme"); !errors.Is(err, vault.ErrNoConnection) {
		t.Error(err)
	}
	s.keeps(vault.Connection{ID: "a1", ProviderID: "acme", ProviderUserID: "1"}, vault.Connection{ID: "a2", ProviderID: "acme", ProviderUserID: "2", Rank: 1})
	if c, err := s.Connection(context.Background(), "acme"); err != nil || c.ID != "a1" {
		t.Errorf("%+v, %v", c, err)
	}
	// Without a user there are none, whatever rows have no user.
	s = open(t)
	_, err := s.store.Insert(context.Background(), vault.Connection{ID: "x", ProviderID: "acme", ProviderUserID: "9", Status: vault.Active}, nil)
	must(t, err)
	if c, err := s.Connection(context.Background(), "acme"); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("%+v, %v", c, err)
	}
	if buttons, err := s.Buttons(context.Background()); err != nil || len(buttons[0].Connections) != 0 {
		t.Errorf("%+v, %v", buttons, err)
	}
}

// asUser serves a site on which the user "7" is signed in everywhere.
func asUser(t *testing.T, change ...func(*social.Config)) *site {
	t.Helper()
	return open(t, append(change, func(c *social.Config) { c.Users = signedInAs{c.Users.(*accounts.Accounts)} })...)
}
