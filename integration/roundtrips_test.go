package integration_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/test/mariadb"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/internal/test/wire"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/sqlstore/postgres"
)

// behind opens the database of a URL through a wire.
func behind(t *testing.T, address string, to func(testing.TB, string) *wire.Wire, open func(address string) (*sqlstore.Store, error)) (*sqlstore.Store, *wire.Wire) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	w := to(t, u.Host)
	u.Host = w.Address
	store, err := open(u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store, w
}

// sessionLimit is how many sessions a user has, which is less than by default.
const sessionLimit = 4

// defaultHouse is a house as the program serves it by default, where a log-in of an unknown
// person makes an account.
func defaultHouse(t *testing.T, store interface {
	houseStore
	audit.Store
}) *house {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	log, err := audit.New(audit.Config{Store: store, Except: audit.SocialTwice()})
	if err != nil {
		t.Fatal(err)
	}
	users := accounts.Config{Store: store, Keys: keys, APITokens: true, Throttle: accounts.Throttle{UserSessions: sessionLimit},
		Record: func(ctx context.Context, e accounts.Event) error { return log.Record(ctx, e) }}
	return newHouseOf(t, users, store, func(c *social.Config) {
		c.SignUp, c.Keys = social.Auto, keys
		c.Record = func(ctx context.Context, e social.Event) error { return log.Record(ctx, e) }
	})
}

// logIn logs in as the provider's user ana.
func (h *house) logIn(b *http.Client) {
	h.t.Helper()
	resp, err := b.Get(h.callback(b, "/login/", "hub"))
	h.must(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		h.t.Fatalf("status %d", resp.StatusCode)
	}
}

// What PostgreSQL gets for a log-in, behind PgBouncer, too.
const (
	newUserOnPostgres = `
		INSERT claims
		begin isolation level read committed; SELECT user_roles, factors, sessions, connections, users
		SELECT user_roles, users
		INSERT attempts
		INSERT users; INSERT audit; INSERT connections; UPDATE users; INSERT sessions; DELETE sessions; INSERT audit; INSERT audit; commit`
	knownUserOnPostgres = `
		INSERT claims
		begin isolation level read committed; SELECT user_roles, factors, sessions, connections, users
		UPDATE connections; UPDATE users; INSERT sessions; DELETE sessions; INSERT audit; commit`
	// Where a session ends for the one that begins, that is recorded, too.
	fullUserOnPostgres = `
		INSERT claims
		begin isolation level read committed; SELECT user_roles, factors, sessions, connections, users
		UPDATE connections; UPDATE users; INSERT sessions; DELETE sessions; INSERT audit; INSERT audit; commit`
	// A browser with the cookie of a session that has ended, which each request looks for.
	againOnPostgres = `
		SELECT user_roles, sessions, users
		SELECT user_roles, sessions, users
		INSERT claims
		begin isolation level read committed; SELECT user_roles, factors, sessions, connections, users
		UPDATE connections; DELETE sessions; UPDATE users; INSERT sessions; DELETE sessions
		INSERT audit; commit`
	newUserOnMariaDB = `
		INSERT claims
		START TRANSACTION
		SELECT user_roles, factors, connections, users
		SELECT user_roles, users
		INSERT attempts
		SELECT attempts
		INSERT users
		INSERT audit
		INSERT connections
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		INSERT audit
		COMMIT`
	knownUserOnMariaDB = `
		INSERT claims
		START TRANSACTION
		SELECT user_roles, factors, connections, users
		UPDATE connections
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		COMMIT`
	fullUserOnMariaDB = `
		INSERT claims
		START TRANSACTION
		SELECT user_roles, factors, connections, users
		UPDATE connections
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		INSERT audit
		COMMIT`
	againOnMariaDB = `
		SELECT user_roles, sessions, users
		SELECT user_roles, sessions, users
		INSERT claims
		START TRANSACTION
		SELECT user_roles, factors, connections, users
		UPDATE connections
		DELETE sessions
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		COMMIT`
	request = `SELECT user_roles, sessions, users`
)

