package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

func connectionComesBack(t *testing.T, s vault.Store) {
	ctx := t.Context()
	c := connection(name("user"), "google")
	c.Suspended = true
	c = insert(t, s, c, "sealed\x00\xff")
	if c.Rank != 0 {
		t.Errorf("the first rank is %d, want 0", c.Rank)
	}
	got, err := s.ByID(ctx, c.ID)
	must(t, err)
	same(t, "ByID", got, c)
	got, err = s.ByIdentity(ctx, c.Identity())
	must(t, err)
	same(t, "ByIdentity", got, c)
	list, err := s.ByUser(ctx, "", c.UserID, "")
	must(t, err)
	same(t, "ByUser", list, []vault.Connection{c})
	got, sealed, err := s.Token(ctx, c.ID)
	must(t, err)
	same(t, "Token", got, c)
	same(t, "sealed token", sealed, []byte("sealed\x00\xff"))
	version, err := s.Version(ctx, c.ID)
	must(t, err)
	same(t, "Version", version, int64(1))
}

func connectionKeepsOddTexts(t *testing.T, s vault.Store) {
	ctx := t.Context()
	for what, text := range odd {
		c := connection(name("user"), "google")
		c.DisplayName, c.FullName, c.Email, c.ProfileURL, c.ImageURL, c.ClientID = text, text, text, text, text, text
		c.LastError = "revoked"
		c.Status = vault.Failing
		c = insert(t, s, c, text+"\x00")
		got, sealed, err := s.Token(ctx, c.ID)
		must(t, err)
		same(t, what, got, c)
		same(t, what+", sealed", sealed, []byte(text+"\x00"))

		c.DisplayName = text + text
		must(t, s.Update(ctx, c, []byte(text+text)))
		c.Version++
		got, sealed, err = s.Token(ctx, c.ID)
		must(t, err)
		same(t, what+", updated", got, c)
		same(t, what+", sealed anew", sealed, []byte(text+text))
	}
}

func scopesComeBack(t *testing.T, s vault.Store) {
	ctx := t.Context()
	for _, scopes := range [][]string{
		nil,
		{"one"},
		{"z", "a", "z"},
		{"https://www.googleapis.com/auth/calendar", "user:email", "r_liteprofile"},
		{"with space", "a,b", "100%", "%20", "%", "", "+"},
		{""},
		{"", ""},
		{"ünïcode", "quo\"te", "line\nbreak"},
		slices.Repeat([]string{"https://example.com/scope/of/some/length"}, 400),
	} {
		c := connection(name("user"), "google")
		c.Scopes, c.RequestedScopes = scopes, nil
		c = insert(t, s, c, "x")
		got, err := s.ByID(ctx, c.ID)
		must(t, err)
		same(t, "granted", got, c)
		c.Scopes, c.RequestedScopes = nil, scopes
		must(t, s.Update(ctx, c, nil))
		c.Version++
		got, err = s.ByID(ctx, c.ID)
		must(t, err)
		same(t, "requested", got, c)
	}
}

func timesComeBack(t *testing.T, s vault.Store) {
	ctx := t.Context()
	for _, moment := range []time.Time{
		{},
		at,
		at.In(time.FixedZone("east", 5*3600+1800)),
		time.Date(1969, 12, 31, 23, 59, 59, int(time.Millisecond), time.UTC),
		time.Date(2199, 12, 31, 23, 59, 59, 999*int(time.Millisecond), time.UTC),
	} {
		c := connection(name("user"), "google")
		c.StatusSince, c.RefusedSince, c.CreatedAt, c.UpdatedAt, c.RefreshedAt, c.ExpiresAt = moment, moment, moment, moment, moment, moment
		c = insert(t, s, c, "x")
		got, err := s.ByID(ctx, c.ID)
		must(t, err)
		same(t, "times", got, c)
	}
}

