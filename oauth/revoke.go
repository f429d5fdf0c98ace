package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gosocial/social/secret"
)

func expandClientID(address, clientID string) string {
	return strings.ReplaceAll(address, "{client_id}", url.PathEscape(clientID))
}

// Revoke ends the token in the provider's way.
func (c *oauth2Client) Revoke(ctx context.Context, t Token) error {
	if c.revoke == "" {
		return c.failure(Rejected, "revoke", errors.ErrUnsupported)
	}
	switch c.p.Revoke {
	case RevokeDelete:
		return c.revokeByDelete(ctx, t)
	case RevokeGitHub:
		return c.revokeAtGitHub(ctx, t)
	}
	// The refresh token takes its access tokens along (RFC 7009 §2.1), but not
	// at every provider.
	if t.Refresh != "" {
		if err := c.revokeOne(ctx, t.Refresh, "refresh_token"); err != nil {
			return err
		}
	}
	if t.Access != "" {
		return c.revokeOne(ctx, t.Access, "access_token")
	}
	return nil
}

// revokeOne is RFC 7009 §2.1.
func (c *oauth2Client) revokeOne(ctx context.Context, token secret.Text, hint string) error {
	req, err := c.post(ctx, c.revoke, url.Values{"token": {token.Reveal()}, "token_type_hint": {hint}})
	if err != nil {
		return c.failure(Operator, "revoke", err)
	}
	return c.end(req)
}

func (c *oauth2Client) revokeByDelete(ctx context.Context, t Token) error {
	if t.Access == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.revoke, nil)
	if err == nil {
		err = c.Sign(req, t)
	}
	if err != nil {
		return c.failure(Operator, "revoke", errors.New("the address is not a URL"))
	}
	return c.end(req)
}

// revokeAtGitHub deletes the application's authorization by any token of it.
func (c *oauth2Client) revokeAtGitHub(ctx context.Context, t Token) error {
	if t.Access == "" {
		return nil
	}
	body, err := json.Marshal(struct {
		Token string `json:"access_token"`
	}{t.Access.Reveal()})
	if err != nil {
		return c.failure(Operator, "revoke", errors.New("the token is not text"))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.revoke, bytes.NewReader(body))
	if err != nil {
		return c.failure(Operator, "revoke", errors.New("the address is not a URL"))
	}
	req.SetBasicAuth(c.p.Credentials.ID, c.p.Secret.Reveal())
	req.Header.Set("Content-Type", "application/json")
	for name, values := range c.p.APIHeader {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	return c.end(req)
}

// end sends a revocation. A token that the provider does not know any more is
// ended.
func (c *oauth2Client) end(req *http.Request) error {
	a, err := c.env.call(req)
	if err != nil {
		return unanswered(c.p.ID, "revoke", err)
	}
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	code := ""
	if json.Valid(a.body) {
		code = errorCode(at(a.body, "error"))
	}
	ownWay := c.p.Revoke != RevokeRFC7009
	switch {
	case rejected[code] && a.status < 500,
		ownWay && (a.status == http.StatusNotFound || a.status == http.StatusUnprocessableEntity),
		c.p.Revoke == RevokeDelete && a.status == http.StatusUnauthorized:
		return nil
	}
	return a.failed(c.p.ID, "revoke", code, c.env.Now())
}
