package mongostore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

var now = time.Date(2026, time.March, 4, 5, 6, 7, 0, time.UTC)

// A recorder keeps the commands that a client sends.
type recorder struct {
	mu   sync.Mutex
	sent []bson.Raw
}

func (r *recorder) monitor(o *options.ClientOptions) {
	o.SetMonitor(&event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.sent = append(r.sent, slices.Clone(e.Command))
	}})
}

// during returns the commands that f sends.
func (r *recorder) during(t *testing.T, f func() error) []bson.Raw {
	t.Helper()
	r.mu.Lock()
	r.sent = nil
	r.mu.Unlock()
	if err := f(); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent
}

func recorded(t *testing.T, opts ...mongostore.Option) (*recorder, *mongostore.Store) {
	t.Helper()
	r := &recorder{}
	url := databases.ReplicaSetURL(t)
	db := client(t, url, r.monitor).Database(database(t, url).Name())
	s, err := mongostore.New(t.Context(), db, append(opts, mongostore.Prefix("_"), mongostore.Migrate())...)
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

// words describes a command by its name, its collection and the fields of its filter.
func words(command bson.Raw) string {
	elements, _ := command.Elements()
	name := elements[0].Key()
	parts := []string{name}
	if in, ok := elements[0].Value().StringValueOK(); ok {
		parts = append(parts, in)
	}
	part, filter := command, ""
	switch name {
	case "find":
		filter = "filter"
	case "findAndModify":
		filter = "query"
	case "update", "delete":
		part, filter = command.Lookup(name+"s", "0").Document(), "q"
	}
	if filter != "" {
		fields, _ := part.Lookup(filter).Document().Elements()
		for _, f := range fields {
			parts = append(parts, f.Key())
		}
	}
	for _, flag := range []string{"upsert", "multi", "remove"} {
		if set, ok := part.Lookup(flag).BooleanOK(); ok && set {
			parts = append(parts, "("+flag+")")
		}
	}
	return strings.Join(parts, " ")
}

// What must happen once has its condition in the filter of one command, or in a unique
// index, and reads do not write. Several processes on a real MongoDB rely on that.
func TestCommands(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r, s := recorded(t)
	for _, u := range []string{"ann", "bob"} {
		check(t, s.InsertUser(ctx, accounts.User{ID: u, Email: u + "@example.com"}))
		check(t, s.TrackLogin(ctx, accounts.TrackedLogin{UserID: u, Version: 1, At: now}))
	}
	check(t, s.InsertRole(ctx, accounts.Role{Name: "admin"}))
	c := vault.Connection{ID: "1", UserID: "ann", ProviderID: "google", ProviderUserID: "1"}
	_, err := s.Insert(ctx, c, []byte("x"))
	check(t, err)
	c.Version = 1
	check(t, s.PutOneTime(ctx, onetime.Value{ID: "again", Purpose: "x", Sealed: []byte("x"), Expires: now.Add(time.Hour)}))
	check(t, s.PutOneTime(ctx, onetime.Value{ID: "p", Purpose: "x", Expires: now.Add(time.Hour)}))
	mailed := ticket.Ticket{UserID: "ann", Hash: [32]byte{1}, Purpose: ticket.Reset, ExpiresAt: now.Add(time.Hour)}
	session := accounts.Session{UserID: "ann", ExpiresAt: now.Add(time.Hour)}
	check(t, s.InsertSession(ctx, session))
	check(t, s.Claim(ctx, vault.Claim{Key: []byte("old"), Now: now.Add(-time.Hour), Until: now.Add(-time.Minute)}))

	for _, tt := range []struct {
		name string
		do   func() error
		want string
	}{
		{"Insert", func() error {
			_, err := s.Insert(ctx, vault.Connection{ID: "2", UserID: "ann", ProviderID: "google", ProviderUserID: "2"}, nil)
			return err
		}, "find _connections tenant provider_id provider_user_id, insert _connections"},
		{"Insert after the others", func() error {
			_, err := s.Insert(ctx, vault.Connection{ID: "3", UserID: "ann", ProviderID: "google", ProviderUserID: "3", Rank: -1}, nil)
			return err
		}, "update _owners _id (upsert), find _connections tenant user_id provider_id, find _connections tenant provider_id provider_user_id, insert _connections, commitTransaction"},
		{"ByID", func() error { _, err := s.ByID(ctx, "1"); return err }, "find _connections _id"},
		{"ByIdentity", func() error {
			_, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: "1"})
			return err
		}, "find _connections tenant provider_id provider_user_id"},
		{"ByAccount", func() error { _, err := s.ByAccount(ctx, "google", "1"); return err }, "find _connections provider_id provider_user_id"},
		{"ByUser", func() error { _, err := s.ByUser(ctx, "", "ann", "google"); return err }, "find _connections tenant user_id provider_id"},
		{"Token", func() error { _, _, err := s.Token(ctx, "1"); return err }, "find _connections _id"},
		{"Version", func() error { _, err := s.Version(ctx, "1"); return err }, "find _connections _id"},
		{"List", func() error { _, err := s.List(ctx, vault.Filter{ProviderID: "google"}, "", 1); return err }, "find _connections _id tenant provider_id"},
		{"Update", func() error { return s.Update(ctx, c, nil) }, "update _connections _id version"},
		{"Lease", func() error { _, _, _, err := s.Lease(ctx, "1", "me", now, now.Add(time.Minute)); return err },
			"findAndModify _connections _id lease"},
		{"Lease again", func() error { _, _, _, err := s.Lease(ctx, "1", "me", now, now.Add(time.Minute)); return err },
			"findAndModify _connections _id lease, findAndModify _connections _id lease.owner lease.until"},
		{"Lease taken over", func() error {
			_, _, _, err := s.Lease(ctx, "1", "other", now.Add(time.Hour), now.Add(2*time.Hour))
			return err
		}, "findAndModify _connections _id lease, findAndModify _connections _id lease.owner lease.until, findAndModify _connections _id lease.until"},
		{"Release", func() error { return s.Release(ctx, "1", "other") }, "update _connections _id lease.owner"},
		{"UpdateAndRelease", func() error {
			current, err := s.ByID(ctx, "1")
			if err == nil {
				_, _, _, err = s.Lease(ctx, "1", "me", now, now.Add(time.Minute))
			}
			return errors.Join(err, s.UpdateAndRelease(ctx, current, nil, "me"))
		}, "find _connections _id, findAndModify _connections _id lease, update _connections _id version lease.owner"},
		{"Remove", func() error {
			_, err := s.Remove(ctx, vault.Removal{UserID: "ann", ProviderID: "google", ProviderUserID: "3", KeepLogin: []string{"google"}})
			return err
		}, "find _owners _id, find _connections tenant user_id, update _owners _id state, findAndModify _connections _id (remove), update _owners _id state, commitTransaction"},
		{"Claim", func() error {
			return s.Claim(ctx, vault.Claim{Key: []byte("key"), Now: now, Until: now.Add(time.Minute)})
		}, "update _claims _id expires_at (upsert)"},
		{"OneTime", func() error { _, err := s.OneTime(ctx, "p", now); return err }, "find _one_time _id expires_at"},
		{"TakeOneTime", func() error { _, err := s.TakeOneTime(ctx, "p", now); return err }, "findAndModify _one_time _id expires_at (remove)"},
		{"ResealOneTime", func() error { return s.ResealOneTime(ctx, "again", []byte("x"), []byte("y")) }, "update _one_time _id sealed"},
		{"DueOneTime", func() error { _, err := s.DueOneTime(ctx, "x", now, 1); return err }, "find _one_time not_before purpose"},
		{"InsertUser", func() error {
			return s.InsertUser(ctx, accounts.User{ID: "eve", Email: "eve@example.com", Username: "eve", Roles: []string{"admin"}})
		}, "find _roles _id, find _users email_key, find _users username_key, insert _users"},
		{"UserByEmail", func() error { _, err := s.UserByEmail(ctx, "", "ann@example.com"); return err }, "find _users email_key"},
		{"Users", func() error { _, err := s.Users(ctx, "", "", 1); return err }, "find _users tenant _id"},
		{"UpdateUser", func() error { return s.UpdateUser(ctx, accounts.User{ID: "ann", Version: 1}) }, "update _users _id version"},
		{"TrackLogin", func() error {
			return s.TrackLogin(ctx, accounts.TrackedLogin{UserID: "ann", Version: 2, At: now})
		}, "find _users _id version, update _users _id version login.count"},
		{"LockUser", func() error { return s.LockUser(ctx, "", "ann", 2) }, "update _users _id version"},
		{"GrantPermission", func() error { return s.GrantPermission(ctx, "", "admin", "x") }, "update _roles _id"},
		{"GrantRole", func() error { return s.GrantRole(ctx, "", "ann", "admin") }, "find _roles _id, update _users _id"},
		{"SessionUser", func() error { _, _, err := s.SessionUser(ctx, "", session.Hash, now); return err }, "find _sessions _id tenant expires_at, find _users _id"},
		{"ProlongSession", func() error {
			return s.ProlongSession(ctx, "", session.Hash, now, now.Add(2*time.Hour))
		}, "update _sessions _id tenant last_seen_at"},
		{"RotateSession", func() error {
			_, err := s.RotateSession(ctx, "", session.Hash, session.KeyHash, "x", now)
			return err
		}, "update _sessions _id tenant key_hash"},
		{"LockSession", func() error { return s.LockSession(ctx, "", session.Hash, now) }, "update _sessions _id tenant expires_at"},
		{"TrimSessions", func() error { _, err := s.TrimSessions(ctx, "", "ann", "", session.Hash, 100); return err },
			"find _sessions tenant user_id limited_to _id"},
		{"DeleteSessions", func() error {
			_, err := s.DeleteSessions(ctx, accounts.SessionFilter{UserID: "ann", Except: session.Hash})
			return err
		}, "delete _sessions tenant user_id _id"},
		{"DeleteSessions of a provider's", func() error {
			_, err := s.DeleteSessions(ctx, accounts.SessionFilter{Via: "acme", ProviderSession: "1"})
			return err
		}, "find _sessions tenant via provider_session _id"},
		{"Attempt, the first", func() error {
			_, _, err := s.Attempt(ctx, accounts.Attempt{Key: "key", By: 1, Now: now, Window: time.Minute})
			return err
		},
			"findAndModify _attempts _id ends_at, findAndModify _attempts _id ends_at (upsert)"},
		{"Attempt, another", func() error {
			_, _, err := s.Attempt(ctx, accounts.Attempt{Key: "key", By: 1, Now: now, Window: time.Minute})
			return err
		}, "findAndModify _attempts _id ends_at"},
		{"Attempt, a look", func() error {
			_, _, err := s.Attempt(ctx, accounts.Attempt{Key: "key", Now: now, Window: time.Minute})
			return err
		}, "find _attempts _id ends_at"},
		{"DeleteUser", func() error { return s.DeleteUser(ctx, "", "bob") }, "delete _users _id, delete _sessions tenant user_id, delete _factors tenant user_id, delete _api_tokens tenant user_id, delete _tickets tenant user_id, commitTransaction"},
		{"PutFactor", func() error { return s.PutFactor(ctx, accounts.StoredFactor{UserID: "ann", Kind: "totp"}) }, "find _users _id, update _factors _id (upsert)"},
		{"Factors", func() error { _, err := s.Factors(ctx, "", "ann"); return err }, "find _factors tenant user_id"},
		{"UseFactor", func() error { return s.UseFactor(ctx, accounts.FactorUse{UserID: "ann", Kind: "totp", Counter: 1}) }, "update _factors _id counter"},
		{"DeleteFactors", func() error {
			_, err := s.DeleteFactors(ctx, accounts.FactorFilter{UserID: "ann", Kind: "totp", ID: "1"})
			return err
		}, "delete _factors tenant user_id kind factor_id"},
		{"InsertToken", func() error { return s.InsertToken(ctx, apitoken.Token{UserID: "ann", ExpiresAt: now.Add(time.Hour)}) },
			"find _users _id, insert _api_tokens"},
		{"TokenUser", func() error { _, _, err := s.TokenUser(ctx, "", [32]byte{}, now); return err },
			"find _api_tokens _id tenant expires_at, find _users _id"},
		{"Tokens", func() error { _, err := s.Tokens(ctx, "", "ann", now); return err }, "find _api_tokens tenant user_id expires_at"},
		{"UseToken", func() error { return s.UseToken(ctx, "", [32]byte{}, now) }, "update _api_tokens _id tenant last_used_at"},
		{"DeleteTokens", func() error {
			_, err := s.DeleteTokens(ctx, accounts.TokenFilter{UserID: "ann", ID: "1"})
			return err
		}, "delete _api_tokens tenant user_id token_id"},
		{"PutTicket", func() error { return s.PutTicket(ctx, mailed) }, "update _tickets _id (upsert)"},
		{"Ticket", func() error { _, err := s.Ticket(ctx, "", mailed.Hash, now); return err }, "find _tickets hash tenant expires_at"},
		{"TakeTicket", func() error { _, err := s.TakeTicket(ctx, "", mailed.Hash, now); return err },
			"findAndModify _tickets hash tenant expires_at (remove)"},
		{"DeleteTickets", func() error {
			return s.DeleteTickets(ctx, ticket.Filter{UserID: "ann", Except: ticket.UndoEmail, Since: now})
		}, "delete _tickets tenant user_id purpose created_at"},
		{"Clean", func() error { _, err := s.Clean(ctx, now); return err },
			"find _claims expires_at, delete _claims _id expires_at, find _attempts ends_at, find _sessions expires_at, find _tickets expires_at, find _api_tokens expires_at"},
	} {
		var parts []string
		sent := r.during(t, tt.do)
		for _, command := range sent {
			parts = append(parts, words(command))
		}
		if got := strings.Join(parts, ", "); got != tt.want {
			t.Errorf("%s sends\n  %s, want\n  %s", tt.name, got, tt.want)
		}
		checkConcerns(t, tt.name, sent)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// checkConcerns checks that reads and writes are of a majority. In a transaction its
// first command and its commit say so.
func checkConcerns(t *testing.T, name string, sent []bson.Raw) {
	t.Helper()
	transaction := sent[len(sent)-1].Index(0).Key() == "commitTransaction"
	for i, command := range sent {
		read := fmt.Sprint(command.Lookup("readConcern", "level"))
		write := fmt.Sprint(command.Lookup("writeConcern", "w"))
		if _, err := command.LookupErr("autocommit"); (err == nil) != transaction {
			t.Errorf("%s: command %d is part of a transaction: %v, want %v", name, i, err == nil, transaction)
		}
		wantRead, wantWrite := "", `"majority"`
		switch key := command.Index(0).Key(); {
		case transaction && i == 0:
			wantRead, wantWrite = `"snapshot"`, ""
		case key == "commitTransaction":
		case transaction:
			wantWrite = ""
		case key == "find":
			wantRead, wantWrite = `"majority"`, ""
		}
		if read != wantRead || write != wantWrite {
			t.Errorf("%s: command %d (%s) has read concern %s and write concern %s, want %s and %s",
				name, i, words(command), read, write, wantRead, wantWrite)
		}
	}
}

// The application's write concern is that of single writes and of transactions.
func TestWriteConcern(t *testing.T) {
	t.Parallel()
	r, s := recorded(t, mongostore.WriteConcern(&writeconcern.WriteConcern{W: 3}))
	for name, write := range map[string]func(ctx context.Context) error{
		"single": func(ctx context.Context) error { return s.InsertRole(ctx, accounts.Role{Name: "single"}) },
		"transaction": func(ctx context.Context) error {
			return s.InTx(ctx, func(ctx context.Context) error { return s.InsertRole(ctx, accounts.Role{Name: "tx"}) })
		},
	} {
		sent := r.during(t, func() error { return write(t.Context()) })
		last := sent[len(sent)-1]
		w := last.Lookup("writeConcern", "w")
		if n, ok := w.AsInt64OK(); !ok || n != 3 {
			t.Errorf("%s: the last command, %s, waits for %s", name, words(last), w)
		}
	}
}
