package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/document"
	"github.com/gosocial/social/vault"
)

// Documents tests the contract document.Store on the stores that open returns; open closes
// them with t.Cleanup. Transactions are tested where a store is a vault.Transactor.
func Documents(t *testing.T, open func(t *testing.T) document.Store) {
	runParts(t, open, []part[document.Store]{
		{"Document comes back whole", documentComesBack},
		{"Kinds and IDs are compared exactly", documentIsExact},
		{"One of 20 inserts wins", oneDocumentWins},
		{"Update compares and swaps", documentSwaps},
		{"One of 20 updates wins", oneDocumentUpdateWins},
		{"Delete happens once", documentIsDeletedOnce},
		{"Lists", documentsAreListed},
		{"Due documents", documentsAreDue},
		{"Ended contexts", documentEndedContexts},
		{"Transactions", documentTransactions},
	})
}

func newDocument(kind string) document.Document {
	return document.Document{Kind: kind, ID: name("document"), Tenant: "acme", Owner: name("owner"), Due: at.Add(time.Hour),
		Body: []byte("{\"a\":\"\x00\xff\"}"), Version: 1, CreatedAt: at, UpdatedAt: at.Add(time.Second)}
}

func wantDocument(t *testing.T, s document.Store, want document.Document) {
	t.Helper()
	got, err := s.Document(t.Context(), want.Kind, want.ID)
	must(t, err)
	same(t, "document", got, want)
}

func documentComesBack(t *testing.T, s document.Store) {
	ctx := t.Context()
	kind := name("kind")
	d := newDocument(kind)
	d.Body = []byte(odd["16 KB"] + odd["unicode"])
	inserted := d
	inserted.Version = 77 // does not count
	must(t, s.InsertDocument(ctx, inserted))
	for i := range inserted.Body {
		inserted.Body[i] = 'x' // the store has a copy
	}
	d.Body = []byte(odd["16 KB"] + odd["unicode"])
	wantDocument(t, s, d)

	bare := document.Document{Kind: kind, ID: name("document"), CreatedAt: at, UpdatedAt: at}
	must(t, s.InsertDocument(ctx, bare))
	bare.Version = 1
	wantDocument(t, s, bare)

	_, err := s.Document(ctx, kind, name("nothing"))
	wantError(t, err, document.ErrNone)
	_, err = s.Document(ctx, name("kind"), d.ID)
	wantError(t, err, document.ErrNone)
}

func documentIsExact(t *testing.T, s document.Store) {
	ctx := t.Context()
	kind, id := name("kind"), name("id")
	for _, k := range []string{kind, kind + " ", kind + "é", "K" + kind[1:]} {
		for _, i := range []string{id, id + " ", id + "é", "I" + id[1:]} {
			d := newDocument(k)
			d.ID, d.Tenant, d.Owner, d.Body = i, i, i, []byte(k+i)
			must(t, s.InsertDocument(ctx, d))
		}
	}
	for _, i := range []string{id, id + " ", id + "é", "I" + id[1:]} {
		list, err := s.Documents(ctx, document.Filter{Kind: kind, Tenant: i, Owner: i, Limit: 10})
		must(t, err)
		if len(list) != 1 || list[0].ID != i || string(list[0].Body) != kind+i {
			t.Errorf("tenant and owner %q list %d documents", i, len(list))
		}
	}
}

func oneDocumentWins(t *testing.T, s document.Store) {
	d := newDocument(name("kind"))
	won(t, race(20, func(int) error { return s.InsertDocument(t.Context(), d) }), document.ErrTaken)
	other := d
	other.Tenant = "other"
	wantError(t, s.InsertDocument(t.Context(), other), document.ErrTaken)
	wantDocument(t, s, d)
}

