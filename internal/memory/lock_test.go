package memory_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/gosocial/social/internal/memory"
)

// A store keeps a list.
type store struct {
	memory.Lock
	list []string
}

func (s *store) add(ctx context.Context, text string) {
	defer s.Lock.Lock(ctx)()
	s.list = append(s.list, text)
}

func (s *store) inTx(ctx context.Context, f func(context.Context) error) error {
	return s.InTx(ctx, func() func() {
		saved := slices.Clone(s.list)
		return func() { s.list = saved }
	}, f)
}

var errUndo = errors.New("undo")

func TestTransactions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		do        func(ctx context.Context, cancel func()) error
		err       error
		committed bool
	}{
		{"kept", func(context.Context, func()) error { return nil }, nil, true},
		{"failed", func(context.Context, func()) error { return errUndo }, errUndo, false},
		{"the context has ended", func(_ context.Context, cancel func()) error { cancel(); return nil }, context.Canceled, false},
	} {
		s := &store{}
		var order []string
		ctx, cancel := context.WithCancel(t.Context())
		err := s.inTx(ctx, func(tx context.Context) error {
			if !s.Joined(tx) || s.Joined(ctx) || (&store{}).Joined(tx) {
				t.Errorf("%s: joined wrongly", tc.name)
			}
			s.add(tx, "one")
			for _, name := range []string{"first", "second"} {
				if !s.AfterTx(tx, func(after context.Context, committed bool) {
					if committed != tc.committed || s.Joined(after) {
						t.Errorf("%s: %s is told %v", tc.name, name, committed)
					}
					s.add(after, name) // the lock is free
					order = append(order, name)
				}) {
					t.Errorf("%s: no transaction", tc.name)
				}
			}
			// An inner transaction is the outer one.
			if err := s.inTx(tx, func(inner context.Context) error { s.add(inner, "two"); return nil }); err != nil {
				t.Error(err)
			}
			if order != nil {
				t.Errorf("%s: %v before the end", tc.name, order)
			}
			return tc.do(ctx, cancel)
		})
		cancel()
		want := []string{"first", "second"}
		if tc.committed {
			want = []string{"one", "two", "first", "second"}
		}
		if !errors.Is(err, tc.err) || !slices.Equal(s.list, want) || !slices.Equal(order, []string{"first", "second"}) {
			t.Errorf("%s: %v, %v, %v", tc.name, err, s.list, order)
		}
	}

	s := &store{}
	if s.AfterTx(t.Context(), func(context.Context, bool) { t.Error("called") }) {
		t.Error("a transaction without one")
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.inTx(t.Context(), func(tx context.Context) error { s.add(tx, "one"); panic("x") })
	}()
	if s.add(t.Context(), "two"); !slices.Equal(s.list, []string{"two"}) {
		t.Errorf("after a panic: %v", s.list)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.inTx(ended, func(context.Context) error { t.Error("called"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}
