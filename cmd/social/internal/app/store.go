package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/schema"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// A Store keeps connections and accounts in one database.
type Store interface {
	vault.Store
	vault.Lister
	vault.Transactor
	accounts.Store
	audit.Store
	document.Store
	schema.Migrator

	Jobs() []jobs.Job
	Close() error
}

// OpenStore opens the database, and migrates its schema if the configuration
// allows it. A schema that differs from the program's is an error.
func OpenStore(ctx context.Context, c *config.Config) (Store, error) {
	store, err := OpenDatabase(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, store, c.Migrate); err != nil {
		return nil, fmt.Errorf("database: %w", errors.Join(err, store.Close()))
	}
	return store, nil
}

func checkSchema(ctx context.Context, store Store, migrate bool) error {
	if migrate {
		return store.Migrate(ctx)
	}
	status, err := store.Status(ctx)
	if err != nil {
		return err
	}
	err = status.Err()
	if errors.Is(err, schema.ErrOlder) {
		return fmt.Errorf("%w: run social migrate, or set migrate to true", err)
	}
	return err
}

// OpenToRead opens the database and changes nothing. In place of a SQLite file
// that does not exist, which opening would create, it opens an empty database in
// memory.
func OpenToRead(ctx context.Context, c *config.Config) (Store, error) {
	if path, ok := strings.CutPrefix(c.Database, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			empty := *c
			empty.Database = "sqlite::memory:"
			c = &empty
		}
	}
	return OpenDatabase(ctx, c)
}

// OpenDatabase opens the database, whatever its schema.
func OpenDatabase(ctx context.Context, c *config.Config) (Store, error) {
	store, err := open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return store, nil
}

func open(ctx context.Context, c *config.Config) (Store, error) {
	kind, path, found := strings.Cut(c.Database, ":")
	switch kind {
	case "sqlite":
		if path == "" {
			return nil, errors.New("sqlite: the path of the file is missing, as in sqlite:social.db")
		}
		return opened(sqlite.Open(ctx, path, sqliteOptions(c)...))
	case "postgres", "postgresql":
		return opened(postgres.Open(ctx, c.Database, postgresOptions(c)...))
	case "mysql", "mariadb":
		return opened(mysql.Open(ctx, c.Database, mysqlOptions(c)...))
	case "mongodb", "mongodb+srv":
		return opened(mongostore.Open(ctx, c.Database, mongoOptions(c)...))
	}
	const kinds = "it must be SQLite, as in sqlite:social.db, PostgreSQL, as in postgres://user:password@host/name, " +
		"MariaDB or MySQL, as in mysql://user:password@host/name, or MongoDB, as in mongodb://user:password@host/name"
	if !found || strings.ContainsFunc(kind, func(r rune) bool { return r < 'a' || 'z' < r }) {
		return nil, errors.New(kinds) // do not repeat it: it may be a password
	}
	return nil, fmt.Errorf("%s, not in %s", kinds, kind)
}

// opened returns a nil Store with an error, where a nil s would make it non-nil.
func opened[S Store](s S, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

func sqliteOptions(c *config.Config) []sqlite.Option {
	opts := []sqlite.Option{sqlite.Prefix(c.TablePrefix)}
	if c.DatabaseConnections > 0 {
		opts = append(opts, sqlite.Readers(c.DatabaseConnections))
	}
	for _, pragma := range c.SQLitePragmas {
		name, value, _ := strings.Cut(pragma, "=")
		opts = append(opts, sqlite.Pragma(name, value))
	}
	return opts
}

func postgresOptions(c *config.Config) []postgres.Option {
	opts := []postgres.Option{postgres.Prefix(c.TablePrefix)}
	if c.DatabaseConnections > 0 {
		opts = append(opts, postgres.Connections(c.DatabaseConnections))
	}
	return opts
}

func mysqlOptions(c *config.Config) []mysql.Option {
	opts := []mysql.Option{mysql.Prefix(c.TablePrefix)}
	if c.DatabaseConnections > 0 {
		opts = append(opts, mysql.Connections(c.DatabaseConnections))
	}
	return opts
}

func mongoOptions(c *config.Config) []mongostore.Option {
	opts := []mongostore.Option{mongostore.Prefix(c.TablePrefix)}
	if c.DatabaseConnections > 0 {
		opts = append(opts, mongostore.Connections(c.DatabaseConnections))
	}
	return opts
}
