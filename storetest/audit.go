package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/vault"
)

// Audit tests the contract audit.Store on the stores that open returns; open closes them
// with t.Cleanup. Where a store is a vault.Transactor, it tests that rows are written with
// transactions, and that none is left out while they overlap.
func Audit(t *testing.T, open func(t *testing.T) audit.Store) {
	runParts(t, open, []part[audit.Store]{
		{"Rows come back whole", auditComesBack},
		{"Rows are listed, the last one first", auditIsListed},
		{"Rows stay in their tenant", auditStaysInItsTenant},
		{"Old rows are deleted", auditIsDeleted},
		{"Rows are read in one order", auditIsOrdered},
		{"Ended contexts", auditEndedContexts},
		{"Rows belong to transactions", inTransactions(auditTransactions)},
		{"No row is left out while transactions overlap", inTransactions(auditOverlaps)},
		{"Each row is read once by each reader", inTransactions(auditReaders)},
	})
}

func inTransactions(run func(*testing.T, audit.Store, vault.Transactor)) func(*testing.T, audit.Store) {
	return func(t *testing.T, s audit.Store) {
		tx, ok := s.(vault.Transactor)
		if !ok {
			t.Skip("the store is no vault.Transactor")
		}
		run(t, s, tx)
	}
}

func newEntry(tenant string, at time.Time) audit.Entry {
	return audit.Entry{
		ID: audit.NewID(at), Tenant: tenant, At: at, Event: "user_logged_in", UserID: "7",
		Actor: audit.Actor{Kind: audit.ActorUser, ID: "7"}, Details: json.RawMessage(`{}`),
	}
}

// put adds rows.
func put(t *testing.T, s audit.Store, entries ...audit.Entry) {
	t.Helper()
	for _, e := range entries {
		must(t, s.InsertAudit(t.Context(), e))
	}
}

// wantAudit checks what a filter lists. Positions do not count: they depend on others.
func wantAudit(t *testing.T, what string, s audit.Store, f audit.Filter, want ...audit.Entry) {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	got, err := s.ListAudit(t.Context(), f)
	must(t, err)
	for i := range got {
		got[i].Position = 0
	}
	same(t, what, got, want)
}

func auditComesBack(t *testing.T, s audit.Store) {
	for what, text := range odd {
		tenant := name("tenant") + clipped(text)
		e := newEntry(tenant, at)
		e.UserID, e.Event, e.Actor.ID, e.Provider, e.ConnectionID, e.Address, e.UserAgent = clipped(text), clipped(text), text, text, text, text, text
		details, err := json.Marshal(map[string]string{"text": text})
		must(t, err)
		e.Details = details
		put(t, s, e)
		wantAudit(t, what, s, audit.Filter{Tenant: tenant}, e)
		if err := s.InsertAudit(t.Context(), e); err == nil {
			t.Error("two rows have one ID")
		}
	}
}

func auditIsListed(t *testing.T, s audit.Store) {
	tenant := name("tenant")
	var all []audit.Entry // the last one first
	for i := range 6 {
		e := newEntry(tenant, at.Add(time.Duration(i)*time.Second))
		e.UserID, e.Event = []string{"7", "8"}[i%2], []string{"a", "b", "c"}[i%3]
		put(t, s, e)
		all = append([]audit.Entry{e}, all...)
	}
	list := func(what string, f audit.Filter, want ...int) {
		t.Helper()
		f.Tenant = tenant
		var entries []audit.Entry
		for _, i := range want {
			entries = append(entries, all[i])
		}
		wantAudit(t, what, s, f, entries...)
	}
	list("all", audit.Filter{}, 0, 1, 2, 3, 4, 5)
	list("of a user", audit.Filter{UserID: "8"}, 0, 2, 4)
	list("of an event", audit.Filter{Event: "a"}, 2, 5)
	list("of both", audit.Filter{UserID: "8", Event: "a"}, 2)
	list("of none", audit.Filter{UserID: "9"})
	list("since", audit.Filter{Since: all[2].At}, 0, 1, 2)
	list("of a user since", audit.Filter{UserID: "8", Since: all[2].At}, 0, 2)
	list("since later", audit.Filter{Since: all[2].At.Add(time.Millisecond)}, 0, 1)
	list("first page", audit.Filter{Limit: 2}, 0, 1)
	list("next page", audit.Filter{Limit: 2, Before: all[1].ID}, 2, 3)
	list("last page", audit.Filter{Limit: 2, Before: all[4].ID}, 5)
	list("behind", audit.Filter{Limit: 2, Before: all[5].ID})
	list("page of a user", audit.Filter{UserID: "7", Limit: 1, Before: all[1].ID}, 3)
	for _, limit := range []int{-1, -100} {
		got, err := s.ListAudit(t.Context(), audit.Filter{Tenant: tenant, Limit: limit})
		must(t, err)
		same(t, "no limit", got, []audit.Entry(nil))
	}
}

