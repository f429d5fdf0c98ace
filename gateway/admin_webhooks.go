package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/webhook"
)

// A WebhookDocument is an endpoint of webhooks as JSON.
type WebhookDocument struct {
	ID             string    `json:"id"`
	URL            string    `json:"url"`
	Events         []string  `json:"events"`
	Tenants        []string  `json:"tenants"`
	Enabled        bool      `json:"enabled"`
	DisabledReason string    `json:"disabled_reason"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
	Secret         string    `json:"secret,omitempty"` // when it has just been made
}

// DescribeWebhook describes an endpoint, with its secret when it has just been made.
func DescribeWebhook(e *webhook.Endpoint, text secret.Text) WebhookDocument {
	return WebhookDocument{e.ID, e.URL, e.Events, e.Tenants, e.Enabled, e.DisabledReason, e.CreatedAt.UTC(), e.UpdatedAt.UTC(), text.Reveal()}
}

// A webhookForm is what makes or changes an endpoint. What is absent stays. Secret "new" asks
// for another secret.
type webhookForm struct {
	URL     *string   `json:"url"`
	Events  *[]string `json:"events"`
	Tenants *[]string `json:"tenants"`
	Enabled *bool     `json:"enabled"`
	Secret  *string   `json:"secret"`
}

func (f *webhookForm) apply(e *webhook.Endpoint) {
	if f.URL != nil {
		e.URL = *f.URL
	}
	if f.Events != nil {
		e.Events = *f.Events
	}
	if f.Tenants != nil {
		e.Tenants = *f.Tenants
	}
	if f.Enabled != nil {
		e.Enabled = *f.Enabled
	}
}

// mayHear reports whether the scopes have all tenants of an endpoint.
func mayHear(scopes Scopes, e *webhook.Endpoint) bool {
	for _, id := range e.Tenants {
		if !scopes.covers(tenantPrefix + id) {
			return false
		}
	}
	return true
}

// hook returns the endpoint that a path names, if it is within the scopes.
func (g *Gateway) hook(r *http.Request, c *caller) (*webhook.Endpoint, error) {
	e, err := g.cfg.Webhooks.Endpoint(r.Context(), r.PathValue("id"))
	if errors.Is(err, webhook.ErrNoEndpoint) || err == nil && !mayHear(c.scopes, e) {
		return nil, problemNotFound
	}
	return e, err
}

// listWebhooks answers GET /v1/webhooks.
func (g *Gateway) listWebhooks(w http.ResponseWriter, r *http.Request, c *caller) error {
	all, err := g.cfg.Webhooks.List(r.Context())
	if err != nil {
		return err
	}
	documents := []WebhookDocument{}
	for _, e := range all {
		if mayHear(c.scopes, e) {
			documents = append(documents, DescribeWebhook(e, ""))
		}
	}
	reply.JSON(w, http.StatusOK, map[string]any{"webhooks": documents, "next": ""})
	return nil
}

// createWebhook answers POST /v1/webhooks.
func (g *Gateway) createWebhook(w http.ResponseWriter, r *http.Request, c *caller) error {
	var f webhookForm
	if err := decode(w, r, &f); err != nil {
		return err
	}
	var e webhook.Endpoint
	f.apply(&e)
	if len(e.Tenants) == 0 {
		id, _ := c.scopes.onlyTenant()
		e.Tenants = []string{shownTenant(id)}
	}
	if !mayHear(c.scopes, &e) {
		return problemScopes
	}
	made, text, err := g.cfg.Webhooks.Create(r.Context(), e)
	if err != nil {
		return orInvalid(err)
	}
	reply.JSON(w, http.StatusCreated, DescribeWebhook(made, text))
	return nil
}

// showWebhook answers GET /v1/webhooks/ID.
func (g *Gateway) showWebhook(w http.ResponseWriter, r *http.Request, c *caller) error {
	e, err := g.hook(r, c)
	if err == nil {
		reply.JSON(w, http.StatusOK, DescribeWebhook(e, ""))
	}
	return err
}

// patchWebhook answers PATCH /v1/webhooks/ID.
func (g *Gateway) patchWebhook(w http.ResponseWriter, r *http.Request, c *caller) error {
	e, err := g.hook(r, c)
	if err != nil {
		return err
	}
	var f webhookForm
	if err := decode(w, r, &f); err != nil {
		return err
	}
	if f.Secret != nil && *f.Secret != "new" {
		return badRequest(`secret is not "new": the gateway makes secrets.`)
	}
	e, err = g.cfg.Webhooks.Update(r.Context(), e.ID, func(e *webhook.Endpoint) error {
		if !mayHear(c.scopes, e) {
			return problemNotFound // changed since
		}
		if f.apply(e); !mayHear(c.scopes, e) {
			return problemScopes
		}
		return nil
	})
	var text secret.Text
	if err == nil && f.Secret != nil {
		text, err = g.cfg.Webhooks.Rotate(r.Context(), e.ID)
	}
	if errors.Is(err, webhook.ErrNoEndpoint) {
		return problemNotFound
	}
	if err != nil {
		return orInvalid(err)
	}
	reply.JSON(w, http.StatusOK, DescribeWebhook(e, text))
	return nil
}

// deleteWebhook answers DELETE /v1/webhooks/ID.
func (g *Gateway) deleteWebhook(w http.ResponseWriter, r *http.Request, c *caller) error {
	e, err := g.hook(r, c)
	if err != nil {
		return err
	}
	if err := g.cfg.Webhooks.Delete(r.Context(), e.ID); errors.Is(err, webhook.ErrNoEndpoint) {
		return problemNotFound
	} else if err != nil {
		return err
	}
	noContent(w)
	return nil
}

// A DeliveryDocument is a delivery as JSON.
type DeliveryDocument struct {
	ID          string          `json:"id"`
	State       webhook.State   `json:"state"`
	EventID     string          `json:"event_id"`
	Type        string          `json:"type"`
	Event       json.RawMessage `json:"event"`
	CreatedAt   time.Time       `json:"created_at"`
	Attempts    int             `json:"attempts"`
	LastAttempt *time.Time      `json:"last_attempt"`
	LastStatus  int             `json:"last_status"`
	LastError   string          `json:"last_error"`
	NextAttempt *time.Time      `json:"next_attempt"`
}

// DescribeDelivery describes a delivery.
func DescribeDelivery(d *webhook.Delivery) DeliveryDocument {
	return DeliveryDocument{d.ID, d.State, d.EventID, d.Type, d.Event, d.CreatedAt.UTC(), d.Attempts, known(d.LastAttempt), d.LastStatus, d.LastError, known(d.NextAttempt)}
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// listDeliveries answers GET /v1/webhooks/ID/deliveries.
func (g *Gateway) listDeliveries(w http.ResponseWriter, r *http.Request, c *caller) error {
	e, err := g.hook(r, c)
	if err != nil {
		return err
	}
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	state := webhook.State(r.URL.Query().Get("state"))
	switch state {
	case webhook.Waiting, webhook.Delivered, webhook.Failed:
	case "":
		state = webhook.Failed
	default:
		return badRequest("state is not waiting, delivered or failed.")
	}
	found, err := g.cfg.Webhooks.Deliveries(r.Context(), e.ID, state, p.after, p.limit)
	if err != nil {
		return err
	}
	documents, next := make([]DeliveryDocument, len(found)), ""
	for i, d := range found {
		documents[i] = DescribeDelivery(d)
	}
	if len(found) == p.limit {
		next = found[len(found)-1].ID
	}
	reply.JSON(w, http.StatusOK, map[string]any{"deliveries": documents, "next": next})
	return nil
}

// redeliver answers POST /v1/webhooks/ID/redeliver: one delivery, or all that have failed.
func (g *Gateway) redeliver(w http.ResponseWriter, r *http.Request, c *caller) error {
	e, err := g.hook(r, c)
	if err != nil {
		return err
	}
	var f redeliverForm
	if r.ContentLength != 0 {
		if err := decode(w, r, &f); err != nil {
			return err
		}
	}
	count := 0
	if f.Delivery != "" {
		if err := g.cfg.Webhooks.Redeliver(r.Context(), e.ID, f.Delivery); errors.Is(err, webhook.ErrNoDelivery) {
			return problemNotFound
		} else if err != nil {
			return err
		}
		count = 1
	} else if count, err = g.cfg.Webhooks.RedeliverFailed(r.Context(), e.ID); err != nil {
		return err
	}
	reply.JSON(w, http.StatusOK, redelivered{count})
	return nil
}

// orInvalid makes what package webhook says of what someone has entered a problem.
func orInvalid(err error) error {
	var bad *webhook.InvalidError
	if errors.As(err, &bad) {
		return invalid(err)
	}
	return err
}
