package tenants

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/vault"
)

const (
	mostParameters   = 50
	longestParameter = 2000 // bytes
	mostScopes       = 100
)

// An App is an application that a tenant has registered at a provider. Its provider's ID is
// unique in the tenant.
type App struct {
	// ID is made of the tenant's and the provider's: "acme.google".
	ID       string
	Tenant   string // "default" for the default one, "" the same when it is made
	Provider string
	// Type is "oidc", "oauth2", "oauth1" or the ID of a catalog entry, and "" where Provider is
	// the ID of one.
	Type string
	// Parameters are those of the entry, and keys that a provider has in the configuration file:
	// "issuer", "name", "endpoints.token".
	Parameters map[string]string
	// Credentials: the first are for new flows. A connection is refreshed under those of the
	// client that it was granted to, for as long as they are not retired.
	Credentials []Credentials
	// Scopes are in place of the entry's; nil leaves those.
	Scopes []string
	// Enabled is false for one that is out of use: there are no flows, and no refreshes.
	Enabled              bool
	CreatedAt, UpdatedAt time.Time

	version int64
}

// appBody is an App in its row. What a token or a secret is sent to by is sealed together with
// the secrets, so that nobody who can write rows can send them elsewhere.
type appBody struct {
	Provider string   `json:"provider"`
	Scopes   []string `json:"scopes"`
	Enabled  bool     `json:"enabled"`
	Sealed   []byte   `json:"sealed"`
}

func binding(id string) []byte { return keyring.Bind("social/provider_app", id) }

func (d *Directory) rowOf(a *App) (document.Document, error) {
	var plain keyring.Encoder
	plain.Byte(1)
	plain.Text(a.Type)
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(a.Parameters)) {
		pairs = append(pairs, name, a.Parameters[name])
	}
	plain.Texts(pairs)
	encodeCredentials(&plain, a.Credentials)
	sealed, err := d.c.Keys.Seal(plain, binding(a.ID))
	if err != nil {
		return document.Document{}, fmt.Errorf("tenants: %w", err)
	}
	body, err := json.Marshal(appBody{a.Provider, a.Scopes, a.Enabled, sealed})
	return document.Document{Kind: appKind, ID: a.ID, Tenant: key(a.Tenant), Owner: a.Provider, Body: body, Version: a.version, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt}, err
}

func (d *Directory) appOf(row document.Document) (*App, error) {
	var b appBody
	if err := json.Unmarshal(row.Body, &b); err != nil {
		return nil, fmt.Errorf("tenants: application %s: %w", row.ID, err)
	}
	plain, err := d.c.Keys.Open(b.Sealed, binding(row.ID))
	if err != nil {
		return nil, fmt.Errorf("tenants: application %s: %w", row.ID, err)
	}
	r := keyring.NewDecoder(plain)
	version, kind, pairs, credentials := r.Byte(), r.Text(), r.Texts(), decodeCredentials(r)
	if version != 1 || !r.Whole() || len(pairs)%2 != 0 {
		return nil, fmt.Errorf("tenants: application %s: it is of another version", row.ID)
	}
	a := &App{ID: row.ID, Tenant: shown(row.Tenant), Provider: b.Provider, Type: kind, Credentials: credentials, Scopes: b.Scopes, Enabled: b.Enabled,
		CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt, version: row.Version}
	if row.ID != appID(a.Tenant, a.Provider) {
		return nil, fmt.Errorf("tenants: application %s: its row is that of another one", row.ID)
	}
	for i := 0; i < len(pairs); i += 2 {
		if a.Parameters == nil {
			a.Parameters = map[string]string{}
		}
		a.Parameters[pairs[i]] = pairs[i+1]
	}
	return a, nil
}

// appID returns an application's ID. No tenant's ID has a dot.
func appID(tenantID, provider string) string { return shown(tenantID) + "." + provider }

