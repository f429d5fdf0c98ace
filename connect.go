package social

import (
	"context"
	"errors"
	"net/http"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// connect gives the user who began the flow a connection.
func (v *visit) connect(ctx context.Context, f *flow, g *oauth.Grant) {
	c, err := v.vault.Connect(ctx, f.userID, g)
	switch {
	case err == nil:
		v.emit(ctx, ConnectionCreated{UserID: f.userID, Connection: c})
		v.connected(f, "success", "Connection established to "+v.provider.Name, c)
		return
	case !errors.Is(err, vault.ErrTaken):
		v.fail(err)
		return
	}

	c, err = v.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
	switch {
	case errors.Is(err, vault.ErrNoConnection):
		// Taken a moment ago, and gone now.
		v.gone(ctx, f)
	case err != nil:
		v.fail(err)
	case c.UserID != f.userID:
		v.failed(ctx, f, "taken", "A connection is already established with "+v.provider.Name)
	default:
		// Connecting what is connected takes no scopes away, unless its token is of no
		// use any more.
		renew := v.vault.RenewByLogIn
		if c.Status == vault.NeedsReauthorization {
			renew = v.vault.Renew
		}
		c, err = renew(ctx, c, g)
		switch {
		case errors.Is(err, vault.ErrNoConnection):
			v.gone(ctx, f)
		case err != nil:
			v.fail(err)
		default:
			v.emit(ctx, ConnectionFailed{UserID: f.userID, ProviderID: v.provider.ID, Reason: "connected"})
			v.connected(f, "notice", "A connection is already established with "+v.provider.Name+" to your account", c)
		}
	}
}

// reconnect renews the connection that the flow began for.
func (v *visit) reconnect(ctx context.Context, f *flow, g *oauth.Grant) {
	c, err := v.vault.Own(ctx, f.userID, f.connectionID)
	if err == nil {
		c, err = v.vault.Renew(ctx, c, g)
	}
	switch {
	case errors.Is(err, vault.ErrOtherAccount):
		v.failed(ctx, f, "different", "That is a different "+v.provider.Name+" account")
	case errors.Is(err, vault.ErrNoConnection):
		v.gone(ctx, f)
	case err != nil:
		v.fail(err)
	default:
		v.emit(ctx, ConnectionUpdated{UserID: f.userID, Connection: c})
		v.connected(f, "success", "Connection to "+v.provider.Name+" renewed", c)
	}
}

func (v *visit) gone(ctx context.Context, f *flow) {
	v.failed(ctx, f, "gone", "The connection to "+v.provider.Name+" was removed meanwhile")
}

// connected answers a user who has the connection now.
func (v *visit) connected(f *flow, category, text string, c vault.Connection) {
	o := outcome{category: category, text: text, status: http.StatusOK}
	if v.json {
		o.body = describeConnection(c)
	} else {
		o.to = v.afterConnect(f)
	}
	v.end(o)
}

// failed answers a user who did not get the connection.
func (v *visit) failed(ctx context.Context, f *flow, reason, text string) {
	v.emit(ctx, ConnectionFailed{UserID: f.userID, ProviderID: v.provider.ID, Reason: reason})
	o := outcome{category: "error", text: text, status: http.StatusConflict, code: "connection_" + reason}
	if !v.json {
		o.to = v.afterConnect(f)
	}
	v.end(o)
}

func (v *visit) afterConnect(f *flow) string {
	return first(f.next, v.left(v.w, v.r, v.cfg.PostConnectSessionKey), v.cfg.ConnectAllow)
}
