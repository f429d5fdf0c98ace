package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

const mostPages = 20 // of the store, which one answer looks at

// A connectionDocument is a connection as JSON.
type connectionDocument struct {
	social.ConnectionDocument
	UserID   string `json:"user_id"`
	Tenant   string `json:"tenant"`
	ClientID string `json:"client_id"`
}

func (g *Gateway) describe(ctx context.Context, c vault.Connection) connectionDocument {
	ctx = tenant.With(ctx, c.Tenant)
	return connectionDocument{g.social.DescribeConnection(ctx, c), c.UserID, shownTenant(c.Tenant), c.ClientID}
}

// listConnections answers GET /v1/connections.
func (g *Gateway) listConnections(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	f := vault.Filter{ProviderID: q.Get("provider"), Status: vault.Status(q.Get("status")), AllTenants: true}
	switch f.Status {
	case "", vault.Active, vault.Failing, vault.NeedsReauthorization:
	default:
		return badRequest("status is not active, failing or needs_reauthorization.")
	}
	tenantID, one := q.Get("tenant"), true
	if tenantID == "" {
		tenantID, one = c.scopes.onlyTenant()
	}
	if one {
		f.Tenant, f.AllTenants = tenant.From(tenant.With(r.Context(), tenantID)), false
		if !c.scopes.Tenant(f.Tenant) {
			return problemNotFound
		}
	}
	if f.ProviderID != "" && !c.scopes.Provider(f.ProviderID) {
		return problemNotFound
	}
	found, next, err := g.find(r.Context(), c.scopes, f, q.Get("user"), p.after, p.limit)
	if err != nil {
		return err
	}
	documents := make([]connectionDocument, len(found))
	for i, conn := range found {
		documents[i] = g.describe(r.Context(), conn)
	}
	reply.JSON(w, http.StatusOK, map[string]any{"connections": documents, "next": next})
	return nil
}

// find returns up to limit connections within the scopes after an ID, and after which ID the
// next page begins, "" when there is none. A page may have fewer and be followed by others.
func (g *Gateway) find(ctx context.Context, scopes Scopes, f vault.Filter, userID, after string, limit int) (found []vault.Connection, next string, err error) {
	page := limit
	if userID != "" || f.AllTenants {
		page = largestPage // most rows are another user's
	}
	for range mostPages {
		rows, err := g.lister.List(ctx, f, after, page)
		if err != nil {
			return nil, "", err
		}
		for i := range rows {
			row := &rows[i]
			after = row.ID
			if (userID == "" || row.UserID == userID) && scopes.Tenant(row.Tenant) && scopes.Provider(row.ProviderID) {
				if found = append(found, *row); len(found) == limit {
					return found, after, nil
				}
			}
		}
		if len(rows) < page {
			return found, "", nil
		}
	}
	return found, after, nil
}

// own returns the connection that a path names, with a context of its tenant. What is not
// within the scopes is not found.
func (g *Gateway) own(r *http.Request, c *caller) (context.Context, vault.Connection, error) {
	return g.ownByID(r.Context(), c, r.PathValue("id"))
}

// ownByID is own for an ID.
func (g *Gateway) ownByID(ctx context.Context, c *caller, id string) (context.Context, vault.Connection, error) {
	conn, err := g.vault.Store().ByID(ctx, id)
	if errors.Is(err, vault.ErrNoConnection) || err == nil && !(c.scopes.Tenant(conn.Tenant) && c.scopes.Provider(conn.ProviderID)) {
		return ctx, vault.Connection{}, problemNotFound
	}
	return tenant.With(ctx, conn.Tenant), conn, err
}

// showConnection answers GET /v1/connections/ID.
func (g *Gateway) showConnection(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, conn, err := g.own(r, c)
	if err == nil {
		reply.JSON(w, http.StatusOK, g.describe(ctx, conn))
	}
	return err
}

// removeConnection answers DELETE /v1/connections/ID.
func (g *Gateway) removeConnection(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, conn, err := g.own(r, c)
	if err != nil {
		return err
	}
	force := false
	if text := r.URL.Query().Get("force"); text != "" {
		if force, err = strconv.ParseBool(text); err != nil {
			return badRequest("force is neither true nor false.")
		}
	}
	err = g.social.RemoveConnection(ctx, conn, force)
	switch {
	case errors.Is(err, vault.ErrNoConnection):
		return problemNotFound
	case errors.Is(err, vault.ErrLastLogin):
		return &problem{status: http.StatusConflict, code: "last_way_in",
			detail: "It is the user's last way to log in. With force=true it is removed all the same."}
	case err == nil:
		noContent(w)
	}
	return err
}

// refreshConnection answers POST /v1/connections/ID/refresh.
func (g *Gateway) refreshConnection(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, conn, err := g.own(r, c)
	if err != nil {
		return err
	}
	if conn, err = g.vault.Refresh(ctx, conn); err != nil {
		return connectionProblem(err)
	}
	reply.JSON(w, http.StatusOK, g.describe(ctx, conn))
	return nil
}

// checkConnection answers POST /v1/connections/ID/check.
func (g *Gateway) checkConnection(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx, conn, err := g.own(r, c)
	if err != nil {
		return err
	}
	profile, err := g.vault.Check(ctx, conn)
	if err != nil {
		return connectionProblem(err)
	}
	if conn, err = g.vault.Connection(ctx, conn.ID); err != nil {
		return connectionProblem(err)
	}
	reply.JSON(w, http.StatusOK, checkDocument{conn.Status, social.DescribeProfile(profile)})
	return nil
}

// connectionProblem says why a connection does not work.
func connectionProblem(err error) error {
	var pe *oauth.ProviderError
	switch {
	case errors.Is(err, vault.ErrNeedsReauthorization):
		return problemNeedsUser
	case errors.Is(err, vault.ErrNoConnection):
		return problemNotFound
	case errors.Is(err, vault.ErrSuspended):
		return problemSuspended
	case errors.Is(err, vault.ErrNotRefreshable):
		return problemRefresh
	case errors.Is(err, vault.ErrUnknownProvider):
		return &problem{status: http.StatusConflict, code: "unknown_provider", detail: "The provider is not configured any more."}
	case errors.Is(err, vault.ErrPaused), errors.Is(err, vault.ErrRefreshing):
		return &problem{status: http.StatusServiceUnavailable, code: "temporarily_unavailable", detail: "The provider's refreshes pause.", wait: retryLater}
	case errors.As(err, &pe), errors.Is(err, vault.ErrOtherAccount):
		p := &problem{status: http.StatusBadGateway, code: "provider_failed", detail: "The provider did not answer as expected."}
		if pe != nil {
			p.wait = pe.RetryAfter
		}
		return p
	}
	return err
}
