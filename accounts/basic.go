package accounts

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

// byPassword finds the user of a request with a password in its header (RFC 7617), or
// answers it. The password counts as in LogIn, and no session begins. A password alone is
// not enough for a user who has a second factor, or has to have one.
func (a *Accounts) byPassword(w http.ResponseWriter, ctx *requestContext, credentials string) (goesOn bool) {
	u, err := a.proveBasic(ctx, credentials)
	if err == nil {
		ctx.login.Store(&login{user: u})
		return true
	}
	throttled := (*ThrottledError)(nil)
	refuse := func(key string) {
		w.Header().Set("WWW-Authenticate", a.challenge())
		problem(http.StatusUnauthorized, key, nil).Write(w)
	}
	switch {
	case errors.Is(err, ErrCredentials):
		refuse(refusedBasic)
	case errors.Is(err, ErrInactive):
		refuse(CodeUserInactive)
	case errors.Is(err, ErrNotConfirmed):
		refuse(CodeNotConfirmed)
	case errors.Is(err, ErrDeletionDue):
		refuse(refusedBasicDeletion)
	case errors.Is(err, ErrFactor):
		refuse(refusedBasicFactor)
	case errors.As(err, &throttled):
		reply.RetryAfter(w.Header(), throttled.RetryAfter)
		problem(http.StatusTooManyRequests, refusedThrottled, nil).Write(w)
	case errors.Is(err, ErrBusy):
		reply.RetryAfter(w.Header(), busy{}.Busy())
		problem(http.StatusServiceUnavailable, refusedBusy, nil).Write(w)
	default:
		a.unavailable(w, ctx, "accounts: checking a password failed", err)
	}
	return false
}

// challenge asks for a password (RFC 7617 §2).
func (a *Accounts) challenge() string {
	realm := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(clip(a.config.Issuer, 100))
	return `Basic realm="` + realm + `", charset="UTF-8"`
}

// proveBasic returns the user whose name and password the credentials are. It returns
// LogIn's errors, and ErrFactor for a user whose password is not enough.
func (a *Accounts) proveBasic(ctx *requestContext, credentials string) (User, error) {
	name, password, err := decodeBasic(credentials, 2*a.config.PasswordMaxLength+emailMax)
	if err != nil {
		return User{}, ErrCredentials
	}
	r := ctx.request
	u, err := a.Find(ctx, name)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, err
	}
	trials, err := a.tryPassword(r, &u, name)
	if err != nil {
		return User{}, err
	}
	defer a.done(trials...)
	renew, err := a.provePassword(r, u, password, trials)
	if err != nil {
		return User{}, err
	}
	if err := a.refuseBasic(ctx, &u); err != nil {
		emitRefusal(ctx, a, LoginFailed{Subject: subject(ctx, u.ID), Via: identity.ViaPassword, Address: a.address(r), Err: err})
		return User{}, err
	}
	if renew {
		u = a.rehash(ctx, u, password)
	}
	return u, nil
}

// refuseBasic returns the reason why a user's password alone is not enough, or nil.
func (a *Accounts) refuseBasic(ctx *requestContext, u *User) error {
	switch {
	case !u.Active:
		return ErrInactive
	case a.unconfirmed(u):
		return ErrNotConfirmed
	case !u.DeletionAt.IsZero():
		return ErrDeletionDue
	case a.requiresFactor(u):
		return ErrFactor
	}
	has, err := a.HasFactor(ctx, u.ID)
	if err == nil && has {
		err = ErrFactor
	}
	return err
}

// decodeBasic returns the name and the password of credentials.
func decodeBasic(credentials string, most int) (name string, password secret.Text, err error) {
	if len(credentials) > base64.StdEncoding.EncodedLen(most) {
		return "", "", errors.New("the credentials are too long")
	}
	b, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil {
		return "", "", err
	}
	name, text, found := strings.Cut(string(b), ":")
	if !found {
		return "", "", errors.New("the credentials have no colon")
	}
	return strings.Trim(name, " "), secret.Text(text), nil
}

// checkBasic refuses passwords in headers where they would go over the network in clear.
func (c *Config) checkBasic(app *url.URL) error {
	if c.BasicAuth && app.Scheme != "https" && !isLocal(strings.ToLower(app.Hostname())) {
		return fmt.Errorf("accounts: Config.BasicAuth needs an AppURL with https, and %q has not", c.AppURL)
	}
	return nil
}

// isLocal reports whether a host without a port is this machine.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.Unmap().IsLoopback()
}
