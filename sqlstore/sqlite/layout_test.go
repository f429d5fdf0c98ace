package sqlite_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// How many bytes a log-in of one user among thousands writes to the log: each page that it
// touches is a frame of it.
func TestLogInTouchesFewPages(t *testing.T) {
	t.Parallel()
	const users, logins, limit = 5000, 300, 28_000
	path := file(t)
	s := open(t, path)
	session := func(n, user int) accounts.Session { return benchSession(uint64(n), user) }
	claim := func(n int) vault.Claim { // as flows have it
		key := binary.BigEndian.AppendUint32(nil, uint32(n/10))
		return vault.Claim{Key: append(key, claimKey(n)...), Now: benchNow, Until: benchNow.Add(1)}
	}
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		for i := range users {
			u := accounts.User{ID: benchID("user", i), Email: fmt.Sprintf("person%d@example.com", i), Active: true, CreatedAt: benchNow, UpdatedAt: benchNow}
			if err := s.InsertUser(ctx, u); err != nil {
				return err
			}
			if _, err := s.Insert(ctx, benchConnection(i), bytes.Repeat([]byte{7}, 300)); err != nil {
				return err
			}
			if err := s.InsertSession(ctx, session(i, i)); err != nil {
				return err
			}
			if err := s.Claim(ctx, claim(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	d := recordDisk(t, path)
	s = open(t, path, sqlite.LogBytes(1<<30))
	r := rand.New(rand.NewPCG(1, 2))
	for n := range logins {
		user := r.IntN(users)
		if err := s.Claim(t.Context(), claim(users+n)); err != nil {
			t.Fatal(err)
		}
		err := s.InTx(t.Context(), func(ctx context.Context) error {
			c, err := s.ByID(ctx, benchConnection(user).ID)
			if err != nil {
				return err
			}
			if err := s.Update(ctx, c, bytes.Repeat([]byte{8}, 300)); err != nil {
				return err
			}
			if err := s.TrackLogin(ctx, accounts.TrackedLogin{UserID: c.UserID, Version: 1, At: benchNow, Address: "192.0.2.1"}); err != nil {
				return err
			}
			return s.InsertSession(ctx, session(users+n, user))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	each := d.images[inLog].bytes / logins
	t.Logf("%d bytes a log-in", each)
	if each > limit {
		t.Errorf("a log-in writes %d bytes to the log, the limit is %d", each, limit)
	}
}
