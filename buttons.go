package social

import (
	"context"
	"net/url"
	"slices"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A Button has the addresses with which a page offers a provider: its forms POST to
// them. RemoveURL and RemoveAllURL take a DELETE, or a POST with the field
// _method=DELETE.
type Button struct {
	Provider oauth.Description
	// Gone says that the provider is not configured any more. Its Connections can be
	// removed, and nothing else: the other addresses are "".
	Gone         bool
	LoginURL     string
	ConnectURL   string
	ReconnectURL string
	RemoveAllURL string
	VerifyURL    string // "" where Users is no Reauthenticator
	// Connections are those of the signed-in user, the default one first.
	Connections []ConnectionButton
}

// A ConnectionButton has the addresses with which a page offers to remove or check a
// connection.
type ConnectionButton struct {
	vault.Connection
	RemoveURL string
	CheckURL  string
}

// Buttons returns one button for each provider, in their order. After them come those
// that are Gone and to which the signed-in user has connections.
func (s *Social) Buttons(ctx context.Context) ([]Button, error) {
	var connections []vault.Connection
	if userID := s.cfg.Users.CurrentUser(ctx); userID != "" {
		var err error
		if connections, err = s.vault.Connections(ctx, userID, ""); err != nil {
			return nil, err
		}
	}
	providers, err := s.vault.Providers(ctx)
	if err != nil {
		return nil, err
	}
	buttons := make([]Button, len(providers))
	for i, p := range providers {
		buttons[i] = s.button(p)
	}
	for _, c := range connections {
		i := slices.IndexFunc(buttons, func(b Button) bool { return b.Provider.ID == c.ProviderID })
		if i < 0 {
			i = len(buttons)
			p := goneProvider(c.ProviderID).Description
			buttons = append(buttons, Button{Provider: p, Gone: true, RemoveAllURL: s.button(p).RemoveAllURL})
		}
		b := &buttons[i]
		b.Connections = append(b.Connections, ConnectionButton{
			Connection: c,
			RemoveURL:  b.RemoveAllURL + "/" + url.PathEscape(c.ProviderUserID),
			CheckURL:   s.cfg.URLPrefix + "/connections/" + c.ID + "/check",
		})
	}
	return buttons, nil
}

func (s *Social) button(p oauth.Description) Button {
	connect := s.cfg.URLPrefix + "/connect/" + p.ID
	b := Button{
		Provider:     p,
		LoginURL:     s.cfg.URLPrefix + "/login/" + p.ID,
		ConnectURL:   connect,
		ReconnectURL: s.cfg.URLPrefix + "/reconnect/" + p.ID,
		RemoveAllURL: connect,
	}
	if s.prover != nil {
		b.VerifyURL = s.cfg.URLPrefix + "/verify/" + p.ID
	}
	return b
}
