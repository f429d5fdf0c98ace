// Package sqlite opens a sqlstore.Store on a SQLite file, with a driver that needs no C
// compiler. It is a module of its own:
//
//	go get github.com/gosocial/social/sqlstore/sqlite
package sqlite

import (
	"context"
	crand "crypto/rand"
	"database/sql"
	"database/sql/driver"
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
	sqlstore.Config
	migrate bool
	pragmas []pragma
	readers int
	// logBytes is how much is written to the write-ahead log before it is copied.
	logBytes int
	opened   []func() error // close what is open
}

type pragma struct{ name, value string }

// Migrate has Open bring the schema up to date.
func Migrate() Option { return func(o *options) { o.migrate = true } }

// Prefix replaces "social_", with which the names of the tables begin.
func Prefix(prefix string) Option { return func(o *options) { o.Prefix = prefix } }

// Tables gives tables other names.
func Tables(names sqlstore.Tables) Option { return func(o *options) { o.Tables = names } }

// ConnectionsOnly is for applications with users of their own: there are no tables of
// accounts; see sqlstore.Config.
func ConnectionsOnly() Option { return func(o *options) { o.ConnectionsOnly = true } }

// Pragma sets a pragma on every connection, in place of its default or in addition to
// the defaults: with synchronous at FULL, for example, the last commits survive a loss
// of power. At NORMAL, the default, only those do whose context is one of
// vault.WithDurable, as rotated refresh tokens are stored. A pragma that SQLite does not know is an error of Open; SQLite ignores a
// value that it does not know.
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

// Readers sets how many connections read at once, at least 1. The default is 4, or the
// number of cores when that is more.
func Readers(n int) Option { return func(o *options) { o.readers = max(n, 1) } }

func defaults() options {
	return options{
		readers:  max(4, runtime.GOMAXPROCS(0)),
		logBytes: 8 << 20,
		pragmas: []pragma{
			{"busy_timeout", "10000"}, // first, because the others may have to wait
			{"page_size", "4096"},     // of a new file: a log-in writes half as much as with 8192
			{"journal_mode", "WAL"},
			{"synchronous", "NORMAL"},
			{"foreign_keys", "ON"},
			{"temp_store", "MEMORY"},
			{"cache_size", "-8192"}, // KiB for each connection
		},
	}
}

// Open opens the database file at path, or makes it in an existing folder, with mode
// 0600: only its owner may open it, and the files -wal and -shm beside it. A file that
// exists keeps its mode. ":memory:" is a new database that ends with the store. Open
// makes no tables without Migrate.
//
// Writes have one connection. They take turns in the order in which they came, and those
// that wait share a commit; see sqlstore.Writer. Reads have their own connections and do not
// wait. After each 8 MiB of the write-ahead log, a goroutine copies it into the file beside
// the writes, unless Pragma sets wal_autocheckpoint: then SQLite does what that says. Other
// processes may have the file open. ":memory:" has none of this: one connection reads and
// writes.
func Open(ctx context.Context, path string, opts ...Option) (*sqlstore.Store, error) {
	o := defaults()
	for _, opt := range opts {
		opt(&o)
	}
	s, err := open(ctx, path, o)
	// When several processes open a new file at once, SQLite says that it is locked,
	// without a wait, while it changes to WAL: they could wait for one another.
	for end := time.Now().Add(o.busyTimeout()); busy(err) && time.Now().Before(end) && pause(ctx, 20*time.Millisecond); {
		s, err = open(ctx, path, o)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	return s, nil
}

// busyTimeout is how long to wait for a lock.
func (o options) busyTimeout() time.Duration {
	ms, _ := strconv.Atoi(o.pragma("busy_timeout"))
	return time.Duration(ms) * time.Millisecond
}

// pragma returns the value that a pragma is set to, or "".
func (o options) pragma(name string) string {
	for _, p := range o.pragmas {
		if strings.EqualFold(p.name, name) {
			return p.value
		}
	}
	return ""
}

// busy reports whether err says that the file is locked.
func busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// pause waits, at random, no longer than longest. It reports whether ctx has not ended.
func pause(ctx context.Context, longest time.Duration) bool {
	timer := time.NewTimer(rand.N(longest))
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
	ownCheckpoints := o.pragma("wal_autocheckpoint") == ""
	if ownCheckpoints {
		o.pragmas = append(slices.Clone(o.pragmas), pragma{"wal_autocheckpoint", "0"})
	}
	memory := path == ":memory:"
	uri := fileURI(path)
	if memory {
		// A database of ":memory:" ends with its connection, which the pool may drop.
		// One of memdb ends with its last connection.
		uri = "file:/social-" + crand.Text() + "?vfs=memdb"
	}
	if info, err := os.Stat(path); !memory && (err != nil || info.Size() == 0) {
		if err := makePrivate(path); err != nil {
			return nil, err
		}
		if err := writeFirstPage(ctx, uri, o.pragmas); err != nil {
			return nil, err
		}
	}
	o.Dialect, o.OnClose = sqlstore.SQLite, o.close
	if err := o.openPools(ctx, uri, memory); err != nil {
		return nil, errors.Join(err, o.close())
	}
	if !memory {
		if err := o.openWriter(ctx, path, uri, ownCheckpoints); err != nil {
			return nil, errors.Join(err, o.close())
		}
	}
	s, err := sqlstore.New(o.Config)
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	if o.migrate {
		if err := s.Migrate(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// close closes what was opened last first.
func (o *options) close() error {
	var errs []error
	for _, f := range slices.Backward(o.opened) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// openPools opens the pools for reads, and for writes or, where there is a Writer, the
// methods of schema.Migrator.
func (o *options) openPools(ctx context.Context, uri string, memory bool) error {
	reads, err := pool(uri, o.pragmas, "_query_only=1")
	if err != nil {
		return err
	}
	o.opened = append(o.opened, reads.Close)
	writes, err := pool(uri, o.pragmas, "_txlock=immediate")
	if err != nil {
		return err
	}
	o.opened = append(o.opened, writes.Close)
	o.DB, o.ReadDB = writes, reads
	writes.SetMaxOpenConns(1)
	if memory {
		// The second pool only keeps the database alive.
		reads.SetMaxOpenConns(1)
		o.ReadDB = writes
	} else {
		reads.SetMaxOpenConns(o.readers)
		reads.SetMaxIdleConns(o.readers)
		writes.SetMaxIdleConns(-1)
	}
	if err := probe(ctx, writes, o.pragmas); err != nil {
		return err
	}
	return reads.PingContext(ctx)
}

func fileURI(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?"
}

func pool(uri string, pragmas []pragma, more string) (*sql.DB, error) {
	c, err := connector(uri, pragmas, more)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

func connector(uri string, pragmas []pragma, more string) (driver.Connector, error) {
	var b strings.Builder
	b.WriteString(uri)
	for _, p := range pragmas {
		b.WriteString("&_pragma=" + url.QueryEscape(p.name+"("+p.value+")"))
	}
	b.WriteString("&" + more)
	return sqlite.NewConnector(b.String())
}

// makePrivate makes the file, if it does not exist, with a mode that lets nobody but its
// owner open it. SQLite gives the files beside it the same mode.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// writeFirstPage makes a new file with pages of page_size. In WAL mode they would have
// the default size.
func writeFirstPage(ctx context.Context, uri string, pragmas []pragma) error {
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
		// The value stays the same; writing it makes the page.
		if _, err := tx.ExecContext(ctx, "PRAGMA user_version = 0"); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// probe takes the write lock for a moment, which fails on a file that cannot be
// written, and returns an error for a pragma that SQLite does not know and would
// ignore.
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