// check checks what people enter.
func (a *App) check() error {
	var wrong findings
	switch {
	case !vault.ValidProviderID(a.Provider) || len(a.Provider) > 63:
		wrong.add("provider", "%q is no provider's ID: it has small letters, digits, - and _, 63 at the most", a.Provider)
	case len(a.Parameters) > mostParameters:
		wrong.add("parameters", "there are more than %d", mostParameters)
	case len(a.Scopes) > mostScopes:
		wrong.add("scopes", "there are more than %d", mostScopes)
	case len(inUse(a.Credentials)) == 0:
		wrong.add("credentials", "an application needs a client ID, and its secret or key")
	case len(inUse(a.Credentials)) > mostCredentials:
		wrong.add("credentials", "there are more than %d", mostCredentials)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Parameters)) {
		if value := a.Parameters[name]; len(value) > longestParameter || strings.ContainsFunc(value, unicode.IsControl) {
			wrong.add("parameters."+name, "it is longer than %d bytes, or has control characters", longestParameter)
		}
	}
	for _, scope := range a.Scopes {
		if scope == "" || len(scope) > longestParameter || strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' }) {
			wrong.add("scopes", "%q is no scope (RFC 6749 §3.3)", scope)
		}
	}
	for _, c := range a.Credentials {
		if len(c.ClientID) > longestParameter || strings.ContainsFunc(c.ClientID, unicode.IsControl) || len(c.Secret) > longestSecret || len(c.PrivateKey) > longestSecret {
			wrong.add("credentials", "a client ID, secret or key is too long, or the ID has control characters")
		}
	}
	if err := wrong.err(); err != nil {
		return err
	}
	_, err := a.provider()
	return err
}

// CreateApp makes an application. There has to be its tenant, unless it is the default one. It
// returns ErrNone for one that is not there, ErrTaken or an *InvalidError.
func (d *Directory) CreateApp(ctx context.Context, a App) (*App, error) {
	now := d.c.Now()
	a.Tenant = shown(a.Tenant)
	a.ID, a.CreatedAt, a.UpdatedAt, a.version = appID(a.Tenant, a.Provider), now, now, 1
	a.Credentials = merged(nil, a.Credentials, now)
	if err := a.check(); err != nil {
		return nil, err
	}
	row, err := d.rowOf(&a)
	if err != nil {
		return nil, err
	}
	err = d.change(ctx, func(ctx context.Context) (audit.Event, error) {
		if a.Tenant != tenant.Default {
			if _, err := d.Tenant(ctx, a.Tenant); err != nil {
				return nil, err
			}
		}
		return AppChanged{row.Tenant, a.Provider, "created"}, d.c.Documents.InsertDocument(ctx, row)
	})
	if errors.Is(err, document.ErrTaken) {
		return nil, ErrTaken
	}
	if err != nil {
		return nil, err
	}
	a.Credentials = withoutSecrets(a.Credentials)
	return &a, nil
}

// App returns an application without its secrets, or ErrNone.
func (d *Directory) App(ctx context.Context, id string) (*App, error) {
	a, err := d.app(ctx, id)
	if err == nil {
		a.Credentials = withoutSecrets(a.Credentials)
	}
	return a, err
}

func (d *Directory) app(ctx context.Context, id string) (*App, error) {
	if tenantID, provider, ok := strings.Cut(id, "."); !ok || !idPattern.MatchString(tenantID) || !vault.ValidProviderID(provider) {
		return nil, ErrNone
	}
	row, err := d.c.Documents.Document(ctx, appKind, id)
	if errors.Is(err, document.ErrNone) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	return d.appOf(row)
}

