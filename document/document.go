// Package document keeps small texts, such as what an administrator has set up, in the
// application's database: machine clients, tenants, provider applications, webhooks. Each
// owner lays out its own documents, usually as JSON, and seals the secrets in them with
// package keyring: stores see no secret.
package document

import (
	"context"
	"errors"
	"time"
)

// Errors that a Store returns, to be tested with errors.Is.
var (
	// ErrNone: there is no such document.
	ErrNone = errors.New("document: no such document")
	// ErrTaken: there is a document with this kind and ID.
	ErrTaken = errors.New("document: the ID is taken")
	// ErrStale: the document has changed since it was read, or is gone.
	ErrStale = errors.New("document: it has changed since it was read")
)

// A Document is one text.
type Document struct {
	// Kind and ID identify it. A kind is a word that no other package uses, such as
	// "client". Both have 1 to 255 bytes.
	Kind, ID string
	// Tenant is whose document it is, "" for the default tenant. It never changes.
	Tenant string
	// Owner is what documents are listed by, such as the webhook of a delivery or the user of
	// a connect link; "" for none. At most 255 bytes.
	Owner string
	// Due is when there is something to do for it; zero means never.
	Due  time.Time
	Body []byte
	// Version counts the changes, from 1 on.
	Version              int64
	CreatedAt, UpdatedAt time.Time
}

// A Filter selects documents of a kind. Each field that is not empty has to match; without
// Tenant and AllTenants those of the default tenant are selected.
type Filter struct {
	Kind       string
	Tenant     string
	AllTenants bool // instead of Tenant
	Owner      string

	// After is the ID after which the list begins, "" for the first one.
	After string
	// Limit is how many are listed at most. 0 or below lists none.
	Limit int
}

// A Store keeps documents. *sqlstore.Store is one; package storetest tests another. All
// methods are safe for concurrent use, by several processes too, and times keep at least
// milliseconds. A method that is called with a context of a transaction of the same store
// is part of that transaction.
type Store interface {
	// InsertDocument adds a document with Version 1. ErrTaken when there is one with its
	// kind and ID; of parallel calls one succeeds.
	InsertDocument(ctx context.Context, d Document) error

	// Document returns one, of any tenant, or ErrNone.
	Document(ctx context.Context, kind, id string) (Document, error)

	// Documents lists what the filter selects, by ID.
	Documents(ctx context.Context, f Filter) ([]Document, error)

	// DueDocuments lists up to limit documents of a kind and of all tenants whose Due is at
	// or before now, by Due and ID. A limit of 0 or below lists none.
	DueDocuments(ctx context.Context, kind string, now time.Time, limit int) ([]Document, error)

	// UpdateDocument writes Owner, Due, Body and UpdatedAt if the document still has
	// d.Version; it then has d.Version+1. ErrStale when it has not, or is gone.
	UpdateDocument(ctx context.Context, d Document) error

	// DeleteDocument deletes one, or returns ErrNone: of parallel calls one succeeds.
	DeleteDocument(ctx context.Context, kind, id string) error
}
