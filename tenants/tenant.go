package tenants

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/origin"
	"github.com/gosocial/social/internal/tenant"
)

const (
	longestName = 100 // characters
	mostDomains = 50
	mostOrigins = 50
)

// A Tenant is one of the application's customers, whose users and connections are kept apart
// from those of others.
type Tenant struct {
	// ID is "default" for the default tenant, whose row may be missing.
	ID   string
	Name string // for people
	// Domains are host names of its pages and domains of its users' e-mail addresses.
	Domains  []Domain
	Branding Branding
	// RedirectOrigins are trusted for requests of this tenant as Config.TrustedOrigins of
	// package social are for all.
	RedirectOrigins      []string
	CreatedAt, UpdatedAt time.Time

	version int64
}

// A Domain is a host name. Only one that is verified is used, and it is for one tenant only.
type Domain struct {
	Domain   string `json:"domain"`
	Verified bool   `json:"verified"`
}

// Branding is how a tenant's pages and mails look.
type Branding struct {
	Name string `json:"name"` // in place of the application's
	// Mark is a picture as a data address: PNG or JPEG.
	Mark string `json:"mark"`
	// Color is that of buttons, as in "#2f5d8a".
	Color string `json:"color"`
}

type tenantBody struct {
	Name            string   `json:"name"`
	Domains         []Domain `json:"domains,omitempty"`
	Branding        Branding `json:"branding"`
	RedirectOrigins []string `json:"redirect_origins,omitempty"`
}

// key returns the ID that rows and contexts have: "" for the default tenant.
func key(id string) string {
	if id == tenant.Default {
		return ""
	}
	return id
}

// shown is the reverse of key.
func shown(id string) string {
	if id == "" {
		return tenant.Default
	}
	return id
}

func (t *Tenant) row() (document.Document, error) {
	body, err := json.Marshal(tenantBody{t.Name, t.Domains, t.Branding, t.RedirectOrigins})
	return document.Document{Kind: tenantKind, ID: t.ID, Tenant: key(t.ID), Body: body, Version: t.version, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt}, err
}

func tenantOf(row document.Document) (*Tenant, error) {
	var b tenantBody
	if err := json.Unmarshal(row.Body, &b); err != nil {
		return nil, fmt.Errorf("tenants: tenant %s: %w", row.ID, err)
	}
	return &Tenant{ID: row.ID, Name: b.Name, Domains: b.Domains, Branding: b.Branding, RedirectOrigins: b.RedirectOrigins,
		CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt, version: row.Version}, nil
}

