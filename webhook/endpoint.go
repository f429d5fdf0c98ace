package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// ErrNoEndpoint: there is no such endpoint.
var ErrNoEndpoint = errors.New("webhook: no such endpoint")

// An InvalidError says what is wrong with an endpoint that someone has entered.
type InvalidError struct{ text string }

func (e *InvalidError) Error() string { return "webhook: " + e.text }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Sprintf(format, args...)} }

const (
	endpointKind = "webhook"
	idPrefix     = "wh_"
	// oldSecretFor is for how long the secret before stays valid.
	oldSecretFor  = 24 * time.Hour
	mostEndpoints = 1000
)

// An Endpoint is an address that gets events.
type Endpoint struct {
	ID  string
	URL string
	// Events are the types that it gets: "connection.created", "connection.*", or "*".
	Events []string
	// Tenants are the IDs of the tenants whose events it gets, "default" for the default one;
	// "*" is all.
	Tenants []string
	Enabled bool
	// DisabledReason says why it is not enabled: "gone", because it answered 410, or "".
	DisabledReason       string
	CreatedAt, UpdatedAt time.Time

	version int64
	from    int64 // the position after which its events begin
	secret  secret.Text
	old     secret.Text
	until   time.Time // of old
}

// endpointBody is an endpoint in its document.
type endpointBody struct {
	URL     string   `json:"url"`
	Events  []string `json:"events"`
	Tenants []string `json:"tenants"`
	Enabled bool     `json:"enabled"`
	Reason  string   `json:"reason,omitempty"`
	From    int64    `json:"from"`
	Sealed  []byte   `json:"sealed"`
}

func (e *Endpoint) document(keys *keyring.Ring) (document.Document, error) {
	var plain keyring.Encoder
	plain.Byte(1)
	plain.Text(e.secret.Reveal())
	plain.Text(e.old.Reveal())
	plain.Time(e.until)
	sealed, err := keys.Seal(plain, binding(e.ID))
	if err != nil {
		return document.Document{}, err
	}
	body, err := json.Marshal(endpointBody{e.URL, e.Events, e.Tenants, e.Enabled, e.DisabledReason, e.from, sealed})
	return document.Document{Kind: endpointKind, ID: e.ID, Body: body, Version: e.version, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt}, err
}

func binding(id string) []byte { return keyring.Bind("social/webhook", id) }

func (s *Sender) endpointOf(d document.Document) (*Endpoint, error) {
	var b endpointBody
	if err := json.Unmarshal(d.Body, &b); err != nil {
		return nil, fmt.Errorf("webhook: endpoint %s: %w", d.ID, err)
	}
	plain, err := s.c.Keys.Open(b.Sealed, binding(d.ID))
	if err != nil {
		return nil, fmt.Errorf("webhook: endpoint %s: %w", d.ID, err)
	}
	r := keyring.NewDecoder(plain)
	version, current, old, until := r.Byte(), r.Text(), r.Text(), r.Time()
	if version != 1 || !r.Whole() {
		return nil, fmt.Errorf("webhook: endpoint %s: its secret is of another version", d.ID)
	}
	return &Endpoint{ID: d.ID, URL: b.URL, Events: b.Events, Tenants: b.Tenants, Enabled: b.Enabled, DisabledReason: b.Reason,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, version: d.Version, from: b.From, secret: secret.Text(current), old: secret.Text(old), until: until}, nil
}