// What a log-in sends to the database is listed above, a line for each round trip, so that a
// new one is seen.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	throughPostgres := func(t *testing.T, address string, opts ...postgres.Option) (*sqlstore.Store, *wire.Wire) {
		return behind(t, address, wire.PostgreSQL, func(address string) (*sqlstore.Store, error) {
			return postgres.Open(t.Context(), address, append(opts, postgres.Migrate())...)
		})
	}
	for name, tt := range map[string]struct {
		open                            func(t *testing.T) (*sqlstore.Store, *wire.Wire)
		newUser, knownUser, full, again string
	}{
		"PostgreSQL": {
			func(t *testing.T) (*sqlstore.Store, *wire.Wire) {
				return throughPostgres(t, pgtest.Start(t).URL(t))
			},
			newUserOnPostgres, knownUserOnPostgres, fullUserOnPostgres, againOnPostgres,
		},
		"PgBouncer": {
			func(t *testing.T) (*sqlstore.Store, *wire.Wire) {
				return throughPostgres(t, pgtest.Pooler(t, pgtest.Start(t).URL(t)), postgres.ThroughPooler())
			},
			newUserOnPostgres, knownUserOnPostgres, fullUserOnPostgres, againOnPostgres,
		},
		"MariaDB": {
			func(t *testing.T) (*sqlstore.Store, *wire.Wire) {
				return behind(t, mariadb.Start(t).URL(t), wire.MySQL, func(address string) (*sqlstore.Store, error) {
					return mysql.Open(t.Context(), address+"?tls=false", mysql.Migrate())
				})
			},
			newUserOnMariaDB, knownUserOnMariaDB, fullUserOnMariaDB, againOnMariaDB,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, w := tt.open(t)
			h := defaultHouse(t, store)
			logIn := func(b *http.Client) func() { return func() { h.logIn(b) } }
			visit := func(b *http.Client) func() {
				return func() {
					resp, err := b.Get(h.URL + "/profile")
					h.must(err)
					resp.Body.Close()
				}
			}
			for round := range 3 {
				check := func(what string, do func(), want string) {
					trips := w.During(do)
					if round == 2 { // the ones before prepare statements
						wantTrips(t, what, trips, want)
					}
				}
				check("the log-in of a new user", logIn(h.browser()), tt.newUser)
				b := h.browser()
				check("the log-in of a known user", logIn(b), tt.knownUser)
				check("a request", visit(b), request)
				user, err := h.acc.Users(t.Context(), "", 1)
				h.must(err)
				_, err = store.DeleteSessions(t.Context(), accounts.SessionFilter{UserID: user[0].ID})
				h.must(err)
				check("a log-in where a session has ended", logIn(b), tt.again)
				for range sessionLimit {
					logIn(h.browser())()
				}
				check("a log-in beyond the limit of sessions", logIn(h.browser()), tt.full)
				h.must(h.soc.DeleteUser(t.Context(), user[0].ID))
			}
		})
	}
}

func wantTrips(t *testing.T, what string, trips []wire.Trip, want string) {
	t.Helper()
	var lines []string
	for _, trip := range trips {
		var statements []string
		for _, text := range trip {
			statements = append(statements, short(text))
		}
		// database/sql's driver asks whether a connection that was idle still works.
		if line := strings.Join(statements, "; "); line != "-- ping" {
			lines = append(lines, line)
		}
	}
	want = strings.ReplaceAll(strings.TrimSpace(want), "\t", "")
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("%s makes %d round trips:\n%s\nwant:\n%s", what, len(lines), got, want)
	}
}

var (
	verb   = regexp.MustCompile(`(?i)\b(SELECT|INSERT|UPDATE|DELETE)\b`)
	tables = regexp.MustCompile(`\bsocial_(\w+)`)
)

// short says what a statement does to which tables.
func short(text string) string {
	var names []string
	for _, m := range tables.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	if does := verb.FindString(text); does != "" {
		return fmt.Sprintf("%s %s", does, strings.Join(names, ", "))
	}
	return text
}
