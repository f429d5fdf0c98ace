package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
)

// OpenStore opens the database, and brings its schema up if the configuration
// says so. A schema that is not the program's is an error.
func OpenStore(ctx context.Context, c *config.Config) (*sqlstore.Store, error) {
	store, err := OpenDatabase(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := fit(ctx, store, c.Migrate); err != nil {
		return nil, fmt.Errorf("database: %w", errors.Join(err, store.Close()))
	}
	return store, nil
}

func fit(ctx context.Context, store *sqlstore.Store, migrate bool) error {
	if migrate {
		return store.Migrate(ctx)
	}
	status, err := store.Status(ctx)
	switch {
	case err != nil:
		return err
	case status.Version > status.Latest:
		return fmt.Errorf("%w: version %d, and the program knows %d", sqlstore.ErrNewerSchema, status.Version, status.Latest)
	case !status.Current():
		return fmt.Errorf("the schema is at version %d and the program needs %d: run social migrate, or set migrate to true", status.Version, status.Latest)
	}
	return nil
}

// OpenDatabase opens the database as it is.
func OpenDatabase(ctx context.Context, c *config.Config) (*sqlstore.Store, error) {
	path, ok := strings.CutPrefix(c.Database, "sqlite:")
	if !ok {
		kind, _, _ := strings.Cut(c.Database, ":")
		return nil, fmt.Errorf("database: this version keeps its data in SQLite, as in sqlite:social.db, not in %s", kind)
	}
	if path == "" {
		return nil, errors.New("database: sqlite: lacks the file's path, as in sqlite:social.db")
	}
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return store, nil
}
