package mongostore

import "go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

// An Option changes how a database is opened.
type Option func(*settings)

type settings struct {
	migrate      bool
	prefix       string
	writeConcern *writeconcern.WriteConcern
	connections  int

	connectionsOnly bool
}

func settingsOf(opts []Option) settings {
	o := settings{prefix: "social_", writeConcern: writeconcern.Majority()}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Migrate has Open or New bring the schema up to date.
func Migrate() Option { return func(o *settings) { o.migrate = true } }

// Prefix replaces "social_", with which the names of the collections begin.
func Prefix(prefix string) Option { return func(o *settings) { o.prefix = prefix } }

// ConnectionsOnly is for applications with users of their own: there are no collections
// of accounts, and the methods of accounts.Store return ErrNoAccounts. When it is no
// longer set, the next Migrate makes them.
func ConnectionsOnly() Option { return func(o *settings) { o.connectionsOnly = true } }

// WriteConcern replaces "majority". With less, a change of the primary may lose a write
// that was acknowledged: a rotated refresh token, a claim.
func WriteConcern(c *writeconcern.WriteConcern) Option {
	return func(o *settings) { o.writeConcern = c }
}

// Connections sets how many connections Open makes at most to each server, at least 1.
// The default is the URL's maxPoolSize, or 100.
func Connections(n int) Option { return func(o *settings) { o.connections = max(n, 1) } }
