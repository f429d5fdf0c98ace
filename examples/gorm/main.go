// Command gorm is a site with users of its own: a GORM model with numbers for IDs,
// and sessions and pages of its own. The store of connections uses GORM's *sql.DB, so
// that a user and their first connection are created in one transaction.
package main

import (
	"context"
	"log"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/gosocial/social"
	"github.com/gosocial/social/examples/internal/pages"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/sqlstore"
)

func main() { site.Main("gorm.db", open) }

// settings make connections that write to the SQLite file wait for each other.
const settings = "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)"

func open(ctx context.Context, s site.Site) (*site.App, error) {
	db, err := gorm.Open(sqlite.Open("file:"+s.Database+settings), &gorm.Config{
		TranslateError: true,
		// ParameterizedQueries keeps e-mail addresses and hashes out of the log.
		Logger: logger.New(log.Default(), logger.Config{LogLevel: logger.Warn, IgnoreRecordNotFoundError: true, ParameterizedQueries: true}),
	})
	if err != nil {
		return nil, err
	}
	if err := db.WithContext(ctx).AutoMigrate(&User{}, &Session{}); err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	store, err := sqlstore.New(sqlstore.Config{DB: pool, Dialect: sqlstore.SQLite, ConnectionsOnly: true, OnClose: pool.Close})
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx); err != nil {
		return nil, err
	}
	people := &users{db: db, store: store}
	soc, err := social.New(social.Config{
		AppURL: s.URL, Providers: s.Providers, Connections: store, Users: people, Keys: s.Keys,
		SignUp:                social.Auto,
		AllowPrivateAddresses: s.Pretend,
	})
	if err != nil {
		return nil, err
	}
	own := pages.Pages{Social: soc, Current: current, Delete: soc.DeleteUser, Google: s.Google}
	return &site.App{Handler: people.middleware(own.Handler()), Vault: soc.Vault(), Jobs: store.Jobs(), Close: store.Close}, nil
}
