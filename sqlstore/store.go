// Package sqlstore keeps connections, users and sessions in a SQL database: a
// Store is a vault.Store, a vault.Transactor and an accounts.Store in one.
//
// Most programs open it with package sqlstore/sqlite, sqlstore/postgres or
// sqlstore/mysql. New takes a *sql.DB that the application opened, with whatever
// driver; this package imports none. Migrate makes the tables, or brings them up to
// date.
//
// # Transactions
//
// InTx puts a transaction into the context; every method called with that
// context joins it, those of both contracts. Inside it, use that context for
// every call to the store: a call with another one waits for a connection which
// the transaction may hold.
//
// On PostgreSQL, MariaDB and MySQL transactions are READ COMMITTED, and InTx calls
// its function again, some ten times at most, when the database undid the transaction
// for another's sake: SQLSTATE 40001 and 40P01, or on the latter two errors 1213,
// 1205 and 1020. A call after such an error returns it again, whoever swallowed it.
//
// # What is stored
//
// The tables are named connections, claims and one_time, users, roles, user_roles,
// sessions and attempts, and on MySQL locks, each behind the prefix, or as
// Config.Tables says. Times are whole microseconds. Tokens are stored as the vault
// sealed them, sessions as hashes. A byte that is not UTF-8, zero or 0x1a stands in a
// text as 0x1a and two hex digits.
//
// PostgreSQL has no place for an identity of more than 2,700 bytes, its tenant and provider included: its indexes
// refuse one. MariaDB and MySQL refuse a provider's ID for a user of more than 2,500
// bytes, an e-mail address or username of more than 1,023, and other IDs and names of
// more than 255. What rows are found by is VARBINARY there, which tells "a" from "A"
// and "a " as these collations do not; other texts are utf8mb4.
package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// Config says where a Store keeps its rows.
type Config struct {
	// DB serves writes and transactions. On SQLite it should have one connection
	// and begin its transactions as IMMEDIATE, as package sqlite does it.
	DB *sql.DB
	// ReadDB serves reads outside of transactions; DB when nil. On SQLite the file
	// must then be in WAL mode: looking one row up there is not interrupted.
	ReadDB  *sql.DB
	Dialect Dialect
	// Prefix begins the names of the tables: letters, digits and underscores, and
	// on PostgreSQL a schema that is there and a dot before them, or instead of
	// them; on MySQL another database. "social_" when empty. Only SQLite has capitals
	// in them.
	Prefix string
	// Tables names tables otherwise.
	Tables Tables
	// ConnectionsOnly is for applications with users of their own: Migrate makes
	// the tables that vault.Store needs alone, and the methods of accounts.Store
	// return ErrNoAccounts. Connections name users by any text and refer to no
	// table of them.
	ConnectionsOnly bool
	// OnClose is what Close calls when the statements are closed, to close the
	// databases. Nil leaves them open.
	OnClose func() error
}

// A Store keeps everything in one SQL database. It is safe for concurrent use,
// and several processes may each have one on the same database.
type Store struct {
	db, readDB *sql.DB
	dialect    Dialect
	tables     Tables
	noAccounts bool
	onClose    func() error

	statements []*statement
	connection connectionStatements
	lease      leaseStatements
	oneTime    oneTimeStatements
	user       userStatements
	session    sessionStatements
	role       roleStatements
	attempt    attemptStatements
	cleaning   cleanStatements
}

var (
	_ vault.Store         = (*Store)(nil)
	_ vault.Transactor    = (*Store)(nil)
	_ vault.Joiner        = (*Store)(nil)
	_ accounts.Store      = (*Store)(nil)
	_ accounts.TxNotifier = (*Store)(nil)
)

// New returns a Store on open databases. It does not touch them.
func New(c Config) (*Store, error) {
	if c.DB == nil {
		return nil, errors.New("sqlstore: Config.DB is nil")
	}
	if c.Dialect < SQLite || c.Dialect > MySQL {
		return nil, fmt.Errorf("sqlstore: %v is not supported", c.Dialect)
	}
	if c.ReadDB == nil {
		c.ReadDB = c.DB
	}
	tables, err := c.Tables.named(c.Prefix, c.Dialect)
	if err != nil {
		return nil, err
	}
	s := &Store{db: c.DB, readDB: c.ReadDB, dialect: c.Dialect, tables: tables, noAccounts: c.ConnectionsOnly, onClose: c.OnClose}
	s.connection = s.connectionStatements()
	s.lease = s.leaseStatements()
	s.oneTime = s.oneTimeStatements()
	s.user = s.userStatements()
	s.session = s.sessionStatements()
	s.role = s.roleStatements()
	s.attempt = s.attemptStatements()
	s.cleaning = s.cleanStatements()
	return s, nil
}

// Close closes the prepared statements and calls Config.OnClose. Calls that are
// under way may fail.
func (s *Store) Close() error {
	var errs []error
	for _, st := range s.statements {
		errs = append(errs, st.close())
	}
	if s.onClose != nil {
		errs = append(errs, s.onClose())
	}
	return errors.Join(errs...)
}
