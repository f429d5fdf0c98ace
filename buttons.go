package social

import (
	"context"
	"net/url"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A Button has the addresses with which a page offers a provider: its forms POST to
// them. RemoveURL and RemoveAllURL take a DELETE, or a POST with the field
// _method=DELETE.
type Button struct {
	Provider     oauth.Description
	LoginURL     string
	ConnectURL   string
	ReconnectURL string
	RemoveAllURL string
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

// Buttons returns one button for each provider, in their order.
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
		b := s.button(p)
		for _, c := range connections {
			if c.ProviderID == p.ID {
				b.Connections = append(b.Connections, ConnectionButton{
					Connection: c,
					RemoveURL:  b.ConnectURL + "/" + url.PathEscape(c.ProviderUserID),
					CheckURL:   s.cfg.URLPrefix + "/connections/" + c.ID + "/check",
				})
			}
		}
		buttons[i] = b
	}
	return buttons, nil
}

func (s *Social) button(p oauth.Description) Button {
	connect := s.cfg.URLPrefix + "/connect/" + p.ID
	return Button{
		Provider:     p,
		LoginURL:     s.cfg.URLPrefix + "/login/" + p.ID,
		ConnectURL:   connect,
		ReconnectURL: s.cfg.URLPrefix + "/reconnect/" + p.ID,
		RemoveAllURL: connect,
	}
}
