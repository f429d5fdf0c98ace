package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/gosocial/social/vault"
)

// walkListsAll checks that a walk in steps lists every connection once, in the order
// of IDs.
func walkListsAll(t *testing.T, s vault.Store, w vault.Walker) {
	var want []string
	for range 7 {
		want = append(want, insert(t, s, connection(name("user"), "walk"), "token").ID)
	}
	slices.Sort(want)
	var got []string
	for after := ""; ; {
		ids, err := w.Walk(t.Context(), after, 3)
		must(t, err)
		if len(ids) == 0 {
			break
		}
		if len(ids) > 3 || slices.Min(ids) <= after || !slices.IsSorted(ids) {
			t.Fatalf("behind %q: %q", after, ids)
		}
		for _, id := range ids {
			if slices.Contains(want, id) { // the store may hold others
				got = append(got, id)
			}
		}
		after = ids[len(ids)-1]
	}
	same(t, "connections", got, want)
	for _, limit := range []int{0, -1} {
		ids, err := w.Walk(t.Context(), "", limit)
		must(t, err)
		same(t, "up to none", ids, []string(nil))
	}
	ended(t, "Walk", func(ctx context.Context) error { _, err := w.Walk(ctx, "", 1); return err })
}
