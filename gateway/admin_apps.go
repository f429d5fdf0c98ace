package gateway

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/tenants"
	"github.com/gosocial/social/vault"
)

// An AppDocument is an application at a provider as JSON, without its secrets.
type AppDocument struct {
	ID          string                `json:"id"`
	Tenant      string                `json:"tenant"`
	Provider    string                `json:"provider"`
	Type        string                `json:"type"`
	Parameters  map[string]string     `json:"parameters"`
	Credentials []CredentialsDocument `json:"credentials"`
	Scopes      []string              `json:"scopes"` // none: those of the catalog
	Enabled     bool                  `json:"enabled"`
	CreatedAt   time.Time             `json:"created_at"`
	UpdatedAt   time.Time             `json:"updated_at"`
}

// A CredentialsDocument describes credentials.
type CredentialsDocument struct {
	ClientID  string     `json:"client_id"`
	KeyID     string     `json:"key_id,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	RetiredAt *time.Time `json:"retired_at"`
}

// DescribeApp describes an application.
func DescribeApp(a *tenants.App) AppDocument {
	d := AppDocument{a.ID, a.Tenant, a.Provider, a.Type, maps.Clone(a.Parameters), []CredentialsDocument{}, append([]string{}, a.Scopes...), a.Enabled, a.CreatedAt.UTC(), a.UpdatedAt.UTC()}
	if d.Parameters == nil {
		d.Parameters = map[string]string{}
	}
	for _, c := range a.Credentials {
		d.Credentials = append(d.Credentials, CredentialsDocument{c.ClientID, c.KeyID, c.CreatedAt.UTC(), known(c.RetiredAt)})
	}
	return d
}

// An appForm is what makes or changes an application. What is absent stays.
type appForm struct {
	ID          string             `json:"id"` // where a document is sent back
	Tenant      string             `json:"tenant"`
	Provider    string             `json:"provider"`
	Type        *string            `json:"type"`
	Entry       *string            `json:"entry"` // another name of type
	Parameters  *map[string]string `json:"parameters"`
	Credentials *[]credentialsForm `json:"credentials"`
	Scopes      *[]string          `json:"scopes"` // none: those of the catalog
	Enabled     *bool              `json:"enabled"`
}

type credentialsForm struct {
	ClientID   string     `json:"client_id"`
	Secret     string     `json:"secret"`
	PrivateKey string     `json:"private_key"`
	KeyID      string     `json:"key_id"`
	CreatedAt  *time.Time `json:"created_at"` // not read
	RetiredAt  *time.Time `json:"retired_at"` // given: to be retired
}

func (f *credentialsForm) credentials() tenants.Credentials {
	c := tenants.Credentials{ClientID: f.ClientID, Secret: secret.Text(f.Secret), PrivateKey: secret.Text(f.PrivateKey), KeyID: f.KeyID}
	if f.RetiredAt != nil {
		c.RetiredAt = *f.RetiredAt
	}
	return c
}

func (f *appForm) apply(a *tenants.App) {
	for _, kind := range []*string{f.Entry, f.Type} {
		if kind != nil {
			a.Type = *kind
		}
	}
	if f.Parameters != nil {
		a.Parameters = *f.Parameters
	}
	if f.Credentials != nil {
		a.Credentials = nil
		for i := range *f.Credentials {
			a.Credentials = append(a.Credentials, (*f.Credentials)[i].credentials())
		}
	}
	if f.Scopes != nil {
		if a.Scopes = *f.Scopes; len(a.Scopes) == 0 {
			a.Scopes = nil
		}
	}
	if f.Enabled != nil {
		a.Enabled = *f.Enabled
	}
}

// problemConnected: where the tokens of users go is to be changed. Who administers a tenant
// alone has not the power to read them, and could send them to a server that does.
var problemConnected = &problem{status: http.StatusConflict, code: "connections_exist",
	detail: "Users have connections to this provider, and their tokens would go elsewhere. Remove the connections, take another ID for the provider, or ask an administrator of all tenants (tenant:*)."}

// movable returns nil for a caller who may say where the tokens of a tenant's connections to
// a provider go.
func (g *Gateway) movable(ctx context.Context, c *caller, tenantID, provider string) error {
	if c.everyTenant() {
		return nil
	}
	if tenantID == tenant.Default {
		tenantID = ""
	}
	found, err := g.lister.List(ctx, vault.Filter{Tenant: tenantID, ProviderID: provider}, "", 1)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return problemConnected
	}
	return nil
}

// ownApp returns an application that is within the caller's scopes, or problemNotFound.
func (g *Gateway) ownApp(r *http.Request, c *caller) (*tenants.App, error) {
	a, err := g.cfg.Tenants.App(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, ofTenants(err)
	}
	if !c.mayAdminister(a) {
		return nil, problemNotFound
	}
	return a, nil
}

// mayAdminister reports whether an application is within the caller's scopes. One that has no
// scope of providers reaches no connections, and may still administer its tenants.
func (c *caller) mayAdminister(a *tenants.App) bool {
	limited := slices.ContainsFunc(c.scopes, func(scope string) bool { return strings.HasPrefix(scope, providerPrefix) })
	return c.scopes.Tenant(a.Tenant) && (!limited || c.scopes.Provider(a.Provider))
}

// listApps answers GET /v1/apps.
func (g *Gateway) listApps(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	of := r.URL.Query().Get("tenant")
	if id, only := c.scopes.onlyTenant(); only && of == "" {
		of = shownTenant(id)
	}
	list, next, err := filtered(p, func(after string, limit int) ([]*tenants.App, error) {
		return g.cfg.Tenants.Apps(r.Context(), of, after, limit)
	},
		func(a *tenants.App) string { return a.ID }, c.mayAdminister, DescribeApp)
	if err != nil {
		return err
	}
	reply.JSON(w, http.StatusOK, map[string]any{"apps": list, "next": next})
	return nil
}

// createApp answers POST /v1/apps.
func (g *Gateway) createApp(w http.ResponseWriter, r *http.Request, c *caller) error {
	f := appForm{}
	if err := decode(w, r, &f); err != nil {
		return err
	}
	if id, only := c.scopes.onlyTenant(); only && f.Tenant == "" {
		f.Tenant = shownTenant(id)
	}
	a := tenants.App{Tenant: shownTenant(f.Tenant), Provider: f.Provider, Enabled: true}
	f.apply(&a)
	if !c.mayAdminister(&a) {
		return problemNotFound
	}
	if err := g.movable(r.Context(), c, a.Tenant, a.Provider); err != nil {
		return err
	}
	made, err := g.cfg.Tenants.CreateApp(r.Context(), a)
	if err != nil {
		return ofTenants(err)
	}
	reply.JSON(w, http.StatusCreated, DescribeApp(made))
	return nil
}

// showApp answers GET /v1/apps/ID.
func (g *Gateway) showApp(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := g.ownApp(r, c)
	if err == nil {
		reply.JSON(w, http.StatusOK, DescribeApp(a))
	}
	return err
}

// patchApp answers PATCH /v1/apps/ID.
func (g *Gateway) patchApp(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := g.ownApp(r, c)
	if err != nil {
		return err
	}
	var f appForm
	if err := decode(w, r, &f); err != nil {
		return err
	}
	if f.ID != "" && f.ID != a.ID || f.Tenant != "" && f.Tenant != a.Tenant || f.Provider != "" && f.Provider != a.Provider {
		return badRequest("The tenant and the provider of an application cannot be changed.")
	}
	movable := g.movable(r.Context(), c, a.Tenant, a.Provider)
	return writeApp(w)(g.cfg.Tenants.UpdateApp(r.Context(), a.ID, func(a *tenants.App) error {
		kind, parameters := a.Type, a.Parameters
		f.apply(a)
		if a.Type != kind || !maps.Equal(a.Parameters, parameters) {
			return movable
		}
		return nil
	}))
}

// deleteApp answers DELETE /v1/apps/ID.
func (g *Gateway) deleteApp(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := g.ownApp(r, c)
	if err != nil {
		return err
	}
	if err := g.cfg.Tenants.DeleteApp(r.Context(), a.ID); err != nil {
		return ofTenants(err)
	}
	noContent(w)
	return nil
}

// addCredentials answers POST /v1/apps/ID/credentials.
func (g *Gateway) addCredentials(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := g.ownApp(r, c)
	if err != nil {
		return err
	}
	var f credentialsForm
	if err := decode(w, r, &f); err != nil {
		return err
	}
	if f.RetiredAt != nil {
		return badRequest("New credentials cannot be retired.")
	}
	return writeApp(w)(g.cfg.Tenants.AddCredentials(r.Context(), a.ID, f.credentials()))
}

// retireCredentials answers DELETE /v1/apps/ID/credentials, which ends all but the first, or
// with the query client_id those of a client.
func (g *Gateway) retireCredentials(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := g.ownApp(r, c)
	if err != nil {
		return err
	}
	return writeApp(w)(g.cfg.Tenants.RetireCredentials(r.Context(), a.ID, r.URL.Query().Get("client_id")))
}

// writeApp answers with an application.
func writeApp(w http.ResponseWriter) func(*tenants.App, error) error {
	return func(a *tenants.App, err error) error {
		if err != nil {
			return ofTenants(err)
		}
		reply.JSON(w, http.StatusOK, DescribeApp(a))
		return nil
	}
}