func auditStaysInItsTenant(t *testing.T, s audit.Store) {
	one, two := newEntry(name("tenant"), at), newEntry(name("tenant"), at)
	put(t, s, one, two)
	for _, f := range []audit.Filter{{}, {UserID: "7"}, {Event: "user_logged_in"}, {UserID: "7", Event: "user_logged_in"}} {
		f.Tenant = one.Tenant
		wantAudit(t, "one", s, f, one)
		f.Tenant = two.Tenant
		wantAudit(t, "the other", s, f, two)
		f.Tenant = name("tenant")
		wantAudit(t, "none", s, f)
	}
}

func auditIsDeleted(t *testing.T, s audit.Store) {
	// Far before the rows of other parts, which stay.
	old, tenant := at.AddDate(-50, 0, 0), name("tenant")
	var all []audit.Entry
	for i := range 5 {
		all = append(all, newEntry(tenant, old.Add(time.Duration(i)*time.Second)))
	}
	put(t, s, all...)
	before := all[3].At
	deleted, err := s.DeleteAudit(t.Context(), before, 2)
	must(t, err)
	same(t, "deleted", deleted, 2)
	got, err := s.ListAudit(t.Context(), audit.Filter{Tenant: tenant, Limit: 10})
	must(t, err)
	same(t, "left", len(got), 3)
	deleted, err = s.DeleteAudit(t.Context(), before, 2)
	must(t, err)
	same(t, "deleted", deleted, 1)
	wantAudit(t, "left", s, audit.Filter{Tenant: tenant}, all[4], all[3])
	for _, limit := range []int{2, 0, -1} {
		deleted, err = s.DeleteAudit(t.Context(), before, limit)
		must(t, err)
		same(t, "deleted", deleted, 0)
	}
}

// A reader reads the log from a position on.
type auditReader struct {
	s        audit.Store
	position int64
	limit    int
	seen     map[string]int // how often, by ID
	order    []string
}

func newReader(s audit.Store, limit int) *auditReader {
	return &auditReader{s: s, limit: limit, seen: map[string]int{}}
}

// read reads all that can be read.
func (r *auditReader) read(ctx context.Context) error {
	for {
		list, err := r.s.AuditAfter(ctx, r.position, r.limit)
		if err != nil || len(list) == 0 {
			return err
		}
		if len(list) > r.limit {
			return fmt.Errorf("%d rows, the limit is %d", len(list), r.limit)
		}
		for _, e := range list {
			if e.Position <= r.position {
				return fmt.Errorf("the position %d follows %d", e.Position, r.position)
			}
			r.position = e.Position
			r.seen[e.ID]++
			r.order = append(r.order, e.ID)
		}
	}
}

// has checks how often each row was read.
func (r *auditReader) has(t *testing.T, what string, want int, entries ...audit.Entry) {
	t.Helper()
	for i, e := range entries {
		if got := r.seen[e.ID]; got != want {
			t.Errorf("%s: row %d was read %d times, want %d", what, i, got, want)
		}
	}
}

func auditIsOrdered(t *testing.T, s audit.Store) {
	ctx := t.Context()
	first, other := newReader(s, 3), newReader(s, 100)
	must(t, first.read(ctx))
	var all []audit.Entry
	for i := range 7 { // back in time: the order is not that of the IDs
		e := newEntry(name("tenant"), at.Add(-time.Duration(i)*time.Hour))
		all = append(all, e)
		put(t, s, e)
		if i%3 == 2 {
			must(t, first.read(ctx))
		}
	}
	must(t, first.read(ctx))
	must(t, other.read(ctx))
	first.has(t, "the first reader", 1, all...)
	other.has(t, "a later reader", 1, all...)
	mine := func(id string) bool {
		return slices.ContainsFunc(all, func(e audit.Entry) bool { return e.ID == id })
	}
	var orders [2][]string
	for i, r := range []*auditReader{first, other} {
		for _, id := range r.order {
			if mine(id) {
				orders[i] = append(orders[i], id)
			}
		}
	}
	if !slices.Equal(orders[0], orders[1]) {
		t.Errorf("the order changes: %v, %v", orders[0], orders[1])
	}
	last, err := s.LastAudit(ctx)
	must(t, err)
	if last < first.position {
		t.Errorf("the last position is %d, one is %d", last, first.position)
	}
	got, err := s.ListAudit(ctx, audit.Filter{Tenant: all[0].Tenant, Limit: 1})
	must(t, err)
	if len(got) != 1 || got[0].Position == 0 {
		t.Errorf("the list does not have the position: %+v", got)
	}
	none, err := s.AuditAfter(ctx, last, -1)
	must(t, err)
	same(t, "of a limit below 0", len(none), 0)
}

