package gateway

import (
	"errors"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

// A ClientDocument is a client as JSON.
type ClientDocument struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Scopes    []string          `json:"scopes"`
	Keys      []jose.JSONWebKey `json:"keys"`
	Policy    map[string]Policy `json:"policy"`
	Secrets   int               `json:"secrets"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	Secret    string            `json:"secret,omitempty"` // when it has just been made
}

// DescribeClient describes a client, with its secret when it has just been made.
func DescribeClient(c *Client, text secret.Text) ClientDocument {
	d := ClientDocument{c.ID, c.Name, append([]string{}, c.Scopes...), append([]jose.JSONWebKey{}, c.Keys...), c.Policy, c.Secrets,
		c.CreatedAt.UTC(), c.UpdatedAt.UTC(), text.Reveal()}
	if d.Policy == nil {
		d.Policy = map[string]Policy{}
	}
	return d
}

// A clientForm is what makes or changes a client. What is absent stays.
type clientForm struct {
	Name   *string             `json:"name"`
	Scopes *[]string           `json:"scopes"`
	JWKS   *jose.JSONWebKeySet `json:"jwks"`
	Policy *map[string]Policy  `json:"policy"`
}

func (f *clientForm) apply(c *Client) {
	if f.Name != nil {
		c.Name = *f.Name
	}
	if f.Scopes != nil {
		c.Scopes = *f.Scopes
	}
	if f.JWKS != nil {
		c.Keys = f.JWKS.Keys
	}
	if f.Policy != nil {
		c.Policy = *f.Policy
	}
}

// problemScopes: a client is to have more than who makes it.
var problemScopes = &problem{status: http.StatusForbidden, code: "scopes_exceeded", detail: "A client can be given no more scopes than the one that makes it has."}

// within returns a client that is within the caller's scopes, or problemNotFound.
func (g *Gateway) within(r *http.Request, c *caller) (*Client, error) {
	found, err := g.Client(r.Context(), r.PathValue("id"))
	if errors.Is(err, ErrNoClient) || err == nil && !c.scopes.Contains(found.Scopes) {
		return nil, problemNotFound
	}
	return found, err
}

// listClients answers GET /v1/clients.
func (g *Gateway) listClients(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	documents, next := []ClientDocument{}, ""
	for after := p.after; ; {
		found, err := g.Clients(r.Context(), after, p.limit)
		if err != nil {
			return err
		}
		for _, client := range found {
			after = client.ID
			if c.scopes.Contains(client.Scopes) {
				documents = append(documents, DescribeClient(client, ""))
			}
			if len(documents) == p.limit {
				break
			}
		}
		if len(documents) == p.limit {
			next = after
		}
		if len(documents) == p.limit || len(found) < p.limit {
			break
		}
	}
	reply.JSON(w, http.StatusOK, map[string]any{"clients": documents, "next": next})
	return nil
}

// createClient answers POST /v1/clients.
func (g *Gateway) createClient(w http.ResponseWriter, r *http.Request, c *caller) error {
	var f clientForm
	if err := decode(w, r, &f); err != nil {
		return err
	}
	var client Client
	f.apply(&client)
	if err := client.check(); err != nil {
		return invalid(err)
	}
	if !c.scopes.Contains(client.Scopes) {
		return problemScopes
	}
	made, text, err := g.CreateClient(r.Context(), client)
	if err != nil {
		return err
	}
	reply.JSON(w, http.StatusCreated, DescribeClient(made, text))
	return nil
}

// showClient answers GET /v1/clients/ID.
func (g *Gateway) showClient(w http.ResponseWriter, r *http.Request, c *caller) error {
	found, err := g.within(r, c)
	if err == nil {
		reply.JSON(w, http.StatusOK, DescribeClient(found, ""))
	}
	return err
}

// patchClient answers PATCH /v1/clients/ID.
func (g *Gateway) patchClient(w http.ResponseWriter, r *http.Request, c *caller) error {
	if _, err := g.within(r, c); err != nil {
		return err
	}
	var f clientForm
	if err := decode(w, r, &f); err != nil {
		return err
	}
	changed, err := g.UpdateClient(r.Context(), r.PathValue("id"), func(client *Client) error {
		if !c.scopes.Contains(client.Scopes) {
			return problemNotFound // changed since
		}
		f.apply(client)
		if err := client.check(); err != nil {
			return invalid(err)
		}
		if !c.scopes.Contains(client.Scopes) {
			return problemScopes
		}
		return nil
	})
	if errors.Is(err, ErrNoClient) {
		return problemNotFound
	}
	if err == nil {
		reply.JSON(w, http.StatusOK, DescribeClient(changed, ""))
	}
	return err
}

// deleteClient answers DELETE /v1/clients/ID.
func (g *Gateway) deleteClient(w http.ResponseWriter, r *http.Request, c *caller) error {
	found, err := g.within(r, c)
	if err != nil {
		return err
	}
	if err := g.DeleteClient(r.Context(), found.ID); errors.Is(err, ErrNoClient) {
		return problemNotFound
	} else if err != nil {
		return err
	}
	noContent(w)
	return nil
}

// addSecret answers POST /v1/clients/ID/secrets.
func (g *Gateway) addSecret(w http.ResponseWriter, r *http.Request, c *caller) error {
	found, err := g.within(r, c)
	if err != nil {
		return err
	}
	text, err := g.AddSecret(r.Context(), found.ID)
	return g.withSecret(w, r, found.ID, text, http.StatusCreated, err)
}

// retireSecret answers DELETE /v1/clients/ID/secrets, which ends all but the newest one.
func (g *Gateway) retireSecret(w http.ResponseWriter, r *http.Request, c *caller) error {
	found, err := g.within(r, c)
	if err != nil {
		return err
	}
	return g.withSecret(w, r, found.ID, "", http.StatusOK, g.RetireSecret(r.Context(), found.ID))
}

func (g *Gateway) withSecret(w http.ResponseWriter, r *http.Request, id string, text secret.Text, status int, err error) error {
	var c *Client
	if err == nil {
		c, err = g.Client(r.Context(), id)
	}
	if errors.Is(err, ErrNoClient) {
		return problemNotFound
	}
	if err == nil {
		reply.JSON(w, status, DescribeClient(c, text))
	}
	return err
}

func noContent(w http.ResponseWriter) {
	reply.NoStore(w.Header())
	w.WriteHeader(http.StatusNoContent)
}
