// Package sqlite opens a sqlstore.Store on a SQLite file, with a driver that
// needs no C compiler.
package sqlite

import (
	"context"
	crand "crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/gosocial/social/sqlstore"
)

// An Option changes how a database is opened.
type Option func(*options)

type options struct {
	migrate bool
	prefix  string
	tables  sqlstore.Tables
	pragmas []pragma
	readers int

	connectionsOnly bool
}

type pragma struct{ name, value string }

// Migrate brings the schema up while opening.
func Migrate() Option { return func(o *options) { o.migrate = true } }

// Prefix replaces "social_" before the names of the tables.
func Prefix(prefix string) Option { return func(o *options) { o.prefix = prefix } }

// Tables gives tables other names than Prefix does.
func Tables(names sqlstore.Tables) Option { return func(o *options) { o.tables = names } }

// ConnectionsOnly leaves accounts out, for applications with users of their own;
// see sqlstore.Config.
func ConnectionsOnly() Option { return func(o *options) { o.connectionsOnly = true } }

// Pragma sets a pragma on every connection, instead of or beside the default
// ones: synchronous to FULL, for example, keeps the last commits over a loss of
// power. One that SQLite does not know is an error of Open; a value that it does
// not know is not.
func Pragma(name, value string) Option {
	return func(o *options) {
		for i, p := range o.pragmas {
			if strings.EqualFold(p.name, name) {
				o.pragmas[i].value = value
				return
			}
		}
		o.pragmas = append(o.pragmas, pragma{name, value})
	}
}

// Readers sets how many connections read at once; by default 4, or as many as
// the machine has cores when these are more.
func Readers(n int) Option { return func(o *options) { o.readers = max(n, 1) } }

func defaults() options {
	return options{
		readers: max(4, runtime.GOMAXPROCS(0)),
		pragmas: []pragma{
			{"busy_timeout", "10000"}, // first: the others may have to wait
			{"page_size", "8192"},     // a row with its token fits one page; only a new file takes it
			{"journal_mode", "WAL"},
			{"synchronous", "NORMAL"},
			{"foreign_keys", "ON"},
			{"temp_store", "MEMORY"},
			{"cache_size", "-8192"},        // KiB, each connection
			{"wal_autocheckpoint", "4000"}, // pages
		},
	}
}

// Open opens the database file at path and makes it when it is not there; its
// folder must be. ":memory:" is a database of its own that ends with the store.
// Open makes no tables, unless Migrate says so.
//
// Writes share one connection and are committed one after another; reads have
// their own and wait for none. Other processes may have the file open.
func Open(ctx context.Context, path string, opts ...Option) (*sqlstore.Store, error) {
	o := defaults()
	for _, opt := range opts {
		opt(&o)
	}
	s, err := open(ctx, path, o)
	// Where several open a new file at once, SQLite calls it locked without a wait
	// while it turns to WAL: a wait could be for one another.
	for end := time.Now().Add(o.patience()); busy(err) && time.Now().Before(end) && pause(ctx); {
		s, err = open(ctx, path, o)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	return s, nil
}

// patience is for how long a lock is waited for.
func (o options) patience() time.Duration {
	for _, p := range o.pragmas {
		if strings.EqualFold(p.name, "busy_timeout") {
			ms, _ := strconv.Atoi(p.value)
			return time.Duration(ms) * time.Millisecond
		}
	}
	return 0
}

// busy reports whether err says that somebody else has the file locked.
func busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// pause waits for some milliseconds; it reports whether ctx goes on.
func pause(ctx context.Context) bool {
	timer := time.NewTimer(time.Millisecond + rand.N(20*time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func open(ctx context.Context, path string, o options) (*sqlstore.Store, error) {
	if path == "" {
		return nil, errors.New("no path")
	}
	memory := path == ":memory:"
	uri := fileURI(path)
	if memory {
		// A connection to ":memory:" takes its database along when the pool drops
		// it. One of this kind lives as long as any connection to it.
		uri = "file:/social-" + crand.Text() + "?vfs=memdb"
	}
	if info, err := os.Stat(path); !memory && (err != nil || info.Size() == 0) {
		if err := lay(ctx, uri, o.pragmas); err != nil {
			return nil, err
		}
	}
	writer, err := pool(uri, o.pragmas, "_txlock=immediate")
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	pools := []*sql.DB{writer}
	closeAll := func() error {
		var errs []error
		for _, db := range pools {
			errs = append(errs, db.Close())
		}
		return errors.Join(errs...)
	}
	if err := probe(ctx, writer, o.pragmas); err != nil {
		return nil, errors.Join(err, closeAll())
	}
	second, err := pool(uri, o.pragmas, "_query_only=1")
	if err != nil {
		return nil, errors.Join(err, closeAll())
	}
	pools = append(pools, second)
	reader := second
	if memory {
		// The second one only keeps the database alive.
		second.SetMaxOpenConns(1)
		reader = writer
	} else {
		second.SetMaxOpenConns(o.readers)
		second.SetMaxIdleConns(o.readers)
	}
	if err := second.PingContext(ctx); err != nil {
		return nil, errors.Join(err, closeAll())
	}
	s, err := sqlstore.New(sqlstore.Config{DB: writer, ReadDB: reader, Dialect: sqlstore.SQLite, Prefix: o.prefix,
		Tables: o.tables, ConnectionsOnly: o.connectionsOnly, OnClose: closeAll})
	if err != nil {
		return nil, errors.Join(err, closeAll())
	}
	if o.migrate {
		if err := s.Migrate(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func fileURI(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?"
}

func pool(uri string, pragmas []pragma, more string) (*sql.DB, error) {
	var b strings.Builder
	b.WriteString(uri)
	for _, p := range pragmas {
		b.WriteString("&_pragma=" + url.QueryEscape(p.name+"("+p.value+")"))
	}
	b.WriteString("&" + more)
	connector, err := sqlite.NewConnector(b.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// lay writes the first page of a new file. In WAL mode it would have the default
// size, whatever page_size says, and keep it.
func lay(ctx context.Context, uri string, pragmas []pragma) error {
	pragmas = slices.DeleteFunc(slices.Clone(pragmas), func(p pragma) bool {
		return strings.EqualFold(p.name, "journal_mode")
	})
	db, err := pool(uri, pragmas, "_txlock=immediate")
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var pages int
	if err := tx.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	if pages == 0 {
		// What it is already; writing it is what counts.
		if _, err := tx.ExecContext(ctx, "PRAGMA user_version = 0"); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// probe opens the file and takes the write lock for a moment, so that a path
// which cannot be written is found now. SQLite ignores pragmas that it does not
// know; probe does not.
func probe(ctx context.Context, db *sql.DB, pragmas []pragma) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, p := range pragmas {
		var known bool
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM pragma_pragma_list WHERE name = lower(?)`, p.name).Scan(&known)
		if err != nil {
			return err
		}
		if !known {
			return fmt.Errorf("SQLite has no pragma %q", p.name)
		}
	}
	return nil
}