func missingConnections(t *testing.T, s vault.Store) {
	ctx := t.Context()
	id := name("nobody")
	_, err := s.ByID(ctx, id)
	wantError(t, err, vault.ErrNoConnection)
	_, err = s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: id})
	wantError(t, err, vault.ErrNoConnection)
	_, _, err = s.Token(ctx, id)
	wantError(t, err, vault.ErrNoConnection)
	_, err = s.Version(ctx, id)
	wantError(t, err, vault.ErrNoConnection)
	_, _, _, err = s.Lease(ctx, id, "me", at, at.Add(time.Minute))
	wantError(t, err, vault.ErrNoConnection)
	_, err = s.Remove(ctx, vault.Removal{UserID: id})
	wantError(t, err, vault.ErrNoConnection)
	wantError(t, s.Update(ctx, vault.Connection{ID: id, Version: 1}, nil), vault.ErrStale)
	wantError(t, s.UpdateAndRelease(ctx, vault.Connection{ID: id, Version: 1}, nil, "me"), vault.ErrStale)
	must(t, s.Release(ctx, id, "me"))
	list, err := s.ByUser(ctx, "", id, "")
	must(t, err)
	same(t, "ByUser", list, []vault.Connection(nil))
}

func identityIsUnique(t *testing.T, s vault.Store) {
	ctx := t.Context()
	first := insert(t, s, connection(name("user"), "google"), "first")
	for _, user := range []string{first.UserID, name("other")} {
		second := connection(user, "google")
		second.ProviderUserID = first.ProviderUserID
		_, err := s.Insert(ctx, second, []byte("second"))
		wantError(t, err, vault.ErrTaken)
		_, err = s.ByID(ctx, second.ID)
		wantError(t, err, vault.ErrNoConnection)
	}
	got, sealed, err := s.Token(ctx, first.ID)
	must(t, err)
	same(t, "the first", got, first)
	same(t, "its token", sealed, []byte("first"))

	elsewhere := connection(first.UserID, "facebook")
	elsewhere.ProviderUserID = first.ProviderUserID
	insert(t, s, elsewhere, "x")

	// Once it is removed, it can be inserted again.
	_, err = s.Remove(ctx, vault.Removal{UserID: first.UserID, ProviderID: "google"})
	must(t, err)
	again := connection(first.UserID, "google")
	again.ProviderUserID = first.ProviderUserID
	insert(t, s, again, "x")
}

func oneInsertWins(t *testing.T, s vault.Store) {
	ctx := t.Context()
	subject := name("subject")
	won(t, race(50, func(int) error {
		c := connection(name("user"), "google")
		c.ProviderUserID = subject
		_, err := s.Insert(ctx, c, []byte("x"))
		return err
	}), vault.ErrTaken)
	_, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: subject})
	must(t, err)
}

func identityIsExact(t *testing.T, s vault.Store) {
	ctx := t.Context()
	base := name("subject")
	for _, subject := range []string{base, strings.ToLower(base), base + " ", " " + base, base + "é", base + "e", base + "e\u0301"} {
		c := connection(name("user"), "google")
		c.ProviderUserID = subject
		c = insert(t, s, c, "x")
		got, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: subject})
		must(t, err)
		same(t, "ByIdentity", got.ID, c.ID)
	}
}

func ranksAreAssigned(t *testing.T, s vault.Store) {
	user := name("user")
	want := func(c vault.Connection, given, rank int) {
		t.Helper()
		c.Rank = given
		if got := insert(t, s, c, "x"); got.Rank != rank {
			t.Errorf("rank %d became %d, want %d", given, got.Rank, rank)
		} else if stored, err := s.ByID(t.Context(), got.ID); err != nil || stored.Rank != rank {
			t.Errorf("rank %d is stored as %d, %v", rank, stored.Rank, err)
		}
	}
	want(connection(user, "google"), -1, 0)
	want(connection(user, "google"), -1, 1)
	want(connection(user, "google"), 7, 7)
	want(connection(user, "google"), -5, 8)
	want(connection(user, "google"), 0, 0)
	want(connection(user, "facebook"), -1, 0)
	want(connection(name("user"), "google"), -1, 0)
}