func auditEndedContexts(t *testing.T, s audit.Store) {
	e := newEntry(name("tenant"), at)
	for what, call := range map[string]func(context.Context) error{
		"InsertAudit": func(ctx context.Context) error { return s.InsertAudit(ctx, e) },
		"ListAudit":   func(ctx context.Context) error { _, err := s.ListAudit(ctx, audit.Filter{Limit: 1}); return err },
		"AuditAfter":  func(ctx context.Context) error { _, err := s.AuditAfter(ctx, 0, 1); return err },
		"LastAudit":   func(ctx context.Context) error { _, err := s.LastAudit(ctx); return err },
		"DeleteAudit": func(ctx context.Context) error { _, err := s.DeleteAudit(ctx, at.AddDate(-90, 0, 0), 1); return err },
	} {
		ended(t, what, call)
	}
	wantAudit(t, "after ended contexts", s, audit.Filter{Tenant: e.Tenant})
}

func auditTransactions(t *testing.T, s audit.Store, tx vault.Transactor) {
	tenant := name("tenant")
	undone, kept := newEntry(tenant, at), newEntry(tenant, at)
	err := tx.InTx(t.Context(), func(ctx context.Context) error {
		must(t, s.InsertAudit(ctx, undone))
		return errOnPurpose
	})
	wantError(t, err, errOnPurpose)
	must(t, tx.InTx(t.Context(), func(ctx context.Context) error { return s.InsertAudit(ctx, kept) }))
	wantAudit(t, "after both", s, audit.Filter{Tenant: tenant}, kept)
	r := newReader(s, 100)
	must(t, r.read(t.Context()))
	r.has(t, "undone", 0, undone)
	r.has(t, "kept", 1, kept)
}

// A transaction writes its row first and is committed last: readers have passed the rows
// of others by then.
func auditOverlaps(t *testing.T, s audit.Store, tx vault.Transactor) {
	if !concurrent(t, s, tx) {
		t.Skip("one transaction at a time")
	}
	tenant := name("tenant")
	slow, quick := newEntry(tenant, at), newEntry(tenant, at.Add(time.Second))
	written, commit, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- tx.InTx(t.Context(), func(ctx context.Context) error {
			if err := s.InsertAudit(ctx, slow); err != nil {
				return err
			}
			close(written)
			<-commit
			return nil
		})
	}()
	<-written
	put(t, s, quick)
	r := newReader(s, 100)
	must(t, r.read(t.Context()))
	r.has(t, "before the commit", 1, quick)
	r.has(t, "before the commit", 0, slow)
	close(commit)
	must(t, <-done)
	must(t, r.read(t.Context()))
	r.has(t, "after the commit", 1, slow, quick)
}

// concurrent reports whether a row can be written while a transaction goes on.
func concurrent(t *testing.T, s audit.Store, tx vault.Transactor) (yes bool) {
	t.Helper()
	must(t, tx.InTx(t.Context(), func(ctx context.Context) error {
		yes = false // also when the store calls again
		must(t, s.InsertAudit(ctx, newEntry(name("tenant"), at)))
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- s.InsertAudit(short, newEntry(name("tenant"), at)) }()
		select {
		case err := <-done:
			yes = err == nil
		case <-short.Done(): // a lock without a context
		}
		return nil
	}))
	return yes
}

// Many transactions of different length, some of which are undone, and readers at once.
func auditReaders(t *testing.T, s audit.Store, tx vault.Transactor) {
	const writers, each = 8, 12
	var mu sync.Mutex
	var kept, undone []audit.Entry
	tenant := name("tenant")
	var writing, reading sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				e, more := newEntry(tenant, at), newEntry(tenant, at)
				fails := (w+i)%4 == 0
				err := tx.InTx(t.Context(), func(ctx context.Context) error {
					if err := s.InsertAudit(ctx, e); err != nil {
						return err
					}
					time.Sleep(rand.N(3 * time.Millisecond)) // so that transactions end in another order
					if err := s.InsertAudit(ctx, more); err != nil {
						return err
					}
					if fails {
						return errOnPurpose
					}
					return nil
				})
				mu.Lock()
				if fails {
					wantError(t, err, errOnPurpose)
					undone = append(undone, e, more)
				} else {
					if err != nil {
						t.Error(err)
					}
					kept = append(kept, e, more)
				}
				mu.Unlock()
			}
		})
	}
	over := make(chan struct{})
	readers := []*auditReader{newReader(s, 1), newReader(s, 7), newReader(s, 100)}
	for _, r := range readers {
		reading.Go(func() {
			for {
				if err := r.read(t.Context()); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-over:
					return
				case <-time.After(time.Millisecond):
				}
			}
		})
	}
	writing.Wait()
	close(over)
	reading.Wait()
	for _, r := range readers {
		must(t, r.read(t.Context()))
		r.has(t, fmt.Sprintf("by pages of %d", r.limit), 1, kept...)
		r.has(t, "undone", 0, undone...)
	}
}
