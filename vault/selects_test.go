package vault_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// What stores that compare in Go rely on.
func TestRemovalSelects(t *testing.T) {
	t.Parallel()
	var all []vault.Removed
	start := time.Now()
	for _, id := range []string{"acme/1", "acme/2", "other/1"} {
		var c vault.Removed
		c.ID, c.ProviderID, c.ProviderUserID = id, id[:len(id)-2], id[len(id)-1:]
		c.CreatedAt = start.Add(time.Duration(len(all)) * time.Hour)
		all = append(all, c)
	}
	for _, test := range []struct {
		removal vault.Removal
		want    string
		err     error
	}{
		{vault.Removal{}, "[acme/1 acme/2 other/1]", nil},
		{vault.Removal{ProviderID: "acme"}, "[acme/1 acme/2]", nil},
		{vault.Removal{ProviderID: "acme", ProviderUserID: "2"}, "[acme/2]", nil},
		{vault.Removal{ProviderUserID: "1"}, "[acme/1 other/1]", nil},
		{vault.Removal{ProviderID: "none"}, "[]", vault.ErrNoConnection},
		{vault.Removal{ProviderID: "acme", ProviderUserID: "3"}, "[]", vault.ErrNoConnection},
		{vault.Removal{ProviderID: "acme", KeepLogin: []string{"other"}}, "[acme/1 acme/2]", nil},
		{vault.Removal{ProviderID: "acme", KeepLogin: []string{"acme"}}, "[]", vault.ErrLastLogin},
		{vault.Removal{ProviderID: "acme", ProviderUserID: "1", KeepLogin: []string{"acme"}}, "[acme/1]", nil},
		{vault.Removal{ProviderID: "other", KeepLogin: []string{}}, "[]", vault.ErrLastLogin},
		{vault.Removal{ProviderID: "none", KeepLogin: []string{}}, "[]", vault.ErrNoConnection},
		{vault.Removal{Since: start}, "[acme/1 acme/2 other/1]", nil},
		{vault.Removal{Since: start.Add(time.Hour)}, "[acme/2 other/1]", nil},
		{vault.Removal{Since: start.Add(time.Hour + 1), ProviderID: "acme"}, "[]", vault.ErrNoConnection},
	} {
		remove, err := test.removal.Select(all)
		var got []string
		for _, c := range remove {
			got = append(got, c.ID)
		}
		if fmt.Sprint(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("%+v: %v, %v, want %v, %v", test.removal, got, err, test.want, test.err)
		}
	}
}

// Check learns what is deleted and what remains, when nothing else refuses the removal.
func TestRemovalChecks(t *testing.T) {
	t.Parallel()
	var all []vault.Removed
	for _, id := range []string{"a", "b", "c"} {
		all = append(all, vault.Removed{Connection: vault.Connection{ProviderID: id}})
	}
	refuses := errors.New("refused")
	for _, err := range []error{nil, refuses} {
		asked := 0
		r := vault.Removal{ProviderID: "b", Check: func(removes, leaves []vault.Removed) error {
			asked++
			if len(removes) != 1 || removes[0].ProviderID != "b" || len(leaves) != 2 || leaves[0].ProviderID != "a" || leaves[1].ProviderID != "c" {
				t.Errorf("removes %v, leaves %v", removes, leaves)
			}
			return err
		}}
		remove, got := r.Select(all)
		if got != err || len(remove) != map[error]int{nil: 1}[err] || asked != 1 {
			t.Errorf("%v: %v, %v, asked %d times", err, remove, got, asked)
		}
		r.ProviderID = "none"
		if _, got := r.Select(all); !errors.Is(got, vault.ErrNoConnection) {
			t.Error(got)
		}
		r.ProviderID, r.KeepLogin = "b", []string{"d"}
		if _, got := r.Select(all); !errors.Is(got, vault.ErrLastLogin) {
			t.Error(got)
		}
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	}
}

func TestFilterSelects(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	c := vault.Connection{Tenant: "t", ProviderID: "p", ClientID: "c", Status: vault.Failing, RefreshedAt: now, Refusals: 1}
	for _, test := range []struct {
		f    vault.Filter
		want bool
	}{
		{vault.Filter{}, false}, {vault.Filter{Tenant: "t"}, true}, {vault.Filter{Tenant: "u"}, false}, {vault.Filter{AllTenants: true}, true},
		{vault.Filter{AllTenants: true, Tenant: "u"}, true},
		{vault.Filter{Tenant: "t", ProviderID: "p"}, true}, {vault.Filter{Tenant: "t", ProviderID: "q"}, false},
		{vault.Filter{Tenant: "t", ClientID: "c"}, true}, {vault.Filter{Tenant: "t", ClientID: "d"}, false},
		{vault.Filter{Tenant: "t", Status: vault.Failing}, true}, {vault.Filter{Tenant: "t", Status: vault.Active}, false},
		{vault.Filter{Tenant: "t", RefreshedAfter: now.Add(-1)}, true}, {vault.Filter{Tenant: "t", RefreshedAfter: now}, false},
		{vault.Filter{Tenant: "t", Refused: true}, true},
	} {
		if got := test.f.Selects(&c); got != test.want {
			t.Errorf("%+v: %v", test.f, got)
		}
	}
	c.Refusals = 0
	if (&vault.Filter{Tenant: "t", Refused: true}).Selects(&c) || !(&vault.Filter{Tenant: "t"}).Selects(&c) {
		t.Error("one that is not refused")
	}
}
