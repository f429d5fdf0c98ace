// Package sqlstore keeps connections, users and sessions in a SQL database: a Store is
// a vault.Store, a vault.Transactor, an accounts.Store, an audit.Store and a document.Store in
// one.
//
// Most programs open it with the package of a driver, each in a module of its own:
// sqlstore/sqlite, sqlstore/postgres or sqlstore/mysql. New takes a *sql.DB that the
// application opened with a driver of its choice; this package imports none. Migrate
// makes the tables, or brings them up to date.
//
// # Tenants
//
// Every row belongs to a tenant. Rows are found by their tenant, and unique keys begin
// with it or end with it: two applications with different tenants may share the tables.
// The IDs of connections and of one-time values, and the hashes of sessions, are
// unique among all tenants.
//
// # Transactions
//
// InTx puts a transaction into the context; every method called with that context
// joins it, those of both contracts. Inside it, use that context for every call to the
// store: a call with another one waits for a connection, which the transaction may
// hold.
//
// On PostgreSQL, MariaDB and MySQL transactions are READ COMMITTED. When the database
// undoes one because of another transaction, InTx calls its function again, ten times
// in all: after SQLSTATE 40001 and 40P01 on PostgreSQL, and after the errors 1213, 1205
// and 1020 on the others. Every call after such an error returns it again.
//
// InOptimisticTx saves round trips. With connections that are Config.Pipelined, a write in
// it is sent with the next call that needs an answer or with the commit. After an error of
// SQLSTATE 22012 or class 23 the function is called again, with one statement at a time.
//
// On SQLite with a Writer, functions of InTx that wait run one after another behind
// savepoints and share a commit; InTx returns after it. One that fails is undone alone, and
// a commit that fails is the failure of all. A function that takes more than 0.1 s while
// others wait for that commit, perhaps because it waits for one of them to return, is undone
// and called again, with a commit of its own.
//
// # What is stored
//
// The tables are connections, claims, one_time, documents, audit, audit_last, users, roles,
// role_permissions, user_roles, sessions, attempts, tickets, factors and api_tokens, schema,
// which notes the steps of Migrate, and on MySQL locks. Their names begin with the prefix, or
// are those of Config.Tables. Times are whole microseconds since 1970. Tokens of connections
// are stored as the vault sealed them, sessions, tickets and API tokens as hashes. In texts,
// a byte that is not UTF-8, zero or 0x1a is written as 0x1a and two hexadecimal digits.
//
// PostgreSQL refuses an identity (tenant, provider and the provider's ID of the user)
// of more than 2,700 bytes, the limit of its indexes. MariaDB and MySQL refuse a
// provider's ID for a user of more than 2,500 bytes, an e-mail address or username of
// more than 1,023, and other IDs and names of more than 255. What rows are found by is
// VARBINARY there, which tells "a" from "A" and from "a "; other texts are utf8mb4.
package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/vault"
)

// Config says where a Store keeps its rows.
type Config struct {
	// DB serves writes and transactions. On SQLite it should have one connection
	// and begin its transactions as IMMEDIATE, as package sqlite does it.
	DB *sql.DB
	// ReadDB serves reads outside of transactions; DB when nil. On SQLite the file
	// must then be in WAL mode, and a look-up of one row goes on when its context ends.
	ReadDB  *sql.DB
	Dialect Dialect
	// Writer, on SQLite, serves writes and transactions in place of DB, which serves the
	// methods of schema.Migrator then.
	Writer *Writer
	// Prefix begins the names of the tables, "social_" when empty: letters, digits
	// and underscores. On PostgreSQL it may begin with an existing schema and a dot,
	// or be no more than that; on MySQL with another database. Only SQLite keeps
	// capitals.
	Prefix string
	// Tables gives tables other names.
	Tables Tables
	// ConnectionsOnly is for applications with users of their own: Migrate makes
	// only the tables of vault.Store, and the methods of accounts.Store return
	// ErrNoAccounts. A connection names its user by any text; there is no foreign key.
	ConnectionsOnly bool
	// Pipelined says that DB's connections send several statements in one round trip, as
	// those of package postgres do. In a transaction of READ COMMITTED such a connection may
	// keep its BEGIN, and statements for which Pipelined returns deferred, until there is a
	// statement that is not deferred or the COMMIT, and sends them before that in their
	// order. What follows one that fails is not done, and the call that sent it returns its
	// error. Rows of a query for which Pipelined returns ok have texts, integers, booleans
	// and bytes alone.
	Pipelined bool
	// ReadCommitted says that transactions on DB are READ COMMITTED unless they say
	// otherwise, which saves MariaDB and MySQL a statement for each.
	ReadCommitted bool
	// OnClose is called by Close after the statements are closed, and may close the
	// databases and the Writer. They stay open when it is nil.
	OnClose func() error
}

// A Store keeps everything in one SQL database. It is safe for concurrent use,
// and several processes may each have one on the same database.
type Store struct {
	db, readDB *sql.DB
	writer     *Writer
	dialect    Dialect
	tables     Tables
	noAccounts bool
	onClose    func() error

	pipelined, readCommitted bool

	statements []*statement
	nothing    *statement
	connection connectionStatements
	lease      leaseStatements
	claim      claimStatements
	oneTime    oneTimeStatements
	audit      auditStatements
	user       userStatements
	session    sessionStatements
	role       roleStatements
	attempt    attemptStatements
	ticket     ticketStatements
	factor     factorStatements
	token      tokenStatements
	document   documentStatements
	cleaning   cleanStatements
}

var (
	_ vault.Store         = (*Store)(nil)
	_ vault.Lister        = (*Store)(nil)
	_ vault.Transactor    = (*Store)(nil)
	_ vault.Joiner        = (*Store)(nil)
	_ accounts.Store      = (*Store)(nil)
	_ audit.Store         = (*Store)(nil)
	_ document.Store      = (*Store)(nil)
	_ accounts.TxNotifier = (*Store)(nil)

	_ vault.OptimisticTransactor    = (*Store)(nil)
	_ accounts.OptimisticTransactor = (*Store)(nil)
)

// New returns a Store on open databases. It does not use them.
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
	if c.Writer != nil && c.Dialect != SQLite {
		return nil, fmt.Errorf("sqlstore: a Writer is for SQLite, and not for %v", c.Dialect)
	}
	tables, err := c.Tables.named(c.Prefix, c.Dialect)
	if err != nil {
		return nil, err
	}
	s := &Store{db: c.DB, readDB: c.ReadDB, writer: c.Writer, dialect: c.Dialect, tables: tables, noAccounts: c.ConnectionsOnly, onClose: c.OnClose,
		pipelined: c.Pipelined, readCommitted: c.ReadCommitted}
	if s.pipelined {
		s.nothing = s.write(`SELECT 1`)
	}
	s.connection = s.connectionStatements()
	s.lease = s.leaseStatements()
	s.claim = s.claimStatements()
	s.oneTime = s.oneTimeStatements()
	s.audit = s.auditStatements()
	s.user = s.userStatements()
	s.session = s.sessionStatements()
	s.role = s.roleStatements()
	s.attempt = s.attemptStatements()
	s.ticket = s.ticketStatements()
	s.factor = s.factorStatements()
	s.token = s.tokenStatements()
	s.document = s.documentStatements()
	s.cleaning = s.cleanStatements()
	return s, nil
}

// Close closes the prepared statements and calls Config.OnClose. Calls that have not
// returned may fail.
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
