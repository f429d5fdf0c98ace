package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/gosocial/social"
	"github.com/gosocial/social/examples/internal/pages"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/vault"
)

const (
	sessionCookie = "session"
	sessionTime   = 30 * 24 * time.Hour
)

// people are the application's users. When Social has begun a transaction, the driver
// takes it from the context.
type people struct {
	people, sessions *mongo.Collection
}

var (
	_ social.Users       = (*people)(nil)
	_ social.Registrar   = (*people)(nil)
	_ social.EmailFinder = (*people)(nil)
)

// A person is a user. For Social and the pages their ID is its hex digits.
type person struct {
	ID    bson.ObjectID `bson:"_id"`
	Email string        `bson:"email"`
}

type session struct {
	Hash    []byte        `bson:"_id"`
	Person  bson.ObjectID `bson:"person"`
	Expires time.Time     `bson:"expires"`
}

func match(key string, value any) bson.D { return bson.D{{Key: key, Value: value}} }

type personKey struct{}

// middleware puts the signed-in person into the request's context.
func (p *people) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie(sessionCookie); err == nil {
			person, err := p.bySession(r.Context(), cookie.Value)
			switch {
			case err == nil:
				r = r.WithContext(context.WithValue(r.Context(), personKey{}, person))
			case !errors.Is(err, mongo.ErrNoDocuments):
				http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// bySession returns the person whose session has the token.
func (p *people) bySession(ctx context.Context, token string) (pages.Person, error) {
	var s session
	var found person
	unexpired := append(match("_id", hash(token)), bson.E{Key: "expires", Value: match("$gt", time.Now())})
	if err := p.sessions.FindOne(ctx, unexpired).Decode(&s); err != nil {
		return pages.Person{}, err
	}
	err := p.people.FindOne(ctx, match("_id", s.Person)).Decode(&found)
	return pages.Person{ID: found.ID.Hex(), Email: found.Email}, err
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

// SignIn implements social.Users.
func (p *people) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	id, err := bson.ObjectIDFromHex(in.UserID)
	if err != nil {
		return err
	}
	if err := p.end(r); err != nil {
		return err
	}
	token := rand.Text()
	if _, err := p.sessions.InsertOne(r.Context(), session{hash(token), id, time.Now().Add(sessionTime)}); err != nil {
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
	_, err = p.sessions.DeleteOne(r.Context(), match("_id", hash(cookie.Value)))
	return err
}

// Register implements social.Registrar.
func (p *people) Register(ctx context.Context, r identity.Registration) (userID string, err error) {
	created := person{ID: bson.NewObjectID(), Email: r.Email}
	_, err = p.people.InsertOne(ctx, created)
	if mongo.IsDuplicateKeyError(err) {
		return "", taken{r.Email}
	}
	return created.ID.Hex(), err
}

// taken is the error for an e-mail address of another account.
type taken struct{ email string }

func (t taken) Error() string { return t.email + " belongs to another account" }
func (t taken) Field() string { return "email" }
func (t taken) Taken() bool   { return true }

// FindEmail implements social.EmailFinder.
func (p *people) FindEmail(ctx context.Context, email string) (userID string, verified bool, err error) {
	var found person
	err = p.people.FindOne(ctx, match("email", email)).Decode(&found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return "", false, nil
	}
	return found.ID.Hex(), false, err
}

// delete deletes a person and their connections in one transaction.
func (p *people) delete(ctx context.Context, v *vault.Vault, userID string) error {
	id, err := bson.ObjectIDFromHex(userID)
	if err != nil {
		return err
	}
	_, err = v.Forget(ctx, userID, func(ctx context.Context) error {
		if _, err := p.people.DeleteOne(ctx, match("_id", id)); err != nil {
			return err
		}
		_, err := p.sessions.DeleteMany(ctx, match("person", id))
		return err
	})
	return err
}

func hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