func documentSwaps(t *testing.T, s document.Store) {
	ctx := t.Context()
	d, other := newDocument(name("kind")), newDocument(name("kind"))
	must(t, s.InsertDocument(ctx, d))
	must(t, s.InsertDocument(ctx, other))
	next := d
	next.Tenant, next.CreatedAt = "elsewhere", at.Add(-time.Hour) // stay as they are
	next.Owner, next.Due, next.Body, next.UpdatedAt = name("owner"), time.Time{}, []byte("next"), at.Add(time.Minute)
	must(t, s.UpdateDocument(ctx, next))
	want := next
	want.Tenant, want.CreatedAt, want.Version = d.Tenant, d.CreatedAt, 2
	wantDocument(t, s, want)
	wantError(t, s.UpdateDocument(ctx, next), document.ErrStale)
	wantDocument(t, s, want)
	wantDocument(t, s, other)
	missing := newDocument(name("kind"))
	wantError(t, s.UpdateDocument(ctx, missing), document.ErrStale)
	must(t, s.UpdateDocument(ctx, want)) // it counts, though nothing else changes
	want.Version = 3
	wantDocument(t, s, want)
}

func oneDocumentUpdateWins(t *testing.T, s document.Store) {
	d := newDocument(name("kind"))
	must(t, s.InsertDocument(t.Context(), d))
	won(t, race(20, func(i int) error {
		next := d
		next.Body = []byte{byte(i)}
		return s.UpdateDocument(t.Context(), next)
	}), document.ErrStale)
	got, err := s.Document(t.Context(), d.Kind, d.ID)
	must(t, err)
	if got.Version != 2 {
		t.Errorf("version %d, want 2", got.Version)
	}
}

func documentIsDeletedOnce(t *testing.T, s document.Store) {
	ctx := t.Context()
	d, other := newDocument(name("kind")), newDocument(name("kind"))
	other.ID = d.ID
	must(t, s.InsertDocument(ctx, d))
	must(t, s.InsertDocument(ctx, other))
	won(t, race(20, func(int) error { return s.DeleteDocument(ctx, d.Kind, d.ID) }), document.ErrNone)
	_, err := s.Document(ctx, d.Kind, d.ID)
	wantError(t, err, document.ErrNone)
	wantDocument(t, s, other)
	must(t, s.InsertDocument(ctx, d)) // its ID is free again
}

func documentsAreListed(t *testing.T, s document.Store) {
	ctx := t.Context()
	kind, owner := name("kind"), name("owner")
	var all []document.Document
	for i, id := range []string{"a", "a ", "b", "c", "d"} {
		d := newDocument(kind)
		d.ID = kind + id
		if i >= 2 {
			d.Owner = owner
		}
		if i >= 3 {
			d.Tenant = ""
		}
		all = append(all, d)
	}
	other := newDocument(name("kind"))
	other.Owner = owner
	for _, d := range []document.Document{all[3], other, all[1], all[4], all[0], all[2]} {
		must(t, s.InsertDocument(ctx, d))
	}
	for _, tt := range []struct {
		what string
		f    document.Filter
		want []document.Document
	}{
		{"a tenant", document.Filter{Tenant: "acme", Limit: 10}, all[:3]},
		{"the default tenant", document.Filter{Limit: 10}, all[3:]},
		{"all tenants", document.Filter{AllTenants: true, Tenant: "acme", Limit: 10}, all},
		{"an owner", document.Filter{Tenant: "acme", Owner: owner, Limit: 10}, all[2:3]},
		{"an owner in all tenants", document.Filter{AllTenants: true, Owner: owner, Limit: 10}, all[2:]},
		{"a page", document.Filter{AllTenants: true, Limit: 2}, all[:2]},
		{"the next page", document.Filter{AllTenants: true, After: all[1].ID, Limit: 2}, all[2:4]},
		{"the last page", document.Filter{AllTenants: true, After: all[3].ID, Limit: 2}, all[4:]},
		{"after the last one", document.Filter{AllTenants: true, After: all[4].ID, Limit: 2}, nil},
		{"another tenant", document.Filter{Tenant: name("tenant"), Limit: 10}, nil},
		{"no limit", document.Filter{AllTenants: true}, nil},
		{"a negative limit", document.Filter{AllTenants: true, Limit: -1}, nil},
	} {
		tt.f.Kind = kind
		got, err := s.Documents(ctx, tt.f)
		must(t, err)
		same(t, tt.what, got, tt.want)
	}
}

