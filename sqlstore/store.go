// Package sqlstore keeps connections, users and sessions in a SQL database.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// A Dialect is a kind of SQL database.
type Dialect int

// The dialects.
const SQLite Dialect = 1

// Config says which database a Store uses.
type Config struct {
	DB      *sql.DB // writes and transactions
	ReadDB  *sql.DB // reads outside transactions; DB when nil
	Dialect Dialect
	Prefix  string // of the tables' names; "social_" when empty
	// OnClose is called by Store.Close.
	OnClose func() error
}

// A Store keeps everything in one database.
type Store struct {
	connections
	people
}

type connections interface{ vault.Store }
type people interface{ accounts.Store }

var errSoon = errors.New("sqlstore: not there yet")

// New returns a store.
func New(c Config) (*Store, error) { return nil, errSoon }

// Migrate brings the schema up.
func (s *Store) Migrate(ctx context.Context) error { return errSoon }

// Clean deletes what has expired and says how many rows.
func (s *Store) Clean(ctx context.Context, now time.Time) (int, error) { return 0, errSoon }

// Close closes the statements, and the database that sqlite.Open opened.
func (s *Store) Close() error { return errSoon }

// InTx implements vault.Transactor.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error { return errSoon }

// A State is how the database's schema stands to the program's.
type State struct {
	Current, Latest int64 // versions: the database's and the program's
}

// Status reads the schema's state.
func (s *Store) Status(ctx context.Context) (State, error) { return State{}, errSoon }
