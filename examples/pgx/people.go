package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/gosocial/social"
	"github.com/gosocial/social/examples/internal/pages"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

const (
	sessionCookie = "session"
	sessionTime   = 30 * 24 * time.Hour
)

// people are the application's users.
type people struct {
	pool  *pgxpool.Pool
	db    *sql.DB // the same pool
	store *sqlstore.Store
}

var (
	_ social.Users       = (*people)(nil)
	_ social.Registrar   = (*people)(nil)
	_ social.EmailFinder = (*people)(nil)
)

type personKey struct{}

// middleware puts the signed-in person into the request's context.
func (p *people) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie(sessionCookie); err == nil {
			var person pages.Person
			err := p.pool.QueryRow(r.Context(), `SELECT p.id::text, p.email FROM sessions s JOIN people p ON p.id = s.person
				WHERE s.hash = $1 AND s.expires > now()`, hash(cookie.Value)).Scan(&person.ID, &person.Email)
			switch {
			case err == nil:
				r = r.WithContext(context.WithValue(r.Context(), personKey{}, person))
			case !errors.Is(err, pgx.ErrNoRows):
				http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func current(ctx context.Context) (person pages.Person, ok bool) {
	person, ok = ctx.Value(personKey{}).(pages.Person)
	return person, ok
}

// CurrentUser implements social.Users.
func (p *people) CurrentUser(ctx context.Context) string {
	person, _ := current(ctx)
	return person.ID
}

// A querier is an *sql.DB or an *sql.Tx.
type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// tx returns the context's transaction, if Social began one, and the pool otherwise.
func (p *people) tx(ctx context.Context) querier {
	if tx, ok := p.store.Tx(ctx); ok {
		return tx
	}
	return p.db
}

// SignIn implements social.Users.
func (p *people) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	if err := p.end(r); err != nil {
		return err
	}
	token := rand.Text()
	_, err := p.tx(r.Context()).ExecContext(r.Context(), `INSERT INTO sessions (hash, person, expires) VALUES ($1, $2, $3)`,
		hash(token), in.UserID, time.Now().Add(sessionTime))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: token, Path: "/", MaxAge: int(sessionTime.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode}) // and Secure: true behind HTTPS
	return nil
}

// SignOut implements social.Users.
func (p *people) SignOut(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
	return p.end(r)
}

// end deletes the session of the request, if it has one.
func (p *people) end(r *http.Request) error {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	_, err = p.tx(r.Context()).ExecContext(r.Context(), `DELETE FROM sessions WHERE hash = $1`, hash(cookie.Value))
	return err
}

// Register implements social.Registrar.
func (p *people) Register(ctx context.Context, r identity.Registration) (userID string, err error) {
	err = p.tx(ctx).QueryRowContext(ctx, `INSERT INTO people (email) VALUES ($1) RETURNING id::text`, r.Email).Scan(&userID)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "23505" {
		return "", taken{r.Email}
	}
	return userID, err
}

// taken is the error for an e-mail address of another account.
type taken struct{ email string }

func (t taken) Error() string { return t.email + " belongs to another account" }
func (t taken) Field() string { return "email" }
func (t taken) Taken() bool   { return true }

// FindEmail implements social.EmailFinder.
func (p *people) FindEmail(ctx context.Context, email string) (userID string, verified bool, err error) {
	err = p.tx(ctx).QueryRowContext(ctx, `SELECT id::text FROM people WHERE email = $1`, email).Scan(&userID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return userID, false, err
}

// delete deletes a person and their connections in one transaction. The application
// begins it, uses it through pgx, and the store joins it.
func (p *people) delete(ctx context.Context, v *vault.Vault, id string) error {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	err = conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().Exec(ctx, `DELETE FROM people WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return err
	}
	// After the commit the vault's Run revokes the tokens at the providers.
	_, err = v.Disconnect(p.store.WithTx(ctx, tx), vault.Removal{UserID: id})
	if err != nil && !errors.Is(err, vault.ErrNoConnection) {
		return err
	}
	return tx.Commit()
}

func hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
