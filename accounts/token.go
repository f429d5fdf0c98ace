package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// ErrTooManyTokens: the user has as many API tokens as Throttle.UserTokens allows.
var ErrTooManyTokens = errors.New("accounts: the user has too many API tokens")

// Fields of a form that makes an API token.
const (
	FieldTokenName   = "name"
	FieldTokenScopes = "scopes"
	FieldTokenExpiry = "expires_in"
)

const (
	tokenNameMax = 100 // characters
	day          = 24 * time.Hour
)

// A NewToken is what CreateToken makes a token of.
type NewToken struct {
	Name   string
	Scopes []string      // of Config.TokenScopes
	Lasts  time.Duration // 0: Config.TokenLifetime
}

// completeTokens checks what the configuration says about API tokens.
func (c *Config) completeTokens() error {
	setDefault(&c.TokenMax, 366*day)
	if c.TokenLifetime == 0 {
		if c.TokenLifetime = 90 * day; c.TokenMax > 0 {
			c.TokenLifetime = min(c.TokenLifetime, c.TokenMax)
		}
	}
	if c.TokenLifetime < 0 || c.TokenMax > 0 && c.TokenLifetime > c.TokenMax {
		return errors.New("accounts: Config.TokenLifetime is negative or above TokenMax")
	}
	for name := range c.TokenScopes {
		if !isScope(name) {
			return fmt.Errorf("accounts: Config.TokenScopes has %q, which is no scope of RFC 6749 §3.3", name)
		}
	}
	return nil
}

// UsesTokens reports whether there are API tokens: Config.APITokens.
func (a *Accounts) UsesTokens() bool { return a.config.APITokens }

// TokenTimes returns how long an API token is good that does not say it, and at the most;
// no limit is 0.
func (a *Accounts) TokenTimes() (lasts, most time.Duration) {
	return a.config.TokenLifetime, max(a.config.TokenMax, 0)
}

// CreateToken makes an API token of the signed-in user, with which programs act for them:
// "Authorization: Bearer" and the token's text, which cannot be read again. A request with
// it has no session and is never fresh: it can do what its scopes allow (see RequireScope),
// but not what asks for a recent proof, such as making another token. The user's session has
// to be fresh.
//
// A token ends when it expires, by DeleteToken, and when the account may have been an
// intruder's: by a reset of the password, SetPassword, UndoEmailChange and
// VerifyAndTakeOver; and by SetActive and Delete. A user's own change of password leaves it.
//
// The user is notified of it by mail.
//
// It returns ErrOff, ErrNotSignedIn, ErrNotFresh, *FieldError or several joined,
// ErrTooManyTokens, and ErrFactorRequired for a user who has to have a second factor first.
func (a *Accounts) CreateToken(r *http.Request, n NewToken) (secret.Text, apitoken.Token, error) {
	ctx := r.Context()
	if !a.config.APITokens {
		return "", apitoken.Token{}, ErrOff
	}
	if err := a.requireFresh(ctx); err != nil {
		return "", apitoken.Token{}, err
	}
	if err := a.checkNewToken(&n); err != nil {
		return "", apitoken.Token{}, err
	}
	s := CurrentSession(ctx)
	return a.createToken(ctx, s.UserID, n, func(ctx context.Context) error { return a.lockSession(ctx, s) })
}

// CreateTokenFor is CreateToken for an administrator, who answers for the user: it asks for
// no session. It returns ErrNoUser, ErrInactive, and the errors of CreateToken but those of
// sessions.
func (a *Accounts) CreateTokenFor(ctx context.Context, userID string, n NewToken) (secret.Text, apitoken.Token, error) {
	if !a.config.APITokens {
		return "", apitoken.Token{}, ErrOff
	}
	if err := a.checkNewToken(&n); err != nil {
		return "", apitoken.Token{}, err
	}
	return a.createToken(ctx, userID, n, func(context.Context) error { return nil })
}