func connectionsAreOrdered(t *testing.T, s vault.Store) {
	ctx := t.Context()
	user := name("user")
	var want []vault.Connection
	for _, provider := range []string{"twitter", "google", "facebook", "google"} {
		for _, rank := range []int{3, 1, 1, 2} {
			c := connection(user, provider)
			c.Rank = rank
			want = append(want, insert(t, s, c, "x"))
		}
	}
	insert(t, s, connection(name("other"), "google"), "x")
	slices.SortFunc(want, func(a, b vault.Connection) int {
		if order := strings.Compare(a.ProviderID, b.ProviderID); order != 0 {
			return order
		}
		if a.Rank != b.Rank {
			return a.Rank - b.Rank
		}
		return strings.Compare(a.ID, b.ID)
	})
	got, err := s.ByUser(ctx, "", user, "")
	must(t, err)
	same(t, "all", got, want)
	got, err = s.ByUser(ctx, "", user, "google")
	must(t, err)
	same(t, "one provider's", got, slices.DeleteFunc(want, func(c vault.Connection) bool { return c.ProviderID != "google" }))
}

func updateSwaps(t *testing.T, s vault.Store) {
	ctx := t.Context()
	c := insert(t, s, connection(name("user"), "google"), "old")
	c.DisplayName, c.FullName, c.Email, c.ProfileURL, c.ImageURL = "1", "2", "3", "4", "5"
	c.Rank, c.Scopes, c.Status, c.LastError = 9, []string{"b", "a"}, vault.NeedsReauthorization, "revoked"
	c.ClientID, c.RequestedScopes = "the next client", []string{"c", "b", "a"}
	c.StatusSince, c.UpdatedAt, c.ExpiresAt, c.Generation = at.Add(time.Second), at.Add(time.Minute), time.Time{}, 3
	c.RefusedSince, c.Refusals, c.RefreshedAt = at.Add(time.Hour), 17, at.Add(2*time.Hour)
	c.Suspended = true
	must(t, s.Update(ctx, c, []byte("new")))
	wantError(t, s.Update(ctx, c, []byte("late")), vault.ErrStale)
	c.Version++
	got, sealed, err := s.Token(ctx, c.ID)
	must(t, err)
	same(t, "updated", got, c)
	same(t, "token", sealed, []byte("new"))
	ahead := c
	ahead.Version++
	wantError(t, s.Update(ctx, ahead, nil), vault.ErrStale)
	_, err = s.Remove(ctx, vault.Removal{UserID: c.UserID})
	must(t, err)
	wantError(t, s.Update(ctx, c, nil), vault.ErrStale)
	_, err = s.ByID(ctx, c.ID)
	wantError(t, err, vault.ErrNoConnection)
}

func oneUpdateWins(t *testing.T, s vault.Store) {
	c := insert(t, s, connection(name("user"), "google"), "x")
	won(t, race(20, func(i int) error { return s.Update(t.Context(), c, []byte{byte(i)}) }), vault.ErrStale)
	version, err := s.Version(t.Context(), c.ID)
	must(t, err)
	same(t, "version", version, int64(2))

	// Each call that reads the row and tries again succeeds in the end.
	errs := race(10, func(int) error {
		for {
			now, err := s.ByID(t.Context(), c.ID)
			if err != nil {
				return err
			}
			if err = s.Update(t.Context(), now, nil); !errors.Is(err, vault.ErrStale) {
				return err
			}
		}
	})
	must(t, errors.Join(errs...))
	version, err = s.Version(t.Context(), c.ID)
	must(t, err)
	same(t, "version", version, int64(12))
}

func updateLeavesToken(t *testing.T, s vault.Store) {
	c := insert(t, s, connection(name("user"), "google"), "kept")
	must(t, s.Update(t.Context(), c, nil))
	_, sealed, err := s.Token(t.Context(), c.ID)
	must(t, err)
	same(t, "token", sealed, []byte("kept"))
}

func updateLeavesIdentity(t *testing.T, s vault.Store) {
	c := insert(t, s, connection(name("user"), "google"), "x")
	other := c
	other.UserID, other.ProviderID, other.ProviderUserID = name("thief"), "facebook", name("subject")
	other.CreatedAt = at.Add(time.Hour)
	must(t, s.Update(t.Context(), other, nil))
	got, err := s.ByID(t.Context(), c.ID)
	must(t, err)
	c.Version++
	same(t, "updated", got, c)
}