// check checks what people enter.
func (s *Sender) check(e *Endpoint) error {
	u, err := url.Parse(e.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && !(s.c.AllowPrivateAddresses && u.Scheme == "http") {
		return invalid("the address of an endpoint is https, without a user and a fragment")
	}
	if len(e.Events) == 0 {
		return invalid("an endpoint needs events, such as connection.* or *")
	}
	for _, pattern := range e.Events {
		if !validPattern(pattern) {
			return invalid("%q is no event: there are %s, connection.* and *", pattern, strings.Join(Types(), ", "))
		}
	}
	if len(e.Tenants) == 0 {
		return invalid("an endpoint needs tenants: default, the ID of another one, or *")
	}
	return nil
}

// selects reports whether the endpoint gets an event.
func (e *Endpoint) selects(event *Event) bool {
	return e.Enabled && event.Position > e.from &&
		(slices.Contains(e.Tenants, "*") || slices.Contains(e.Tenants, event.Data.Tenant)) &&
		slices.ContainsFunc(e.Events, func(pattern string) bool { return matches(pattern, event.Type) })
}

// secrets returns the secrets that are valid.
func (e *Endpoint) secrets(now time.Time) []secret.Text {
	list := []secret.Text{e.secret}
	if e.old != "" && now.Before(e.until) {
		list = append(list, e.old)
	}
	return list
}

// Create makes an endpoint of a URL, events and tenants, those of the default tenant where
// there are none, and returns it with its secret. It gets what happens from now on.
func (s *Sender) Create(ctx context.Context, e Endpoint) (*Endpoint, secret.Text, error) {
	if len(e.Tenants) == 0 {
		e.Tenants = []string{tenant.Default}
	}
	if err := s.check(&e); err != nil {
		return nil, "", err
	}
	if all, err := s.List(ctx); err != nil {
		return nil, "", err
	} else if len(all) >= mostEndpoints {
		return nil, "", invalid("there are %d endpoints, as many as there may be", mostEndpoints)
	}
	var err error
	if e.from, err = s.c.Audit.Last(ctx); err != nil {
		return nil, "", err
	}
	now := s.now()
	e.ID, e.CreatedAt, e.UpdatedAt, e.version = idPrefix+id.New(now), now, now, 1
	e.Enabled, e.DisabledReason = true, ""
	e.secret, e.old, e.until = newSecret(), "", time.Time{}
	d, err := e.document(s.c.Keys)
	if err != nil {
		return nil, "", fmt.Errorf("webhook: %w", err)
	}
	err = s.change(ctx, Changed{WebhookID: e.ID, Change: "created"}, func(ctx context.Context) error { return s.c.Documents.InsertDocument(ctx, d) })
	if err != nil {
		return nil, "", err
	}
	return &e, e.secret, nil
}

// Endpoint returns an endpoint, or ErrNoEndpoint.
func (s *Sender) Endpoint(ctx context.Context, id string) (*Endpoint, error) {
	d, err := s.c.Documents.Document(ctx, endpointKind, id)
	if errors.Is(err, document.ErrNone) {
		return nil, ErrNoEndpoint
	}
	if err != nil {
		return nil, err
	}
	return s.endpointOf(d)
}

// List lists all endpoints, by ID.
func (s *Sender) List(ctx context.Context) ([]*Endpoint, error) {
	found, err := s.c.Documents.Documents(ctx, document.Filter{Kind: endpointKind, AllTenants: true, Limit: mostEndpoints})
	if err != nil {
		return nil, err
	}
	list := make([]*Endpoint, len(found))
	for i, d := range found {
		if list[i], err = s.endpointOf(d); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Update changes an endpoint as change says, which may be called again: its URL, Events,
// Tenants and Enabled. It returns ErrNoEndpoint, and what change returns.
func (s *Sender) Update(ctx context.Context, id string, change func(*Endpoint) error) (*Endpoint, error) {
	return s.update(ctx, id, "updated", change)
}

func (s *Sender) update(ctx context.Context, id, what string, change func(*Endpoint) error) (*Endpoint, error) {
	for {
		e, err := s.Endpoint(ctx, id)
		if err != nil {
			return nil, err
		}
		enabled := e.Enabled
		if err := change(e); err != nil {
			return nil, err
		}
		if err := s.check(e); err != nil {
			return nil, err
		}
		if e.Enabled && !enabled {
			e.DisabledReason = ""
		}
		e.UpdatedAt = s.now()
		d, err := e.document(s.c.Keys)
		if err != nil {
			return nil, fmt.Errorf("webhook: %w", err)
		}
		err = s.change(ctx, Changed{WebhookID: id, Change: what, Reason: e.DisabledReason}, func(ctx context.Context) error { return s.c.Documents.UpdateDocument(ctx, d) })
		if !errors.Is(err, document.ErrStale) {
			return e, err
		}
	}
}

// Rotate gives an endpoint another secret. For 24 hours deliveries are signed with both.
func (s *Sender) Rotate(ctx context.Context, id string) (text secret.Text, err error) {
	_, err = s.update(ctx, id, "secret_rotated", func(e *Endpoint) error {
		text = newSecret()
		e.old, e.until, e.secret = e.secret, s.now().Add(oldSecretFor), text
		return nil
	})
	return text, err
}

// Delete deletes an endpoint with what waits for it, or returns ErrNoEndpoint.
func (s *Sender) Delete(ctx context.Context, id string) error {
	err := s.change(ctx, Changed{WebhookID: id, Change: "deleted"}, func(ctx context.Context) error { return s.c.Documents.DeleteDocument(ctx, endpointKind, id) })
	if errors.Is(err, document.ErrNone) {
		return ErrNoEndpoint
	}
	return err
}
