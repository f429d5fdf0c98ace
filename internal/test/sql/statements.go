package sql

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// Statements collects the statements that a store executes on its tables. Its method
// Watch is a Watch.
type Statements struct {
	mu    sync.Mutex
	texts map[string]bool
}

var manipulates = regexp.MustCompile(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE)\b`)

// Watch notes the statement.
func (c *Statements) Watch(_ context.Context, text string) error {
	if !manipulates.MatchString(text) || !strings.Contains(text, "social_") || strings.Contains(text, "social_schema") {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil {
		c.texts = map[string]bool{}
	}
	c.texts[text] = true
	return nil
}

// Of makes the store do all that it can, and returns the statements.
func (c *Statements) Of(t *testing.T, s *sqlstore.Store) []string {
	t.Helper()
	Contracts(t, s)
	// More rows than a range of Clean.
	now := time.Now()
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		for i := range 5100 {
			key := fmt.Sprint("clean", i)
			if err := s.Claim(ctx, vault.Claim{Key: []byte(key), Now: now, Until: now.Add(time.Minute)}); err != nil {
				return err
			}
			if _, _, err := s.Attempt(ctx, accounts.Attempt{Key: key, By: 1, Now: now, Window: time.Minute}); err != nil {
				return err
			}
			if err := s.PutTicket(ctx, ticket.Ticket{UserID: key, Hash: sha256.Sum256([]byte(key)), Purpose: ticket.Reset, ExpiresAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Clean(t.Context(), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Sorted(maps.Keys(c.texts))
	if len(all) < 45 {
		t.Errorf("only %d statements were collected", len(all))
	}
	return all
}