// Apps lists up to limit applications without their secrets whose ID follows after, by ID:
// those of a tenant, "default" for the default one, or of all tenants for "".
func (d *Directory) Apps(ctx context.Context, tenantID, after string, limit int) ([]*App, error) {
	page, err := d.c.Documents.Documents(ctx, document.Filter{Kind: appKind, Tenant: key(tenantID), AllTenants: tenantID == "", After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	list := make([]*App, len(page))
	for i, row := range page {
		if list[i], err = d.appOf(row); err != nil {
			return nil, err
		}
		list[i].Credentials = withoutSecrets(list[i].Credentials)
	}
	return list, nil
}

// UpdateApp changes an application as change says, which may be called again: everything but
// ID, Tenant, Provider and times. Credentials without a secret stay what they are, and those
// that change leaves out are retired. It returns ErrNone, an *InvalidError, and what change
// returns.
func (d *Directory) UpdateApp(ctx context.Context, id string, change func(*App) error) (*App, error) {
	return d.updateApp(ctx, id, "updated", change)
}

// AddCredentials gives an application other credentials, which are the first from now on. Those
// before stay, for the connections that were granted to them, until RetireCredentials.
func (d *Directory) AddCredentials(ctx context.Context, id string, c Credentials) (*App, error) {
	return d.updateApp(ctx, id, "credentials_added", func(a *App) error {
		a.Credentials = slices.Insert(a.Credentials, 0, Credentials{ClientID: c.ClientID, Secret: c.Secret, PrivateKey: c.PrivateKey, KeyID: c.KeyID})
		return nil
	})
}

// RetireCredentials ends all credentials of an application but the first ones, or where
// clientID is not "" the others of that client. Their secrets are deleted, and connections that
// were granted to a client that is left without any cannot be refreshed any more. It returns
// ErrNone, ErrNoCredentials or an *InvalidError.
func (d *Directory) RetireCredentials(ctx context.Context, id, clientID string) (*App, error) {
	return d.updateApp(ctx, id, "credentials_retired", func(a *App) error {
		left := slices.DeleteFunc(slices.Clone(a.Credentials), func(c Credentials) bool { return !c.RetiredAt.IsZero() })
		before := len(left)
		first := true
		left = slices.DeleteFunc(left, func(c Credentials) bool {
			isFirst := first
			first = false
			return !isFirst && (clientID == "" || c.ClientID == clientID)
		})
		if len(left) == before {
			return ErrNoCredentials
		}
		a.Credentials = left
		return nil
	})
}

func (d *Directory) updateApp(ctx context.Context, id, what string, change func(*App) error) (*App, error) {
	var changed *App
	err := d.change(ctx, func(ctx context.Context) (audit.Event, error) {
		old, err := d.app(ctx, id)
		if err != nil {
			return nil, err
		}
		a := *old
		a.Parameters, a.Scopes = maps.Clone(old.Parameters), slices.Clone(old.Scopes)
		a.Credentials = withoutSecrets(old.Credentials)
		if err := change(&a); err != nil {
			return nil, err
		}
		a.ID, a.Tenant, a.Provider, a.CreatedAt, a.version, a.UpdatedAt = old.ID, old.Tenant, old.Provider, old.CreatedAt, old.version, d.c.Now()
		a.Credentials = merged(old.Credentials, a.Credentials, a.UpdatedAt)
		if err := a.check(); err != nil {
			return nil, err
		}
		row, err := d.rowOf(&a)
		if err != nil {
			return nil, err
		}
		a.Credentials = withoutSecrets(a.Credentials)
		changed = &a
		return AppChanged{row.Tenant, a.Provider, what}, d.c.Documents.UpdateDocument(ctx, row)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// DeleteApp deletes an application, or returns ErrNone. Its users' connections stay, and cannot
// be used until there is one of this ID with their client again.
func (d *Directory) DeleteApp(ctx context.Context, id string) error {
	return d.change(ctx, func(ctx context.Context) (audit.Event, error) {
		a, err := d.app(ctx, id)
		if err != nil {
			return nil, err
		}
		err = d.c.Documents.DeleteDocument(ctx, appKind, id)
		if errors.Is(err, document.ErrNone) {
			err = ErrNone
		}
		return AppChanged{key(a.Tenant), a.Provider, "deleted"}, err
	})
}

// Reseal seals the secrets of all applications under the first key, those that are not, and
// returns how many it sealed.
func (d *Directory) Reseal(ctx context.Context) (sealed int, err error) {
	err = d.list(ctx, document.Filter{Kind: appKind, AllTenants: true}, func(row document.Document) error {
		for {
			var b appBody
			if err := json.Unmarshal(row.Body, &b); err != nil {
				return fmt.Errorf("tenants: application %s: %w", row.ID, err)
			}
			if keyring.KeyName(b.Sealed) == d.c.Keys.Current() {
				return nil
			}
			a, err := d.appOf(row)
			if err != nil {
				return err
			}
			again, err := d.rowOf(a)
			if err != nil {
				return err
			}
			err = d.c.Documents.UpdateDocument(ctx, again)
			if err == nil {
				sealed++
			}
			if !errors.Is(err, document.ErrStale) {
				return err
			}
			row, err = d.c.Documents.Document(ctx, appKind, row.ID)
			if errors.Is(err, document.ErrNone) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	return sealed, err
}