func documentsAreDue(t *testing.T, s document.Store) {
	ctx := t.Context()
	kind := name("kind")
	second, first, later, never, other := newDocument(kind), newDocument(kind), newDocument(kind), newDocument(kind), newDocument(name("kind"))
	first.Due, first.Tenant = at.Add(-time.Minute), ""
	second.Due, other.Due = at, at
	later.Due = at.Add(time.Millisecond)
	never.Due = time.Time{}
	for _, d := range []document.Document{second, never, later, other, first} {
		must(t, s.InsertDocument(ctx, d))
	}
	due := func(now time.Time, limit int, want ...document.Document) {
		t.Helper()
		got, err := s.DueDocuments(ctx, kind, now, limit)
		must(t, err)
		same(t, "due documents", got, want)
	}
	due(at, 10, first, second)
	due(at, 1, first)
	due(at.Add(time.Second), 10, first, second, later)
	due(at.Add(-time.Hour), 10)
	due(at, 0)
	due(at, -1)
	first.Due = at.Add(time.Hour)
	must(t, s.UpdateDocument(ctx, first))
	first.Version = 2
	due(at.Add(time.Minute), 10, second, later)
	due(at.Add(time.Hour), 10, second, later, first)
}

func documentEndedContexts(t *testing.T, s document.Store) {
	d := newDocument(name("kind"))
	must(t, s.InsertDocument(t.Context(), d))
	other := newDocument(d.Kind)
	for what, call := range map[string]func(context.Context) error{
		"InsertDocument": func(ctx context.Context) error { return s.InsertDocument(ctx, other) },
		"Document":       func(ctx context.Context) error { _, err := s.Document(ctx, d.Kind, d.ID); return err },
		"Documents": func(ctx context.Context) error {
			_, err := s.Documents(ctx, document.Filter{Kind: d.Kind, Limit: 1})
			return err
		},
		"DueDocuments":   func(ctx context.Context) error { _, err := s.DueDocuments(ctx, d.Kind, at, 1); return err },
		"UpdateDocument": func(ctx context.Context) error { return s.UpdateDocument(ctx, d) },
		"DeleteDocument": func(ctx context.Context) error { return s.DeleteDocument(ctx, d.Kind, d.ID) },
	} {
		ended(t, what, call)
	}
	wantDocument(t, s, d)
	_, err := s.Document(t.Context(), other.Kind, other.ID)
	wantError(t, err, document.ErrNone)
}

func documentTransactions(t *testing.T, s document.Store) {
	tx, ok := s.(vault.Transactor)
	if !ok {
		t.Skip("the store is no vault.Transactor")
	}
	kept, undone, deleted := newDocument(name("kind")), newDocument(name("kind")), newDocument(name("kind"))
	must(t, s.InsertDocument(t.Context(), deleted))
	failure := errors.New("undo this")
	err := tx.InTx(t.Context(), func(ctx context.Context) error {
		must(t, s.InsertDocument(ctx, undone))
		must(t, s.DeleteDocument(ctx, deleted.Kind, deleted.ID))
		if _, err := s.Document(ctx, undone.Kind, undone.ID); err != nil {
			t.Errorf("its own document: %v", err)
		}
		return failure
	})
	wantError(t, err, failure)
	_, err = s.Document(t.Context(), undone.Kind, undone.ID)
	wantError(t, err, document.ErrNone)
	wantDocument(t, s, deleted)

	// After what the contract names, a transaction goes on.
	must(t, tx.InTx(t.Context(), func(ctx context.Context) error {
		wantError(t, s.InsertDocument(ctx, deleted), document.ErrTaken)
		wantError(t, s.UpdateDocument(ctx, undone), document.ErrStale)
		wantError(t, s.DeleteDocument(ctx, undone.Kind, undone.ID), document.ErrNone)
		return s.InsertDocument(ctx, kept)
	}))
	wantDocument(t, s, kept)
}