// checkNewToken checks what a token is made of, and fills in the defaults.
func (a *Accounts) checkNewToken(n *NewToken) error {
	var wrong []error
	refuse := func(field, code string, args map[string]string) {
		wrong = append(wrong, &FieldError{field: field, code: code, args: args})
	}
	n.Name = strings.TrimSpace(n.Name)
	switch {
	case n.Name == "":
		refuse(FieldTokenName, CodeTokenNameMissing, nil)
	case utf8.RuneCountInString(n.Name) > tokenNameMax:
		refuse(FieldTokenName, CodeTokenNameLong, number(tokenNameMax))
	case !utf8.ValidString(n.Name) || strings.ContainsFunc(n.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
		refuse(FieldTokenName, CodeTokenNameInvalid, nil)
	}
	n.Scopes = sorted(n.Scopes)
	for _, scope := range n.Scopes {
		if _, ok := a.config.TokenScopes[scope]; !ok {
			refuse(FieldTokenScopes, CodeTokenScope, map[string]string{"scope": clip(scope, 100)})
			break
		}
	}
	setDefault(&n.Lasts, a.config.TokenLifetime)
	switch most := a.config.TokenMax; {
	case n.Lasts < time.Second:
		refuse(FieldTokenExpiry, CodeTokenExpiry, nil)
	case most > 0 && n.Lasts > most:
		refuse(FieldTokenExpiry, CodeTokenExpiryLong, number(int(most/day)))
	}
	return errors.Join(wrong...)
}

// createToken makes a token, in one transaction where the store can, as long as may allows
// it and the user is active.
func (a *Accounts) createToken(ctx context.Context, userID string, n NewToken, may func(ctx context.Context) error) (secret.Text, apitoken.Token, error) {
	text, hash := apitoken.New()
	now := a.now()
	t := apitoken.Token{Hash: hash, Tenant: tenant.From(ctx), UserID: userID, ID: id.New(now), Name: n.Name, Scopes: n.Scopes,
		CreatedAt: now, ExpiresAt: now.Add(n.Lasts)}
	const tries = 10
	var err error
	for range tries {
		err = a.inTx(ctx, func(ctx context.Context) error {
			if err := may(ctx); err != nil {
				return err
			}
			// The row stays locked, so that parallel calls count each other's tokens, and
			// who ends the user's tokens finds this one.
			u, err := a.store.UserByID(ctx, t.Tenant, userID)
			if err == nil {
				err = a.store.LockUser(ctx, u.Tenant, u.ID, u.Version)
			}
			if err != nil {
				return err
			}
			if err := a.mayHaveToken(ctx, &u); err != nil {
				return err
			}
			if err := a.store.InsertToken(ctx, t); err != nil {
				return err
			}
			// Without its name, which may be an intruder's words.
			l := a.letter(ctx, mail.KindTokenCreated, &u)
			l.Link = a.link(ctx, "/security/tokens", "")
			if err := a.notify(ctx, l); err != nil {
				return err
			}
			return record(ctx, a, TokenCreated{Subject: subject(ctx, userID), TokenID: t.ID, Scopes: slices.Clone(t.Scopes), Until: t.ExpiresAt, Address: a.clientAddress(ctx)})
		})
		if !errors.Is(err, ErrStale) {
			break
		}
	}
	if err != nil {
		return "", apitoken.Token{}, wrap("making an API token", err)
	}
	return secret.Text(text), t, nil
}

// mayHaveToken returns the reason why the user gets no further token, or nil.
func (a *Accounts) mayHaveToken(ctx context.Context, u *User) error {
	if !u.Active || !u.DeletionAt.IsZero() {
		return ErrInactive
	}
	missing, err := a.missesFactor(ctx, u)
	if err != nil {
		return err
	}
	if missing {
		return ErrFactorRequired
	}
	most := a.config.Throttle.UserTokens
	if most < 0 {
		return nil
	}
	list, err := a.store.Tokens(ctx, u.Tenant, u.ID, a.now())
	if err == nil && len(list) >= most {
		err = ErrTooManyTokens
	}
	return err
}

// Tokens lists a user's API tokens that have not expired, newest first.
func (a *Accounts) Tokens(ctx context.Context, userID string) ([]apitoken.Token, error) {
	list, err := a.store.Tokens(ctx, tenant.From(ctx), userID, a.now())
	if err != nil {
		return nil, wrap("listing API tokens", err)
	}
	return list, nil
}

// DeleteToken ends an API token of the signed-in user, whose session has to be fresh. It
// returns ErrNotSignedIn, ErrNotFresh and ErrNoToken.
func (a *Accounts) DeleteToken(r *http.Request, id string) error {
	ctx := r.Context()
	if err := a.requireFresh(ctx); err != nil {
		return err
	}
	return a.EndToken(ctx, a.CurrentUser(ctx), id)
}

// EndToken ends an API token of a user, or returns ErrNoToken.
func (a *Accounts) EndToken(ctx context.Context, userID, id string) error {
	if id == "" {
		return ErrNoToken
	}
	n, err := a.endTokens(ctx, TokenFilter{Tenant: tenant.From(ctx), UserID: userID, ID: id})
	if err == nil && n == 0 {
		err = ErrNoToken
	}
	if err != nil {
		return wrap("ending an API token", err)
	}
	return nil
}

// EndTokens ends all API tokens of a user, and returns how many.
func (a *Accounts) EndTokens(ctx context.Context, userID string) (int, error) {
	n, err := a.endTokens(ctx, TokenFilter{Tenant: tenant.From(ctx), UserID: userID})
	if err != nil {
		return 0, wrap("ending API tokens", err)
	}
	return n, nil
}

func (a *Accounts) endTokens(ctx context.Context, f TokenFilter) (ended int, err error) {
	err = a.inTx(ctx, func(ctx context.Context) error {
		if ended, err = a.store.DeleteTokens(ctx, f); err != nil {
			return err
		}
		if ended > 0 {
			return record(ctx, a, TokensEnded{Subject: Subject{f.Tenant, f.UserID}, TokenID: f.ID, Count: ended, Address: a.clientAddress(ctx)})
		}
		return nil
	})
	return ended, err
}
