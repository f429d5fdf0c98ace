package gateway

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/tenants"
)

// A TenantDocument is a tenant as JSON.
type TenantDocument struct {
	ID              string           `json:"id"`
	Name            string           `json:"name"`
	Domains         []tenants.Domain `json:"domains"`
	Branding        tenants.Branding `json:"branding"`
	RedirectOrigins []string         `json:"redirect_origins"`
	CreatedAt       time.Time        `json:"created_at"`
	UpdatedAt       time.Time        `json:"updated_at"`
}

// DescribeTenant describes a tenant.
func DescribeTenant(t *tenants.Tenant) TenantDocument {
	return TenantDocument{t.ID, t.Name, append([]tenants.Domain{}, t.Domains...), t.Branding, append([]string{}, t.RedirectOrigins...), t.CreatedAt.UTC(), t.UpdatedAt.UTC()}
}

// A tenantForm is what makes or changes a tenant. What is absent stays.
type tenantForm struct {
	ID              string        `json:"id"` // of a new one
	Name            *string       `json:"name"`
	Domains         *[]domainForm `json:"domains"`
	Branding        *brandingForm `json:"branding"`
	RedirectOrigins *[]string     `json:"redirect_origins"`
}

// A domainForm is a domain: without verified it stays what it is.
type domainForm struct {
	Domain   string `json:"domain"`
	Verified *bool  `json:"verified"`
}

type brandingForm struct {
	Name  *string `json:"name"`
	Mark  *string `json:"mark"`
	Color *string `json:"color"`
}

var (
	problemTaken = &problem{status: http.StatusConflict, code: "taken", detail: "There is one already."}
	// problemVerified: only who administers all tenants knows whose a domain is.
	problemVerified = &problem{status: http.StatusForbidden, code: "scopes_exceeded", detail: "Only an administrator of all tenants (tenant:*) can call a domain verified."}
)

// apply changes a tenant. Only an administrator of all tenants can call a domain verified.
func (f *tenantForm) apply(t *tenants.Tenant, everyTenant bool) error {
	if f.Name != nil {
		t.Name = *f.Name
	}
	if f.Domains != nil {
		before := t.Domains
		t.Domains = nil
		for _, d := range *f.Domains {
			name := strings.ToLower(strings.TrimSpace(d.Domain))
			now := tenants.Domain{Domain: d.Domain}
			was := slices.Contains(before, tenants.Domain{Domain: name, Verified: true})
			if now.Verified = was; d.Verified != nil {
				now.Verified = *d.Verified
			}
			if now.Verified && !was && !everyTenant {
				return problemVerified
			}
			t.Domains = append(t.Domains, now)
		}
	}
	if b := f.Branding; b != nil {
		for _, field := range []struct{ to, from *string }{{&t.Branding.Name, b.Name}, {&t.Branding.Mark, b.Mark}, {&t.Branding.Color, b.Color}} {
			if field.from != nil {
				*field.to = *field.from
			}
		}
	}
	if f.RedirectOrigins != nil {
		t.RedirectOrigins = *f.RedirectOrigins
	}
	return nil
}

// ofTenants makes what package tenants says a problem.
func ofTenants(err error) error {
	var bad *tenants.InvalidError
	switch {
	case errors.Is(err, tenants.ErrNone):
		return problemNotFound
	case errors.Is(err, tenants.ErrTaken):
		return problemTaken
	case errors.Is(err, tenants.ErrDomainTaken):
		return &problem{status: http.StatusConflict, code: "domain_taken", detail: "A domain is verified for another tenant."}
	case errors.Is(err, tenants.ErrNoCredentials):
		return &problem{status: http.StatusConflict, code: "no_credentials", detail: "There are no such credentials in use, or they are the first ones, which new log-ins need: add others first."}
	case errors.As(err, &bad):
		p := invalid(err)
		for _, f := range bad.Fields {
			p.errors = append(p.errors, reply.FieldError{Field: f.Field, Code: "invalid", Detail: f.Detail})
		}
		return p
	}
	return err
}

// everyTenant reports whether the caller administers all tenants.
func (c *caller) everyTenant() bool { return slices.Contains(c.scopes, tenantPrefix+everything) }

// filtered collects a page of what is within the scopes, from pages of more.
func filtered[T, D any](p page, pageOf func(after string, limit int) ([]T, error), id func(T) string, within func(T) bool, describe func(T) D) (list []D, next string, err error) {
	list = []D{}
	for after := p.after; ; {
		found, err := pageOf(after, p.limit)
		if err != nil {
			return nil, "", err
		}
		for _, one := range found {
			if after = id(one); !within(one) {
				continue
			}
			if list = append(list, describe(one)); len(list) == p.limit {
				return list, after, nil
			}
		}
		if len(found) < p.limit {
			return list, "", nil
		}
	}
}

// listTenants answers GET /v1/tenants.
func (g *Gateway) listTenants(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	list, next, err := filtered(p, func(after string, limit int) ([]*tenants.Tenant, error) {
		return g.cfg.Tenants.Tenants(r.Context(), after, limit)
	},
		func(t *tenants.Tenant) string { return t.ID }, func(t *tenants.Tenant) bool { return c.scopes.Tenant(t.ID) }, DescribeTenant)
	if err != nil {
		return err
	}
	reply.JSON(w, http.StatusOK, map[string]any{"tenants": list, "next": next})
	return nil
}

// createTenant answers POST /v1/tenants.
func (g *Gateway) createTenant(w http.ResponseWriter, r *http.Request, c *caller) error {
	var f tenantForm
	if err := decode(w, r, &f); err != nil {
		return err
	}
	if !c.scopes.Tenant(f.ID) || f.ID == "" && !c.everyTenant() {
		return problemScopes
	}
	t := tenants.Tenant{ID: f.ID}
	if err := f.apply(&t, c.everyTenant()); err != nil {
		return err
	}
	made, err := g.cfg.Tenants.CreateTenant(r.Context(), t)
	if err != nil {
		return ofTenants(err)
	}
	reply.JSON(w, http.StatusCreated, DescribeTenant(made))
	return nil
}

// showTenant answers GET /v1/tenants/ID.
func (g *Gateway) showTenant(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.scopes.Tenant(r.PathValue("id")) {
		return problemNotFound
	}
	t, err := g.cfg.Tenants.Tenant(r.Context(), r.PathValue("id"))
	if err != nil {
		return ofTenants(err)
	}
	reply.JSON(w, http.StatusOK, DescribeTenant(t))
	return nil
}

// patchTenant answers PATCH /v1/tenants/ID.
func (g *Gateway) patchTenant(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := r.PathValue("id")
	if !c.scopes.Tenant(id) {
		return problemNotFound
	}
	var f tenantForm
	if err := decode(w, r, &f); err != nil {
		return err
	}
	if f.ID != "" && f.ID != id {
		return badRequest("The ID of a tenant cannot be changed.")
	}
	t, err := g.cfg.Tenants.UpdateTenant(r.Context(), id, func(t *tenants.Tenant) error { return f.apply(t, c.everyTenant()) })
	if err != nil {
		return ofTenants(err)
	}
	reply.JSON(w, http.StatusOK, DescribeTenant(t))
	return nil
}

// deleteTenant answers DELETE /v1/tenants/ID.
func (g *Gateway) deleteTenant(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.scopes.Tenant(r.PathValue("id")) {
		return problemNotFound
	}
	if err := g.cfg.Tenants.DeleteTenant(r.Context(), r.PathValue("id")); err != nil {
		return ofTenants(err)
	}
	noContent(w)
	return nil
}
