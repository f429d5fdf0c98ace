package social

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// logIn signs in whomever the grant's account belongs to. Who was signed in
// meanwhile does not matter: they are signed out, never linked.
func (v *visit) logIn(ctx context.Context, f *flow, g *oauth.Grant) {
	var c vault.Connection
	// Looked up inside the transaction, which has to read the row anyway.
	next, err := v.signIn(ctx, v.w, v.r, v.provider.ID, func(ctx context.Context) (string, error) {
		var err error
		if c, err = v.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject); err != nil {
			return "", err
		}
		_, err = v.vault.RenewByLogIn(ctx, c, g)
		return c.UserID, err
	})
	if c.ID == "" && errors.Is(err, vault.ErrNoConnection) {
		v.unknown(ctx, f, g)
		return
	}
	v.loggedIn(ctx, f, g, c, next, err)
}

// logInAs signs in the user of a connection and keeps the new token.
func (v *visit) logInAs(ctx context.Context, f *flow, c vault.Connection, g *oauth.Grant) {
	next, err := v.signIn(ctx, v.w, v.r, v.provider.ID, func(ctx context.Context) (string, error) {
		_, err := v.vault.RenewByLogIn(ctx, c, g)
		return c.UserID, err
	})
	v.loggedIn(ctx, f, g, c, next, err)
}

// loggedIn answers a log-in through a connection.
func (v *visit) loggedIn(ctx context.Context, f *flow, g *oauth.Grant, c vault.Connection, next string, err error) {
	switch {
	case errors.Is(err, vault.ErrNoConnection):
		// Removed a moment ago.
		v.unassociated(ctx, g, v.cfg.LoginPage)
	case err != nil:
		v.notSignedIn(err)
	default:
		v.signedIn(ctx, f.next, c.UserID, next)
	}
}

// signIn does what f does and starts a session for the user f returns, in one
// transaction where the store can. The answer's cookies stay as they were when
// it fails.
func (s *Social) signIn(ctx context.Context, w http.ResponseWriter, r *http.Request, via string, f func(ctx context.Context) (userID string, err error)) (next string, err error) {
	before := slices.Clip(w.Header()["Set-Cookie"])
	restore := func() {
		if before == nil {
			w.Header().Del("Set-Cookie")
		} else {
			w.Header()["Set-Cookie"] = before
		}
	}
	err = s.together(ctx, func(ctx context.Context) error {
		restore() // a store may try more than once
		userID, err := f(ctx)
		if err != nil {
			return err
		}
		return s.cfg.Users.SignIn(w, r.WithContext(ctx), identity.SignIn{UserID: userID, Via: via})
	})
	if err != nil {
		restore()
	}
	return next, err
}

// together does f in one transaction where the store can.
func (s *Social) together(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := s.cfg.Connections.(vault.Transactor); ok {
		return t.InTx(ctx, f)
	}
	return f(ctx)
}

// notSignedIn answers a log-in that Users did not want, or that failed.
func (v *visit) notSignedIn(err error) {
	var refusal interface{ Refusal() string }
	if errors.As(err, &refusal) {
		v.end(outcome{category: "error", text: refusal.Refusal(), to: v.cfg.LoginPage,
			status: http.StatusForbidden, code: "refused"})
		return
	}
	v.fail(err)
}

// signedIn answers a log-in.
func (v *visit) signedIn(ctx context.Context, wanted, userID, due string) {
	if due != "" {
		due = dueFirst(due, wanted)
		v.end(outcome{to: due, status: http.StatusOK, body: map[string]string{"next": due}})
		return
	}
	v.emit(ctx, LoginCompleted{ProviderID: v.provider.ID, UserID: userID})
	o := outcome{status: http.StatusOK}
	if v.json {
		user, err := v.describe(ctx, userID)
		if err != nil {
			v.fail(err)
			return
		}
		o.body = map[string]any{"user": user}
	} else {
		o.to = first(wanted, v.left(v.w, v.r, v.cfg.PostLoginSessionKey), v.cfg.PostLogin)
	}
	v.end(o)
}

// dueFirst returns the page that is due before the one that is wanted, and
// tells it of that one when it is on this site.
func dueFirst(due, wanted string) string {
	if nexturl.Path(due) == due {
		return nexturl.WithNext(due, wanted)
	}
	return due
}

// describe returns what may be told about a user.
func (s *Social) describe(ctx context.Context, userID string) (any, error) {
	if s.describer != nil {
		return s.describer.DescribeUser(ctx, userID)
	}
	return map[string]string{"id": userID}, nil
}
