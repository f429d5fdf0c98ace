package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/secret"
)

// ErrNoClient: there is no such client.
var ErrNoClient = errors.New("gateway: no such client")

const (
	clientKind   = "gateway_client"
	longestID    = 255
	longestName  = 100 // characters
	mostSecrets  = 2
	mostKeys     = 10
	secretPrefix = "gsc_"
	idPrefix     = "client_"
)

// A Client is a program that calls the gateway. It authenticates itself by a secret, or by
// a key of its own.
type Client struct {
	ID     string
	Name   string // for people
	Scopes Scopes
	// Keys are the client's public keys, for private_key_jwt (RFC 7523) and for its
	// assertions of who a user is.
	Keys []jose.JSONWebKey
	// Policy is what the client may call through the proxy, by provider: of a provider that
	// it does not name, anything.
	Policy map[string]Policy
	// Secrets is how many secrets are valid: two while one is replaced.
	Secrets              int
	CreatedAt, UpdatedAt time.Time

	version int64
	hashes  [][]byte
}

// A Policy bounds what is called. An empty list allows everything.
type Policy struct {
	Methods []string `json:"methods,omitempty"`
	Paths   []string `json:"paths,omitempty"` // prefixes, each with the / that it begins with
}

// clientBody is a client in its document.
type clientBody struct {
	Name   string            `json:"name"`
	Scopes string            `json:"scopes"`
	Hashes [][]byte          `json:"hashes,omitempty"` // SHA-256 of the secrets, the newest first
	Keys   []jose.JSONWebKey `json:"keys,omitempty"`
	Policy map[string]Policy `json:"policy,omitempty"`
}

func (c *Client) document() (document.Document, error) {
	body, err := json.Marshal(clientBody{c.Name, c.Scopes.String(), c.hashes, c.Keys, c.Policy})
	return document.Document{Kind: clientKind, ID: c.ID, Body: body, Version: c.version, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}, err
}

func clientOf(d document.Document) (*Client, error) {
	var b clientBody
	if err := json.Unmarshal(d.Body, &b); err != nil {
		return nil, fmt.Errorf("gateway: client %s: %w", d.ID, err)
	}
	scopes, err := ParseScopes(b.Scopes)
	if err != nil {
		return nil, fmt.Errorf("client %s: %w", d.ID, err)
	}
	return &Client{ID: d.ID, Name: b.Name, Scopes: scopes, Keys: b.Keys, Policy: b.Policy, Secrets: len(b.Hashes),
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, version: d.Version, hashes: b.Hashes}, nil
}

