package sql

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/schema"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

func wantOlder(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	status, err := s.Status(t.Context())
	want(t, err, nil)
	want(t, status.Err(), schema.ErrOlder)
	if _, _, err := s.Attempt(t.Context(), accounts.Attempt{Key: "x"}); !errors.Is(err, schema.ErrOlder) || !strings.Contains(err.Error(), "social migrate") {
		t.Errorf("on an older schema: %v", err)
	}
}

// An empty database gets its tables, and a second Migrate changes nothing. It needs one
// connection.
func migrate(t *testing.T, d Database) {
	s := d.open(t, d.Address(t), Options{Connections: 1})
	before, err := s.Status(t.Context())
	if err != nil || before.Version != 0 || before.Latest < 1 {
		t.Errorf("before: %+v, %v", before, err)
	}
	wantOlder(t, s)
	for what, err := range map[string]error{
		"a read":  func() error { _, err := s.ByID(t.Context(), "x"); return err }(),
		"a write": s.DeleteSession(t.Context(), "", [32]byte{}),
		"a transaction": s.InTx(t.Context(), func(ctx context.Context) error {
			_, err := s.ByUser(ctx, "", "x", "")
			return err
		}),
	} {
		if !errors.Is(err, schema.ErrOlder) {
			t.Errorf("%s without tables: %v", what, err)
		}
	}
	for range 2 {
		want(t, s.Migrate(t.Context()), nil)
		after, err := s.Status(t.Context())
		want(t, err, nil)
		want(t, after.Err(), nil)
	}
	if _, err := s.List(t.Context(), vault.Filter{}, "", 1); err != nil {
		t.Error(err)
	}
}

// A schema of a newer version is left alone.
func newerSchema(t *testing.T, d Database) {
	address := d.Address(t)
	s := d.open(t, address, Options{Migrate: true})
	if _, err := d.pool(t, address).ExecContext(t.Context(), `INSERT INTO social_schema (version_id, is_applied) VALUES (99999, true)`); err != nil {
		t.Fatal(err)
	}
	want(t, s.Migrate(t.Context()), schema.ErrNewer)
	_, err := s.Plan(t.Context())
	want(t, err, schema.ErrNewer)
	if newer, err := d.Open(t.Context(), address, Options{Migrate: true}); !errors.Is(err, schema.ErrNewer) {
		t.Errorf("error %v, want %v", err, schema.ErrNewer)
		newer.Close()
	}
	status, err := s.Status(t.Context())
	if err != nil || status.Version != 99999 || !errors.Is(status.Err(), schema.ErrNewer) {
		t.Errorf("status %+v, %v", status, err)
	}
}

func tenStores(t *testing.T, d Database) {
	for range 3 {
		address := d.Address(t)
		TenStores(t, func(ctx context.Context) (*sqlstore.Store, error) {
			return d.Open(ctx, address, Options{Migrate: true, Connections: 2})
		})
		StepsOnce(t, d.pool(t, address))
	}
}

// TenStores opens ten stores at once on an empty database; open migrates.
func TenStores(t *testing.T, open func(context.Context) (*sqlstore.Store, error)) {
	t.Helper()
	errs := make(chan error, 10)
	for range cap(errs) {
		go func() {
			s, err := open(t.Context())
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		want(t, <-errs, nil)
	}
}

// StepsOnce checks that each step of the schema is noted once.
func StepsOnce(t *testing.T, db *sql.DB) {
	t.Helper()
	var steps, versions int
	err := db.QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT version_id) FROM social_schema`).Scan(&steps, &versions)
	if err != nil || steps != versions || steps < 2 {
		t.Errorf("%d steps were noted for %d versions, %v", steps, versions, err)
	}
}

// A process migrates an empty database while another one is about to begin a
// transaction of its own Migrate; each of its transactions in turn.
func stepDoneOnce(t *testing.T, d Database) {
	for turn := int64(1); ; turn++ {
		address := d.Address(t)
		second := d.open(t, address, Options{})
		var begun atomic.Int64
		var overtaken atomic.Bool
		first, db := d.Watched(t, address, func(ctx context.Context, text string) error {
			if overtaken.Load() && strings.HasPrefix(text, "CREATE TABLE social_") && !strings.Contains(text, "social_schema") {
				t.Errorf("transaction %d did a step again: %s", turn, text)
			}
			if text == "BEGIN" && begun.Add(1) == turn {
				if err := second.Migrate(t.Context()); err != nil {
					t.Errorf("transaction %d, the second process: %v", turn, err)
				}
				overtaken.Store(true)
			}
			return nil
		})
		if err := first.Migrate(t.Context()); err != nil {
			t.Errorf("transaction %d, the first process: %v", turn, err)
		}
		StepsOnce(t, db)
		if !overtaken.Load() {
			if turn < 3 {
				t.Errorf("the schema was made in %d transactions", turn-1)
			}
			return
		}
	}
}
