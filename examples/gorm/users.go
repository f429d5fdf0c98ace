package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/gosocial/social"
	"github.com/gosocial/social/examples/internal/pages"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/sqlstore"
)

// A User is a user of the application.
type User struct {
	gorm.Model
	Email string `gorm:"uniqueIndex"`
}

// A Session is a user's session in one browser, found by the hash of its token.
type Session struct {
	Hash    []byte `gorm:"primaryKey"`
	UserID  uint   `gorm:"index"`
	User    User
	Expires time.Time
}

const (
	sessionCookie = "session"
	sessionTime   = 30 * 24 * time.Hour
)

// users implements Social's interfaces on the User model.
type users struct {
	db    *gorm.DB
	store *sqlstore.Store
}

var (
	_ social.Users       = (*users)(nil)
	_ social.Registrar   = (*users)(nil)
	_ social.EmailFinder = (*users)(nil)
	_ social.Deleter     = (*users)(nil)
)

// tx returns GORM in the context's transaction, if Social began one.
func (u *users) tx(ctx context.Context) *gorm.DB {
	db := u.db.WithContext(ctx)
	if tx, ok := u.store.Tx(ctx); ok {
		db.Statement.ConnPool = tx
	}
	return db
}

type userKey struct{}

// middleware puts the signed-in user into the request's context.
func (u *users) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie(sessionCookie); err == nil {
			var s Session
			err := u.tx(r.Context()).Joins("User").First(&s, "hash = ? AND expires > ?", hash(cookie.Value), time.Now()).Error
			switch {
			case err == nil:
				r = r.WithContext(context.WithValue(r.Context(), userKey{}, s.User))
			case !errors.Is(err, gorm.ErrRecordNotFound):
				http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func current(ctx context.Context) (p pages.Person, ok bool) {
	u, ok := ctx.Value(userKey{}).(User)
	return pages.Person{ID: text(u.ID), Email: u.Email}, ok
}

// CurrentUser implements social.Users.
func (u *users) CurrentUser(ctx context.Context) string {
	if p, ok := current(ctx); ok {
		return p.ID
	}
	return ""
}

// SignIn implements social.Users.
func (u *users) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	id, err := number(in.UserID)
	if err != nil {
		return err
	}
	if err := u.end(r); err != nil {
		return err
	}
	token := rand.Text()
	s := Session{Hash: hash(token), UserID: id, Expires: time.Now().Add(sessionTime)}
	if err := u.tx(r.Context()).Omit("User").Create(&s).Error; err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: token, Path: "/", MaxAge: int(sessionTime.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode}) // and Secure: true behind HTTPS
	return nil
}

// SignOut implements social.Users.
func (u *users) SignOut(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
	return u.end(r)
}

// end deletes the session of the request, if it has one.
func (u *users) end(r *http.Request) error {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	return u.tx(r.Context()).Delete(&Session{}, "hash = ?", hash(cookie.Value)).Error
}

// Register implements social.Registrar.
func (u *users) Register(ctx context.Context, r identity.Registration) (userID string, err error) {
	user := User{Email: r.Email}
	err = u.tx(ctx).Create(&user).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return "", taken{r.Email}
	}
	return text(user.ID), err
}

// taken is the error for an e-mail address of another account.
type taken struct{ email string }

func (t taken) Error() string { return t.email + " belongs to another account" }
func (t taken) Field() string { return "email" }
func (t taken) Taken() bool   { return true }

// FindEmail implements social.EmailFinder.
func (u *users) FindEmail(ctx context.Context, email string) (userID string, verified bool, err error) {
	var user User
	err = u.tx(ctx).First(&user, "email = ?", email).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", false, nil
	}
	return text(user.ID), false, err
}

// Delete implements social.Deleter. Social deletes the user's connections in the same
// transaction.
func (u *users) Delete(ctx context.Context, userID string) error {
	id, err := number(userID)
	if err != nil {
		return err
	}
	if err := u.tx(ctx).Delete(&Session{}, "user_id = ?", id).Error; err != nil {
		return err
	}
	return u.tx(ctx).Unscoped().Delete(&User{}, id).Error
}

func hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// text returns an ID as Social has it.
func text(id uint) string { return strconv.FormatUint(uint64(id), 10) }

func number(id string) (uint, error) {
	n, err := strconv.ParseUint(id, 10, 0)
	return uint(n), err
}
