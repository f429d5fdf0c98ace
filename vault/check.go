package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/oauth"
)

// Check asks the provider who the connection's user is, and so whether the
// connection works; the token is refreshed when it is due or refused. A provider
// without a user-info endpoint, or one that gives ID tokens alone, is asked for a new
// token instead, and where there is no refresh token, or no token at all, nothing is asked;
// the profile is then what the connection's row says.
//
// A refresh that succeeds proves the user's grant. When the new token is refused too,
// the provider's API is at fault: the connection is failing, and the error is a
// *oauth.ProviderError. Without a refresh token, a token that is refused is
// ErrNeedsReauthorization. Another user than the connection's is ErrOtherAccount, and
// any other failure a *oauth.ProviderError.
func (v *Vault) Check(ctx context.Context, c Connection) (*oauth.Profile, error) {
	p, err := v.providerOf(ctx, &c)
	if err != nil {
		return nil, err
	}
	a, renewed, err := v.usableNow(ctx, &c, p, 0)
	if err != nil {
		return nil, err
	}
	found, err := v.profile(ctx, p, a)
	if errors.Is(err, errors.ErrUnsupported) {
		if !renewed {
			switch next, err := v.refreshed(ctx, a, p, true); {
			case err == nil:
				a = next
			case !errors.Is(err, ErrNotRefreshable):
				return nil, err
			}
		}
		return rowProfile(&a.conn), nil
	}
	proved := renewed
	for tries := 2; refused(err) && tries > 0; tries-- {
		if proved && !a.adopted || !v.backoffs.refreshOn401(&a.conn, v.now()) {
			proved = true
			break
		}
		next, failed := v.refreshed(ctx, a, p, true)
		if errors.Is(failed, ErrNotRefreshable) {
			break
		}
		if failed != nil {
			return nil, failed
		}
		a, proved = next, true
		found, err = v.profile(ctx, p, a)
	}
	switch {
	case refused(err) && proved:
		v.backoffs.useless(&a.conn, v.now())
		failed := v.checked(ctx, a, verdict{status: Failing, reason: lastAPIRefused})
		return nil, fmt.Errorf("vault: check: %w", errors.Join(err, failed))
	case refused(err):
		if failed := v.checked(ctx, a, verdict{status: NeedsReauthorization, reason: lastRevoked}); failed != nil {
			return nil, fmt.Errorf("vault: check: %w", errors.Join(err, failed))
		}
		return nil, fmt.Errorf("%w: %w", ErrNeedsReauthorization, err)
	case err != nil:
		return nil, fmt.Errorf("vault: check: %w", err)
	case found.Subject != a.conn.ProviderUserID:
		if failed := v.checked(ctx, a, verdict{status: Failing, reason: lastOtherSubject}); failed != nil {
			v.log.WarnContext(ctx, "status not stored", "connection", a.conn.ID, "error", failed)
		}
		return nil, ErrOtherAccount
	case a.conn.LastError == lastAPIRefused, a.conn.LastError == lastOtherSubject && a.conn.Refusals == 0:
		// A check said so, and not a refresh.
		if failed := v.checked(ctx, a, verdict{status: Active}); failed != nil && !errors.Is(failed, ErrStale) {
			return nil, fmt.Errorf("vault: check: %w", failed)
		}
	}
	return found, nil
}

// checked marks a connection that was checked, also when the caller has gone.
func (v *Vault) checked(ctx context.Context, a *access, next verdict) error {
	if next.changesNothing(&a.conn) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.timeout)
	defer cancel()
	return v.mark(ctx, a.conn, next, "")
}

// rowProfile returns what a connection's row says of its user. The address does not
// count as verified.
func rowProfile(c *Connection) *oauth.Profile {
	return &oauth.Profile{
		Subject: c.ProviderUserID, DisplayName: c.DisplayName, FullName: c.FullName,
		Email: c.Email, ProfileURL: c.ProfileURL, ImageURL: c.ImageURL,
	}
}

// profile asks for the user's profile. Without an access token to ask with, the error is
// errors.ErrUnsupported, as it is for a provider without a user-info endpoint.
func (v *Vault) profile(ctx context.Context, p *provider, a *access) (*oauth.Profile, error) {
	if a.token.Access == "" {
		return nil, errors.ErrUnsupported
	}
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	began := time.Now()
	found, err := p.client.Profile(ctx, a.token)
	v.called(ctx, a.conn.ProviderID, "profile", began, err)
	return found, err
}

func refused(err error) bool {
	var pe *oauth.ProviderError
	return errors.As(err, &pe) && pe.Kind == oauth.Rejected
}
