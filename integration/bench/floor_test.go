package bench_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/oauth2"
	_ "modernc.org/sqlite"
)

// newFloor returns the limit with what a log-in has to store, written by hand: the user is
// found by the connection, the log-in noted and a session begun, in one transaction in
// SQLite (WAL, synchronous NORMAL).
func newFloor(t testing.TB, p *provider) http.Handler {
	client := newClient()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "floor.db")+
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate")
	must(t, err)
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		`CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT UNIQUE, last_login INTEGER, logins INTEGER)`,
		`CREATE TABLE connections (provider TEXT, subject TEXT, user_id TEXT REFERENCES users, token TEXT, updated INTEGER, PRIMARY KEY (provider, subject))`,
		`CREATE TABLE sessions (id TEXT PRIMARY KEY, user_id TEXT REFERENCES users, created INTEGER)`,
		`CREATE INDEX sessions_user ON sessions (user_id)`,
		`INSERT INTO users VALUES ('1', 'matt@lp.com', 0, 0)`,
		`INSERT INTO connections VALUES ('hub', '` + subject + `', '1', '', 0)`,
	} {
		_, err := db.Exec(statement)
		must(t, err)
	}
	prepare := func(text string) *sql.Stmt {
		st, err := db.Prepare(text)
		must(t, err)
		return st
	}
	update := prepare(`UPDATE connections SET token = ?, updated = ? WHERE provider = 'hub' AND subject = ? RETURNING user_id`)
	track := prepare(`UPDATE users SET last_login = ?, logins = logins + 1 WHERE id = ?`)
	begin := prepare(`INSERT INTO sessions VALUES (?, ?, ?)`)
	store := func(ctx context.Context, subject, token string) (session string, err error) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return "", err
		}
		defer tx.Rollback()
		now := time.Now().Unix()
		var user string
		if err := tx.StmtContext(ctx, update).QueryRowContext(ctx, token, now, subject).Scan(&user); err != nil {
			return "", err
		}
		if _, err := tx.StmtContext(ctx, track).ExecContext(ctx, now, user); err != nil {
			return "", err
		}
		session = rand.Text()
		if _, err := tx.StmtContext(ctx, begin).ExecContext(ctx, session, user, now); err != nil {
			return "", err
		}
		return session, tx.Commit()
	}
	return limit(p, "/token", nil, func(ctx context.Context, conf *oauth2.Config, token *oauth2.Token, _ string) (string, error) {
		with := context.WithValue(ctx, oauth2.HTTPClient, client)
		resp, err := conf.Client(with, token).Get(p.address + "/user")
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		var user struct {
			ID json.Number `json:"id"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&user); err != nil {
			return "", err
		}
		return store(ctx, user.ID.String(), token.AccessToken)
	}, client)
}
