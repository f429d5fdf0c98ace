// Package memstore keeps documents in memory, for tests and experiments.
package memstore

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/memory"
)

// A Store is a document.Store in memory. It is safe for concurrent use.
type Store struct {
	lock memory.Lock
	all  map[key]document.Document
}

type key struct{ kind, id string }

var _ document.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store { return &Store{all: map[key]document.Document{}} }

// begin takes the lock, unless ctx has ended.
func (s *Store) begin(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.lock.Lock(ctx), nil
}

// InsertDocument implements document.Store.
func (s *Store) InsertDocument(ctx context.Context, d document.Document) error {
	unlock, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	k := key{d.Kind, d.ID}
	if _, taken := s.all[k]; taken {
		return document.ErrTaken
	}
	d.Version, d.Body = 1, bytes.Clone(d.Body)
	s.all[k] = d
	return nil
}

// Document implements document.Store.
func (s *Store) Document(ctx context.Context, kind, id string) (document.Document, error) {
	unlock, err := s.begin(ctx)
	if err != nil {
		return document.Document{}, err
	}
	defer unlock()
	d, ok := s.all[key{kind, id}]
	if !ok {
		return document.Document{}, document.ErrNone
	}
	d.Body = bytes.Clone(d.Body)
	return d, nil
}

// Documents implements document.Store.
func (s *Store) Documents(ctx context.Context, f document.Filter) ([]document.Document, error) {
	return s.list(ctx, f.Limit, func(d document.Document) bool {
		return d.Kind == f.Kind && (f.AllTenants || d.Tenant == f.Tenant) && (f.Owner == "" || d.Owner == f.Owner) && d.ID > f.After
	}, byID)
}

// DueDocuments implements document.Store.
func (s *Store) DueDocuments(ctx context.Context, kind string, now time.Time, limit int) ([]document.Document, error) {
	return s.list(ctx, limit, func(d document.Document) bool {
		return d.Kind == kind && !d.Due.IsZero() && !d.Due.After(now)
	}, func(a, b document.Document) int { return cmp.Or(a.Due.Compare(b.Due), byID(a, b)) })
}

func byID(a, b document.Document) int { return cmp.Compare(a.ID, b.ID) }

func (s *Store) list(ctx context.Context, limit int, selects func(document.Document) bool, order func(a, b document.Document) int) ([]document.Document, error) {
	unlock, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var found []document.Document
	for _, d := range s.all {
		if selects(d) {
			found = append(found, d)
		}
	}
	slices.SortFunc(found, order)
	found = found[:min(len(found), max(limit, 0))]
	for i := range found {
		found[i].Body = bytes.Clone(found[i].Body)
	}
	return found, nil
}

// UpdateDocument implements document.Store.
func (s *Store) UpdateDocument(ctx context.Context, d document.Document) error {
	unlock, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	k := key{d.Kind, d.ID}
	old, ok := s.all[k]
	if !ok || old.Version != d.Version {
		return document.ErrStale
	}
	old.Owner, old.Due, old.Body, old.UpdatedAt = d.Owner, d.Due, bytes.Clone(d.Body), d.UpdatedAt
	old.Version++
	s.all[k] = old
	return nil
}

// DeleteDocument implements document.Store.
func (s *Store) DeleteDocument(ctx context.Context, kind, id string) error {
	unlock, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	k := key{kind, id}
	if _, ok := s.all[k]; !ok {
		return document.ErrNone
	}
	delete(s.all, k)
	return nil
}

// InTx implements vault.Transactor. One transaction runs at a time; a call with another
// context waits until it ends.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return s.lock.InTx(ctx, s.save, f)
}

func (s *Store) save() (restore func()) {
	all := maps.Clone(s.all)
	return func() { s.all = all }
}
