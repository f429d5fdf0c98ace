package oauth

import (
	"context"
	"errors"
	"net/url"
)

// LongLived is how a provider without refresh tokens lets its access tokens live longer.
// The token of a code is traded for a long-lived one at Exchange, and that one, before it
// expires, for the next at Endpoints.Refresh. Each of these access tokens is its own
// refresh token: Token.Refresh repeats it, and once it has expired it cannot be renewed.
//
// The requests are GETs with grant_type and access_token in the query, and with
// client_secret at Exchange.
type LongLived struct {
	Exchange      string // an address
	ExchangeGrant string // grant_type there
	RefreshGrant  string // grant_type at Endpoints.Refresh
}

func (l LongLived) check(e *Endpoints) error {
	switch {
	case l == LongLived{}:
		return nil
	case l.ExchangeGrant == "" || l.RefreshGrant == "":
		return errors.New("LongLived needs ExchangeGrant and RefreshGrant")
	case e.Refresh == "":
		return errors.New("LongLived needs Endpoints.Refresh")
	}
	return checkAddress("LongLived.Exchange", l.Exchange)
}

// exchangeLongLived trades the token of a code for a long-lived one.
func (c *oauth2Client) exchangeLongLived(ctx context.Context, short *Token) (long *Token, err error) {
	c.clients.find(short.ClientID).each(func(auth *clientAuth) bool {
		form := url.Values{"client_secret": {auth.ClientSecret.Reveal()}}
		long, err = c.tradeAccess(ctx, opToken, c.p.LongLived.Exchange, c.p.LongLived.ExchangeGrant, form, *short)
		return clientRefused(err)
	})
	return long, err
}

// refreshLongLived trades a long-lived token for the next one.
func (c *oauth2Client) refreshLongLived(ctx context.Context, t Token) (*Token, error) {
	client, err := c.clients.of(t.ClientID, c.p.ID, opRefresh)
	if err != nil {
		return nil, err
	}
	t.ClientID, t.Access = client.id, t.Refresh
	return c.tradeAccess(ctx, opRefresh, c.p.Endpoints.Refresh, c.p.LongLived.RefreshGrant, url.Values{}, t)
}

// tradeAccess trades an access token for another one.
func (c *oauth2Client) tradeAccess(ctx context.Context, op, address, grant string, form url.Values, before Token) (*Token, error) {
	form.Set("grant_type", grant)
	form.Set("access_token", before.Access.Reveal())
	req, err := requestWith(ctx, address, form, BodyQuery)
	if err != nil {
		return nil, c.failure(Operator, op, errors.New("the address is not a URL"))
	}
	req.Header.Set("Accept", "application/json")
	c.setUserAgent(req)
	t, _, err := c.tokenFrom(req, op, before)
	if err != nil {
		return nil, err
	}
	t.Refresh, t.RefreshExpiry = t.Access, t.Expiry
	return t, nil
}
