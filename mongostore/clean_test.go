package mongostore_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

func TestClean(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), databases.URL(t)
	s := openUnsafe(t, url)
	check(t, s.InsertUser(ctx, accounts.User{ID: "user"}))
	// More than are deleted at once; every third is still good.
	const many, few = 1200, 9
	expiry := func(i int) time.Time {
		if i%3 == 0 {
			return now.Add(time.Millisecond)
		}
		return now
	}
	key := func(i int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)) }
	var claims []any
	for i := range many {
		claims = append(claims, bson.D{{Key: "_id", Value: bson.Binary{Data: append([]byte{0}, key(i)...)}}, {Key: "expires_at", Value: expiry(i)}})
	}
	_, err := database(t, url).Collection("social_claims").InsertMany(ctx, claims)
	check(t, err)
	check(t, s.PutOneTime(ctx, onetime.Value{ID: "vault's", Purpose: "revoke", NotBefore: now, Expires: now}))
	for i := range few {
		v := accounts.Session{UserID: "user", ExpiresAt: expiry(i)}
		copy(v.Hash[:], key(i))
		check(t, s.InsertSession(ctx, v))
		check(t, s.InsertToken(ctx, apitoken.Token{Hash: v.Hash, UserID: "user", ExpiresAt: expiry(i)}))
		_, _, err := s.Attempt(ctx, accounts.Attempt{Key: fmt.Sprint(i), By: 1, Now: expiry(i).Add(-time.Minute), Window: time.Minute})
		check(t, err)
	}
	clean := func(now time.Time, want int) {
		t.Helper()
		if n, err := s.Clean(ctx, now); err != nil || n != want {
			t.Errorf("cleaned %d documents, %v, want %d", n, err, want)
		}
	}
	clean(now.Add(-time.Millisecond), 0)
	clean(now, (many+3*few)*2/3)
	clean(now, 0)
	if err := s.Claim(ctx, vault.Claim{Key: key(3), Now: now, Until: expiry(3)}); !errors.Is(err, vault.ErrClaimed) {
		t.Errorf("a claim went too early: %v", err)
	}
	if list, err := s.Sessions(ctx, "", "user", now); err != nil || len(list) != few/3 {
		t.Errorf("%d sessions are left, %v, want %d", len(list), err, few/3)
	}
	clean(now.Add(time.Hour), many/3+3*few/3)
	begin := time.Now().Add(-time.Hour)
	check(t, s.Claim(ctx, vault.Claim{Key: key(0), Now: begin, Until: begin.Add(time.Minute)}))
	for _, job := range s.Jobs() { // which clean by the clock
		check(t, job.Run(ctx))
	}
	clean(begin.Add(time.Minute), 0)
	if due, err := s.DueOneTime(ctx, "revoke", now, 2); err != nil || len(due) != 1 {
		t.Errorf("%d one-time values are left, %v, want 1", len(due), err)
	}
}