// check checks what people enter.
func (c *Client) check() error {
	c.Name = strings.TrimSpace(c.Name)
	switch {
	case c.Name == "":
		return errors.New("gateway: a client needs a name")
	case utf8.RuneCountInString(c.Name) > longestName:
		return fmt.Errorf("gateway: the name of a client has at most %d characters", longestName)
	case !utf8.ValidString(c.Name) || strings.ContainsFunc(c.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("gateway: the name of a client has characters that cannot be printed")
	case len(c.Keys) > mostKeys:
		return fmt.Errorf("gateway: a client has at most %d keys", mostKeys)
	}
	if err := checkPolicy(c.Policy); err != nil {
		return err
	}
	for i := range c.Keys {
		if !c.Keys[i].Valid() || !c.Keys[i].IsPublic() {
			return errors.New("gateway: a key of a client is not a public key: private keys stay with the client")
		}
	}
	var err error
	c.Scopes, err = ParseScopes(c.Scopes.String())
	return err
}

// CreateClient makes a client of a name, scopes, keys and policy, and returns it with a secret,
// which cannot be read again. A client that has keys gets no secret.
func (g *Gateway) CreateClient(ctx context.Context, c Client) (*Client, secret.Text, error) {
	if err := c.check(); err != nil {
		return nil, "", err
	}
	now := g.now()
	c.ID, c.CreatedAt, c.UpdatedAt, c.version, c.hashes = idPrefix+id.New(now), now, now, 1, nil
	var text secret.Text
	if len(c.Keys) == 0 {
		text = c.addSecret()
	}
	d, err := c.document()
	if err != nil {
		return nil, "", fmt.Errorf("gateway: %w", err)
	}
	err = g.change(ctx, ClientChanged{c.ID, "created"}, func(ctx context.Context) error { return g.documents.InsertDocument(ctx, d) })
	if err != nil {
		return nil, "", err
	}
	return &c, text, nil
}

// addSecret adds a secret, and keeps the newest of the others.
func (c *Client) addSecret() secret.Text {
	text := secretPrefix + rand.Text() + rand.Text() // 256 bits
	hash := sha256.Sum256([]byte(text))
	c.hashes = slices.Insert(c.hashes, 0, hash[:])
	c.hashes = c.hashes[:min(len(c.hashes), mostSecrets)]
	c.Secrets = len(c.hashes)
	return secret.Text(text)
}

// hasSecret reports whether a text is one of the client's secrets. For no client, c is nil.
func (c *Client) hasSecret(text string) bool {
	hash := sha256.Sum256([]byte(text))
	found := 0
	if c != nil {
		for _, h := range c.hashes {
			found |= subtle.ConstantTimeCompare(h, hash[:])
		}
	}
	return found == 1
}

// Client returns a client, or ErrNoClient.
func (g *Gateway) Client(ctx context.Context, id string) (*Client, error) {
	d, err := g.documents.Document(ctx, clientKind, id)
	if errors.Is(err, document.ErrNone) {
		return nil, ErrNoClient
	}
	if err != nil {
		return nil, err
	}
	return clientOf(d)
}

// Clients lists up to limit clients whose ID follows after, by ID.
func (g *Gateway) Clients(ctx context.Context, after string, limit int) ([]*Client, error) {
	found, err := g.documents.Documents(ctx, document.Filter{Kind: clientKind, AllTenants: true, After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	clients := make([]*Client, len(found))
	for i, d := range found {
		if clients[i], err = clientOf(d); err != nil {
			return nil, err
		}
	}
	return clients, nil
}

// UpdateClient changes a client as change says, which may be called again. What it may change
// are Name, Scopes, Keys and Policy. It returns ErrNoClient, and what change returns.
func (g *Gateway) UpdateClient(ctx context.Context, id string, change func(*Client) error) (*Client, error) {
	return g.updateClient(ctx, id, "updated", change)
}

// AddSecret gives a client a new secret. The newest of its secrets stays valid beside it until
// RetireSecret, so that programs can change over one by one.
func (g *Gateway) AddSecret(ctx context.Context, id string) (text secret.Text, err error) {
	_, err = g.updateClient(ctx, id, "secret_added", func(c *Client) error {
		text = c.addSecret()
		return nil
	})
	return text, err
}

// RetireSecret ends all secrets of a client but the newest one.
func (g *Gateway) RetireSecret(ctx context.Context, id string) error {
	_, err := g.updateClient(ctx, id, "secret_retired", func(c *Client) error {
		c.hashes = c.hashes[:min(len(c.hashes), 1)]
		c.Secrets = len(c.hashes)
		return nil
	})
	return err
}

func (g *Gateway) updateClient(ctx context.Context, id, what string, change func(*Client) error) (*Client, error) {
	for {
		c, err := g.Client(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := change(c); err != nil {
			return nil, err
		}
		if err := c.check(); err != nil {
			return nil, err
		}
		c.UpdatedAt = g.now()
		d, err := c.document()
		if err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
		err = g.change(ctx, ClientChanged{c.ID, what}, func(ctx context.Context) error { return g.documents.UpdateDocument(ctx, d) })
		if errors.Is(err, document.ErrStale) {
			continue // another call has changed it, or it is gone
		}
		g.clients.forget(id)
		return c, err
	}
}

// DeleteClient deletes a client, whose tokens end within MaxStale, or returns ErrNoClient.
func (g *Gateway) DeleteClient(ctx context.Context, id string) error {
	err := g.change(ctx, ClientChanged{id, "deleted"}, func(ctx context.Context) error { return g.documents.DeleteDocument(ctx, clientKind, id) })
	if errors.Is(err, document.ErrNone) {
		return ErrNoClient
	}
	g.clients.forget(id)
	return err
}
