package integration_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/test/ferret"
	"github.com/gosocial/social/internal/test/mariadb"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/internal/test/wire"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/sqlstore/postgres"
)

// behind opens the database of a URL through a wire.
func behind(t *testing.T, address string, to func(testing.TB, string) *wire.Wire, open func(address string) (*sqlstore.Store, error)) (counted, func(func()) []wire.Trip) {
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
	return store, w.During
}

// sessionLimit is how many sessions a user has, which is less than by default.
const sessionLimit = 4

// defaultHouse is a house as the program serves it by default, where a log-in of an unknown
// person makes an account.
func defaultHouse(t *testing.T, store counted) *house {
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

// A counted is a store whose statements are counted.
type counted interface {
	houseStore
	audit.Store
}

// What a log-in sends to the database is listed in roundtrips_list_test.go, a line for each
// round trip, so that a new one is seen.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		open func(t *testing.T) (store counted, during func(func()) []wire.Trip)
		want logInTrips
	}{
		"PostgreSQL": {
			func(t *testing.T) (counted, func(func()) []wire.Trip) {
				return behind(t, pgtest.Start(t).URL(t), wire.PostgreSQL, func(address string) (*sqlstore.Store, error) {
					return postgres.Open(t.Context(), address, postgres.Migrate())
				})
			}, onPostgreSQL,
		},
		"PgBouncer": {
			func(t *testing.T) (counted, func(func()) []wire.Trip) {
				return behind(t, pgtest.Pooler(t, pgtest.Start(t).URL(t)), wire.PostgreSQL, func(address string) (*sqlstore.Store, error) {
					return postgres.Open(t.Context(), address, postgres.Migrate(), postgres.ThroughPooler())
				})
			}, onPostgreSQL,
		},
		"MariaDB": {
			func(t *testing.T) (counted, func(func()) []wire.Trip) {
				return behind(t, mariadb.Start(t).URL(t), wire.MySQL, func(address string) (*sqlstore.Store, error) {
					return mysql.Open(t.Context(), address+"?tls=false", mysql.Migrate())
				})
			}, onMariaDB,
		},
		"SQLite":  {watchedSQLite, onSQLite},
		"MongoDB": {watchedMongoDB, onMongoDB},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, during := tt.open(t)
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
					trips := during(do)
					if round == 2 { // the ones before prepare statements
						wantTrips(t, what, trips, want)
					}
				}
				check("the log-in of a new user", logIn(h.browser()), tt.want.newUser)
				b := h.browser()
				check("the log-in of a known user", logIn(b), tt.want.knownUser)
				check("a request", visit(b), tt.want.request)
				user, err := h.acc.Users(t.Context(), "", 1)
				h.must(err)
				_, err = store.DeleteSessions(t.Context(), accounts.SessionFilter{UserID: user[0].ID})
				h.must(err)
				check("a log-in where a session has ended", logIn(b), tt.want.again)
				for range sessionLimit {
					logIn(h.browser())()
				}
				check("a log-in beyond the limit of sessions", logIn(h.browser()), tt.want.full)
				h.must(h.soc.DeleteUser(t.Context(), user[0].ID))
			}
		})
	}
}

// A watch lists statements in place of a wire, each as a round trip of its own.
type watch struct {
	mu    sync.Mutex
	trips []wire.Trip
}

func (w *watch) note(statement string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trips = append(w.trips, wire.Trip{statement})
}

func (w *watch) during(f func()) []wire.Trip {
	w.mu.Lock()
	w.trips = nil
	w.mu.Unlock()
	f()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.trips)
}

// watchedSQLite opens a store on a pool, and not on the writer of package sqlite, which gets
// the same statements.
func watchedSQLite(t *testing.T) (counted, func(func()) []wire.Trip) {
	w := &watch{}
	db := sqltest.Database{Dialect: sqlstore.SQLite, Driver: "sqlite", Sources: map[string]func(testing.TB, string) string{
		"plain": func(_ testing.TB, path string) string {
			return "file:" + path + "?_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_txlock=immediate"
		},
	}}
	store, _ := db.Watched(t, filepath.Join(t.TempDir(), "social.db"), func(_ context.Context, statement string) error {
		w.note(statement)
		return nil
	})
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store, w.during
}

// watchedMongoDB opens a store on FerretDB.
func watchedMongoDB(t *testing.T) (counted, func(func()) []wire.Trip) {
	w := &watch{}
	address := ferret.Start(t).ReplicaSetURL(t)
	monitor := &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		in, _ := e.Command.Lookup(e.CommandName).StringValueOK()
		w.note(strings.TrimSpace(e.CommandName + " " + in))
	}}
	client, err := mongo.Connect(options.Client().ApplyURI(address).SetMonitor(monitor))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Disconnect(context.Background()) })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	store, err := mongostore.New(t.Context(), client.Database(strings.Trim(u.Path, "/")), mongostore.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store, w.during
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
	verb   = regexp.MustCompile(`\b(SELECT|INSERT|UPDATE|DELETE)\b`)
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
	return strings.ReplaceAll(text, "social_", "") // a command of MongoDB
}
