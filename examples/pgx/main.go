// Command pgx is a site on PostgreSQL with plain pgx and users of its own: the store
// shares the application's pool, keeps connections in a schema of their own, and joins
// the application's transactions.
//
// It needs a database: DATABASE_URL=postgres://user:password@host/name.
package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosocial/social"
	"github.com/gosocial/social/examples/internal/pages"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/sqlstore"
)

func main() { site.Main("postgres://postgres@127.0.0.1:5432/postgres", open) }

// tables makes the application's own tables, and the store's schema.
const tables = `
CREATE TABLE IF NOT EXISTS people (
	id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	email text NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS sessions (
	hash    bytea PRIMARY KEY,
	person  uuid NOT NULL REFERENCES people ON DELETE CASCADE,
	expires timestamptz NOT NULL
);
CREATE SCHEMA IF NOT EXISTS auth;
`

func open(ctx context.Context, s site.Site) (_ *site.App, err error) {
	pool, err := pgxpool.New(ctx, s.Database)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			pool.Close()
		}
	}()
	if _, err = pool.Exec(ctx, tables); err != nil {
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	store, err := sqlstore.New(sqlstore.Config{
		DB: db, Dialect: sqlstore.PostgreSQL, Prefix: "auth.", ConnectionsOnly: true,
		OnClose: func() error {
			err := db.Close()
			pool.Close()
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	if err = store.Migrate(ctx); err != nil {
		return nil, err
	}
	p := &people{pool: pool, db: db, store: store}
	soc, err := social.New(social.Config{
		AppURL: s.URL, Providers: s.Providers, Connections: store, Users: p, Keys: s.Keys,
		SignUp:                social.Auto,
		AllowPrivateAddresses: s.Pretend,
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	own := pages.Pages{
		Social: soc, Current: current, Google: s.Google,
		Delete: func(ctx context.Context, id string) error { return p.delete(ctx, soc.Vault(), id) },
	}
	return &site.App{Handler: p.middleware(own.Handler()), Vault: soc.Vault(), Jobs: store.Jobs(), Close: store.Close}, nil
}
