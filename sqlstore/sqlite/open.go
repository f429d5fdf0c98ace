// Package sqlite opens a sqlstore.Store on a SQLite file.
package sqlite

import (
	"context"
	"errors"

	"github.com/gosocial/social/sqlstore"
)

// An Option changes how a database is opened.
type Option func(*options)

type options struct{ migrate bool }

// Migrate brings the schema up while opening.
func Migrate() Option { return func(o *options) { o.migrate = true } }

// Open opens the database at path; ":memory:" is one that lives as long as the
// store.
func Open(ctx context.Context, path string, opts ...Option) (*sqlstore.Store, error) {
	return nil, errors.New("sqlite: not there yet")
}