var (
	idPattern     = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$`)
	domainPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// check checks what people enter, and brings it into one form.
func (t *Tenant) check() error {
	var wrong findings
	if !idPattern.MatchString(t.ID) {
		wrong.add("id", "a tenant's ID has small letters, digits, - and _, 63 at the most, and begins and ends with a letter or digit")
	}
	if t.Name = strings.TrimSpace(t.Name); t.Name == "" {
		wrong.add("name", "a tenant needs a name")
	}
	checkLine(&wrong, "name", t.Name)
	t.Branding.Name = strings.TrimSpace(t.Branding.Name)
	checkLine(&wrong, "branding.name", t.Branding.Name)
	t.Branding.check(&wrong)
	if len(t.Domains) > mostDomains {
		wrong.add("domains", "there are more than %d", mostDomains)
	}
	t.Domains = slices.Clone(t.Domains)
	for i := range t.Domains {
		d := &t.Domains[i]
		d.Domain = strings.ToLower(strings.TrimSpace(d.Domain))
		switch {
		case len(d.Domain) > 253 || !domainPattern.MatchString(d.Domain):
			wrong.add("domains", "%q is no domain such as acme.example, without https:// and in its ASCII form", d.Domain)
		case slices.ContainsFunc(t.Domains[:i], func(other Domain) bool { return other.Domain == d.Domain }):
			wrong.add("domains", "%s is there twice", d.Domain)
		}
	}
	if len(t.RedirectOrigins) > mostOrigins {
		wrong.add("redirect_origins", "there are more than %d", mostOrigins)
	}
	t.RedirectOrigins = slices.Clone(t.RedirectOrigins)
	for i, text := range t.RedirectOrigins {
		parsed, err := origin.Parse(text)
		if err == nil && strings.HasPrefix(parsed, "http:") && !origin.Local(hostOf(parsed)) {
			err = errors.New("an origin is https, or http on this machine")
		}
		if err != nil {
			wrong.add("redirect_origins", "%q: %v", text, err)
			continue
		}
		t.RedirectOrigins[i] = parsed
	}
	return wrong.err()
}

func checkLine(wrong *findings, field, text string) {
	switch {
	case utf8.RuneCountInString(text) > longestName:
		wrong.add(field, "it has more than %d characters", longestName)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		wrong.add(field, "it has characters that cannot be printed")
	}
}

// CreateTenant makes a tenant. It returns ErrTaken, ErrDomainTaken or an *InvalidError.
func (d *Directory) CreateTenant(ctx context.Context, t Tenant) (*Tenant, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	t.CreatedAt = d.c.Now()
	t.UpdatedAt, t.version = t.CreatedAt, 1
	row, err := t.row()
	if err != nil {
		return nil, fmt.Errorf("tenants: %w", err)
	}
	err = d.change(ctx, func(ctx context.Context) (audit.Event, error) {
		if err := d.claimDomains(ctx, nil, &t); err != nil {
			return nil, err
		}
		return TenantChanged{row.Tenant, "created"}, d.c.Documents.InsertDocument(ctx, row)
	})
	if errors.Is(err, document.ErrTaken) {
		return nil, ErrTaken
	}
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// claimDomains makes the domains that are verified now the tenant's, and gives back others.
func (d *Directory) claimDomains(ctx context.Context, old, now *Tenant) error {
	verified := func(t *Tenant) (list []string) {
		if t != nil {
			for _, domain := range t.Domains {
				if domain.Verified {
					list = append(list, domain.Domain)
				}
			}
		}
		return list
	}
	before, after := verified(old), verified(now)
	for _, name := range before {
		if !slices.Contains(after, name) {
			if err := d.c.Documents.DeleteDocument(ctx, domainKind, name); err != nil && !errors.Is(err, document.ErrNone) {
				return err
			}
		}
	}
	for _, name := range after {
		if slices.Contains(before, name) {
			continue
		}
		at := d.c.Now()
		err := d.c.Documents.InsertDocument(ctx, document.Document{Kind: domainKind, ID: name, Tenant: key(now.ID), Owner: now.ID, Body: []byte("{}"), CreatedAt: at, UpdatedAt: at})
		if errors.Is(err, document.ErrTaken) {
			return fmt.Errorf("%w: %s", ErrDomainTaken, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Tenant returns the tenant with the ID, "default" for the default one, or ErrNone. It reads
// the row; requests have Find.
func (d *Directory) Tenant(ctx context.Context, id string) (*Tenant, error) {
	if !idPattern.MatchString(id) {
		return nil, ErrNone
	}
	row, err := d.c.Documents.Document(ctx, tenantKind, id)
	if errors.Is(err, document.ErrNone) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	return tenantOf(row)
}

// Tenants lists up to limit tenants whose ID follows after, by ID.
func (d *Directory) Tenants(ctx context.Context, after string, limit int) ([]*Tenant, error) {
	page, err := d.c.Documents.Documents(ctx, document.Filter{Kind: tenantKind, AllTenants: true, After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	list := make([]*Tenant, len(page))
	for i, row := range page {
		if list[i], err = tenantOf(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// UpdateTenant changes a tenant as change says, which may be called again: everything but ID
// and times. It returns ErrNone, ErrDomainTaken, an *InvalidError, and what change returns.
func (d *Directory) UpdateTenant(ctx context.Context, id string, change func(*Tenant) error) (*Tenant, error) {
	var changed *Tenant
	err := d.change(ctx, func(ctx context.Context) (audit.Event, error) {
		old, err := d.Tenant(ctx, id)
		if err != nil {
			return nil, err
		}
		t := *old
		t.Domains, t.RedirectOrigins = slices.Clone(old.Domains), slices.Clone(old.RedirectOrigins)
		if err := change(&t); err != nil {
			return nil, err
		}
		t.ID, t.CreatedAt, t.version, t.UpdatedAt = old.ID, old.CreatedAt, old.version, d.c.Now()
		if err := t.check(); err != nil {
			return nil, err
		}
		row, err := t.row()
		if err != nil {
			return nil, fmt.Errorf("tenants: %w", err)
		}
		if err := d.claimDomains(ctx, old, &t); err != nil {
			return nil, err
		}
		changed = &t
		return TenantChanged{row.Tenant, "updated"}, d.c.Documents.UpdateDocument(ctx, row)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// DeleteTenant deletes a tenant with its applications, or returns ErrNone. Its users and their
// connections stay in the database, out of reach, until a tenant of this ID is made again.
func (d *Directory) DeleteTenant(ctx context.Context, id string) error {
	return d.change(ctx, func(ctx context.Context) (audit.Event, error) {
		t, err := d.Tenant(ctx, id)
		if err != nil {
			return nil, err
		}
		var apps []string
		err = d.list(ctx, document.Filter{Kind: appKind, Tenant: key(id)}, func(row document.Document) error {
			apps = append(apps, row.ID)
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, app := range apps {
			if err := d.c.Documents.DeleteDocument(ctx, appKind, app); err != nil && !errors.Is(err, document.ErrNone) {
				return nil, err
			}
		}
		if err := d.claimDomains(ctx, t, nil); err != nil {
			return nil, err
		}
		err = d.c.Documents.DeleteDocument(ctx, tenantKind, id)
		if errors.Is(err, document.ErrNone) {
			err = ErrNone
		}
		return TenantChanged{key(id), "deleted"}, err
	})
}
