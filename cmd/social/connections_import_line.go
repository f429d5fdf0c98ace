package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// An importedConnection is one line of the input of connections import.
type importedConnection struct {
	user           string // e-mail address or username; either this or userID
	userID         string
	providerID     string
	providerUserID string
	clientID       string // of the token; "" is the provider's first
	access         string
	secret         string // OAuth 1.0a
	refresh        string
	tokenType      string
	expires        time.Time
	scopes         []string
	displayName    string
	fullName       string
	email          string
	profileURL     string
	imageURL       string
	rank           *int
	created        time.Time
}

// field returns where a member of the line belongs, nil when there is none.
func (c *importedConnection) field(name string) any {
	switch name {
	case "user":
		return &c.user
	case "user_id":
		return &c.userID
	case "provider_id":
		return &c.providerID
	case "provider_user_id":
		return &c.providerUserID
	case "client_id":
		return &c.clientID
	case "access_token":
		return &c.access
	case "secret":
		return &c.secret
	case "refresh_token":
		return &c.refresh
	case "token_type":
		return &c.tokenType
	case "expires_at":
		return &c.expires
	case "scopes":
		return &c.scopes
	case "display_name":
		return &c.displayName
	case "full_name":
		return &c.fullName
	case "email":
		return &c.email
	case "profile_url":
		return &c.profileURL
	case "image_url":
		return &c.imageURL
	case "rank":
		return &c.rank
	case "created_at":
		return &c.created
	}
	return nil
}

// parseImported reads a line.
func parseImported(line []byte) (*importedConnection, error) {
	c := &importedConnection{}
	return c, readMembers(line, func(name string) (any, error) {
		field := c.field(name)
		if field == nil {
			return nil, fmt.Errorf("unknown field %q: see social connections import --help", name)
		}
		return field, nil
	})
}

// tidy leaves out what must not be shown, and returns the names of what it left out.
func (c *importedConnection) tidy() (dropped []string) {
	for _, address := range [...]struct {
		name string
		text *string
	}{{"profile_url", &c.profileURL}, {"image_url", &c.imageURL}} {
		if *address.text == "" {
			continue
		}
		if u, err := url.Parse(*address.text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			*address.text, dropped = "", append(dropped, address.name)
		}
	}
	return dropped
}

// owner finds the user.
func (c *importedConnection) owner(ctx context.Context, acc *accounts.Accounts) (u accounts.User, err error) {
	switch {
	case c.user != "" && c.userID != "":
		return u, errors.New("user and user_id are both given: leave one out")
	case c.user != "":
		u, err = acc.Find(ctx, c.user)
	case c.userID != "":
		u, err = acc.User(ctx, c.userID)
	default:
		return u, errors.New("user or user_id is missing")
	}
	if errors.Is(err, accounts.ErrNoUser) {
		err = fmt.Errorf("%w: create the user first, with social users create for instance", err)
	}
	return u, err
}

// unsealed returns the connection as the vault takes it.
func (c *importedConnection) unsealed(ownerID string) vault.Unsealed {
	u := vault.Unsealed{UserID: ownerID, Rank: -1, CreatedAt: c.created}
	if c.rank != nil {
		u.Rank = *c.rank
	}
	u.Grant = oauth.Grant{
		ProviderID: c.providerID,
		Profile: oauth.Profile{
			Subject: c.providerUserID, DisplayName: c.displayName, FullName: c.fullName, Email: c.email,
			ProfileURL: c.profileURL, ImageURL: c.imageURL,
		},
		Token: oauth.Token{
			ClientID: c.clientID, Access: secret.Text(c.access), Secret: secret.Text(c.secret), Refresh: secret.Text(c.refresh),
			Type: c.tokenType, Expiry: c.expires, Scopes: c.scopes,
		},
	}
	return u
}

// check says what is missing, before anything is written.
func (c *importedConnection) check(protocol oauth.Protocol) error {
	switch {
	case c.providerUserID == "":
		return errors.New("provider_user_id is missing")
	case c.access == "" && c.refresh == "":
		return errors.New("access_token is missing, or refresh_token: a user without a token is connected at the next log-in")
	case protocol == oauth.ProtocolOAuth1 && (c.access == "" || c.secret == ""):
		return errors.New("secret is missing, the token's secret of OAuth 1.0a, which every request is signed with (or access_token)")
	}
	return nil
}
