package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

// Vault tests the contract vault.Store on the stores that open returns; open closes
// them with t.Cleanup.
func Vault(t *testing.T, open func(t *testing.T) vault.Store) {
	runParts(t, open, []part[vault.Store]{
		{"Connection comes back whole", connectionComesBack},
		{"Connection keeps odd texts", connectionKeepsOddTexts},
		{"Scopes keep order and content", scopesComeBack},
		{"Times keep milliseconds", timesComeBack},
		{"Missing connections", missingConnections},
		{"One connection an identity", identityIsUnique},
		{"One of 50 inserts wins", oneInsertWins},
		{"Identities are compared exactly", identityIsExact},
		{"Long names are kept whole", longNames},
		{"Values are the caller's", vaultSharesNothing},
		{"Tenants see their own", tenantsSeeTheirOwn},
		{"Ranks are assigned", ranksAreAssigned},
		{"Connections are ordered", connectionsAreOrdered},
		{"Update compares and swaps", updateSwaps},
		{"One of 20 updates wins", oneUpdateWins},
		{"Update leaves the token alone", updateLeavesToken},
		{"Update leaves the identity alone", updateLeavesIdentity},
		{"Remove by provider and identity", removeChooses},
		{"Remove keeps a log-in", removeKeepsLogin},
		{"Parallel removals keep a log-in", parallelRemovalsKeepLogin},
		{"Parallel removals are checked", parallelRemovalsAreChecked},
		{"Lease excludes others", leaseExcludes},
		{"One of 20 leases wins", oneLeaseWins},
		{"Lease is taken over", leaseIsTakenOver},
		{"Lease is prolonged", leaseIsProlonged},
		{"Lease knows its owner", leaseOwners},
		{"Release leaves the row", releaseLeavesRow},
		{"Update leaves the lease", updateLeavesLease},
		{"UpdateAndRelease ends the lease", updateEndsLease},
		{"Claim succeeds once", claimOnce},
		{"One of 50 claims wins", oneClaimWins},
		{"Expired claim is taken again", claimExpires},
		{"Claims of any bytes", claimAnyBytes},
		{"Claims of tenants", claimsOfTenants},
		{"One-time value is taken once", oneTimeOnce},
		{"One-time value expires", oneTimeExpires},
		{"Due one-time values", dueOneTime},
		{"One-time value is resealed", oneTimeIsResealed},
		{"Ended contexts", vaultEndedContexts},
		{"List", listing(listsAll)},
		{"List filters", listing(listFilters)},
		{"List of what rests", listing(listsResting)},
		{"Transactions", func(t *testing.T, s vault.Store) {
			tx, ok := s.(vault.Transactor)
			if !ok {
				t.Skip("the store is no vault.Transactor")
			}
			vaultTransactions(t, s, tx)
		}},
		{"Transactions over both contracts", func(t *testing.T, s vault.Store) {
			tx, transacts := s.(vault.Transactor)
			users, both := s.(accounts.Store)
			if !transacts || !both {
				t.Skip("the store does not keep both contracts in transactions")
			}
			bothInTransactions(t, s, users, tx)
		}},
		{"Optimistic transactions", optimistic(vaultOptimistic)},
		{"Optimistic transactions over both contracts", optimistic(func(t *testing.T, s vault.Store, tx vault.OptimisticTransactor) {
			users, both := s.(accounts.Store)
			if !both {
				t.Skip("the store does not keep both contracts")
			}
			bothOptimistic(t, s, users, tx)
		})},
	})
}

func connection(userID, providerID string) vault.Connection {
	return vault.Connection{
		ID: name("connection"), UserID: userID, ProviderID: providerID, ProviderUserID: name("subject"),
		DisplayName: "ann", FullName: "Ann Example", Email: "ann@example.com",
		ProfileURL: "https://example.com/ann", ImageURL: "https://example.com/ann.png",
		Rank: -1, ClientID: "client-1", RequestedScopes: []string{"openid", "email", "calendar"},
		Scopes: []string{"openid", "email"}, Status: vault.Active, StatusSince: at,
		RefusedSince: at.Add(time.Minute), Refusals: 2,
		CreatedAt: at, UpdatedAt: at, RefreshedAt: at.Add(time.Second), ExpiresAt: at.Add(time.Hour), Generation: 1,
	}
}

// insert adds a connection and returns it as it is stored.
func insert(t *testing.T, s vault.Store, c vault.Connection, sealed string) vault.Connection {
	t.Helper()
	rank, err := s.Insert(t.Context(), c, []byte(sealed))
	must(t, err)
	c.Rank, c.Version = rank, 1
	return c
}

func vaultEndedContexts(t *testing.T, s vault.Store) {
	c := insert(t, s, connection(name("user"), "google"), "sealed")
	other := connection(c.UserID, "google")
	calls := map[string]func(context.Context) error{
		"Insert":           func(ctx context.Context) error { _, err := s.Insert(ctx, other, []byte("x")); return err },
		"ByID":             func(ctx context.Context) error { _, err := s.ByID(ctx, c.ID); return err },
		"ByIdentity":       func(ctx context.Context) error { _, err := s.ByIdentity(ctx, c.Identity()); return err },
		"ByAccount":        func(ctx context.Context) error { _, err := s.ByAccount(ctx, "google", c.ProviderUserID); return err },
		"ByUser":           func(ctx context.Context) error { _, err := s.ByUser(ctx, "", c.UserID, ""); return err },
		"Token":            func(ctx context.Context) error { _, _, err := s.Token(ctx, c.ID); return err },
		"Version":          func(ctx context.Context) error { _, err := s.Version(ctx, c.ID); return err },
		"Update":           func(ctx context.Context) error { return s.Update(ctx, c, nil) },
		"UpdateAndRelease": func(ctx context.Context) error { return s.UpdateAndRelease(ctx, c, nil, "me") },
		"Remove":           func(ctx context.Context) error { _, err := s.Remove(ctx, vault.Removal{UserID: c.UserID}); return err },
		"Lease":            func(ctx context.Context) error { _, _, _, err := s.Lease(ctx, c.ID, "me", at, at.Add(1)); return err },
		"Release":          func(ctx context.Context) error { return s.Release(ctx, c.ID, "me") },
		"Claim":            func(ctx context.Context) error { return s.Claim(ctx, claim(c.ID, at)) },
		"PutOneTime":       func(ctx context.Context) error { return s.PutOneTime(ctx, onetime.Value{ID: c.ID}) },
		"OneTime":          func(ctx context.Context) error { _, err := s.OneTime(ctx, c.ID, at); return err },
		"TakeOneTime":      func(ctx context.Context) error { _, err := s.TakeOneTime(ctx, c.ID, at); return err },
		"DueOneTime":       func(ctx context.Context) error { _, err := s.DueOneTime(ctx, "x", at, 1); return err },
		"DeferOneTime":     func(ctx context.Context) error { return s.DeferOneTime(ctx, c.ID, at) },
		"ResealOneTime":    func(ctx context.Context) error { return s.ResealOneTime(ctx, c.ID, nil, []byte("x")) },
	}
	for what, call := range calls {
		ended(t, what, call)
	}
	got, sealed, err := s.Token(t.Context(), c.ID)
	must(t, err)
	same(t, "untouched", got, c)
	same(t, "untouched token", sealed, []byte("sealed"))
	_, err = s.ByID(t.Context(), other.ID)
	wantError(t, err, vault.ErrNoConnection)
}
