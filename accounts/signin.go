package accounts

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
)

// SignIn signs in a user who has proved who they are. It starts and ends sessions as
// LogIn does, and returns ErrNoUser and ErrInactive.
func (a *Accounts) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	return a.signIn(w, r, in, start{})
}

func (a *Accounts) signIn(w http.ResponseWriter, r *http.Request, in identity.SignIn, begun start) error {
	ctx := r.Context()
	user, err := a.store.UserByID(ctx, tenant.From(ctx), in.UserID)
	if errors.Is(err, ErrNoUser) {
		emitRefusal(ctx, a, LoginFailed{Subject: subject(ctx, in.UserID), Via: in.Via, Address: a.address(r), Err: ErrNoUser})
	}
	if err != nil {
		return wrap("signing in", err)
	}
	return a.startSessionAs(w, r, user, in, begun)
}

// A start is how a session begins.
type start struct {
	// before, when it is not nil, has to go on: else the error is ErrNotSignedIn.
	before *Session
	// known: the browser counts as one that knows the user.
	known bool
}

// startSession starts a session, and ends those that the request has and what was begun in
// the browser and not finished. u is the user as they were proved: where
// they have been deactivated since, or have another password than the one that was
// compared, no session begins. Then the error is ErrInactive or errProofChanged.
//
// Where the user has a second factor, or has to have one, the session is limited, as long
// as the request has no proof of the factor: see begin.
func (a *Accounts) startSession(w http.ResponseWriter, r *http.Request, u User, in identity.SignIn) error {
	return a.startSessionAs(w, r, u, in, start{})
}

func (a *Accounts) startSessionAs(w http.ResponseWriter, r *http.Request, u User, in identity.SignIn, begun start) error {
	const tries = 3
	var err error
	for range tries {
		if err = a.startSessionOnce(w, r, &u, in, begun); !errors.Is(err, errDeletionChanged) {
			return err
		}
	}
	return ErrBusy
}

// startSessionOnce returns errDeletionChanged when what the session is limited to has to be
// decided anew, for u as it is then.
func (a *Accounts) startSessionOnce(w http.ResponseWriter, r *http.Request, proved *User, in identity.SignIn, begun start) error {
	u := *proved
	about, address := Subject{Tenant: u.Tenant, UserID: u.ID}, a.address(r)
	token, hash := newToken()
	now := a.now()
	s := Session{
		Hash: hash, Tenant: u.Tenant, UserID: u.ID, Remember: in.Remember,
		Via: in.Via, ConnectionID: in.ConnectionID, ProviderSession: in.ProviderSession,
		CreatedAt: now, ExpiresAt: a.expiry(now, now, in.Remember), LastSeenAt: now, ProvedAt: now,
		Address: address, UserAgent: clip(r.UserAgent(), 255),
	}
	if in.Via == identity.ViaPassword && a.unconfirmed(&u) {
		emitRefusal(r.Context(), a, LoginFailed{Subject: about, Via: in.Via, Address: address, Err: ErrNotConfirmed})
		return ErrNotConfirmed
	}
	how, err := a.begin(r, &u, begun.before)
	if err != nil {
		return err
	}
	var age time.Duration // until the browser closes
	if s.LimitedTo = how.limitedTo; s.LimitedTo != "" {
		s.ExpiresAt = now.Add(how.lasts)
	} else if in.Remember {
		age = a.rememberAge()
		var key string
		key, s.KeyHash = newKey()
		token, s.RotatedAt = token+key, now
	}
	if begun.before != nil && begun.before.LimitedTo == LimitedToDeletion {
		s.ProvedAt = begun.before.ProvedAt
	}
	var trustToken string
	var trust []Session // one, or none
	switch {
	case how.device != nil:
		s.DeviceID = how.device.ID()
	case how.proof != nil && how.proof.trust && s.LimitedTo == "":
		trustToken, trust = a.newTrust(r, &u)
		s.DeviceID = trust[0].ID()
	}
	b := a.browserOf(r)
	newBrowser := s.LimitedTo == "" && how.device == nil && !begun.known && !b.knows(&u)
	added := append([]Session{s}, trust...)
	old, n := a.requestSessions(r)
	err = ErrInactive
	if u.Active {
		err = a.inOptimisticTx(r.Context(), func(ctx context.Context) (err error) {
			if begun.before != nil {
				if err := a.lockSession(ctx, begun.before); err != nil {
					return err
				}
			}
			if how.device != nil {
				if err := a.store.ProlongSession(ctx, u.Tenant, how.device.Hash, now, how.device.ExpiresAt); err != nil {
					return err
				}
			}
			for _, hash := range old[:n] {
				if err := a.store.DeleteSession(ctx, u.Tenant, hash); err != nil {
					return err
				}
			}
			trimmed, err := a.insertProved(ctx, &u, added)
			if err != nil {
				return err
			}
			if newBrowser {
				if err := a.tellNewBrowser(ctx, r, &u, &s, in); err != nil {
					return err
				}
			}
			return a.recordSession(ctx, &s, trimmed, trust != nil, newBrowser)
		})
		if err != nil {
			err = a.withdraw(r.Context(), added, err)
		}
	}
	if errors.Is(err, errDeletionChanged) {
		*proved = u
		return err
	}
	if errors.Is(err, ErrInactive) {
		emitRefusal(r.Context(), a, LoginFailed{Subject: about, Via: in.Via, Address: address, Err: ErrInactive})
	}
	if err != nil {
		return wrap("starting a session", err)
	}
	a.setCookie(w, token, age)
	if s.LimitedTo != "" {
		a.endLogin(w, r)
		if c := requestOf(r.Context()); c != nil {
			c.login.Store(&login{user: u, session: s})
		}
		return nil
	}
	a.endPending(w, r)
	if trustToken != "" {
		if err := a.keepTrust(w, r, trustToken); err != nil {
			return wrap("trusting a browser", err)
		}
	}
	if err := a.rememberBrowser(w, r, &u); err != nil {
		a.config.Logger.WarnContext(r.Context(), "accounts: the browser is not remembered", "error", err)
	}
	u.Login = Tracking{
		LastAt: u.Login.CurrentAt, LastAddress: u.Login.CurrentAddress,
		CurrentAt: now, CurrentAddress: address, Count: u.Login.Count + 1,
	}
	if c := requestOf(r.Context()); c != nil {
		c.login.Store(&login{user: u, session: s})
	}
	return nil
}

// recordSession records that a session has begun, that so many others have ended for it,
// and whether its browser is trusted from now on.
func (a *Accounts) recordSession(ctx context.Context, s *Session, trimmed int, trusted, newBrowser bool) error {
	about := Subject{Tenant: s.Tenant, UserID: s.UserID}
	if err := a.recordEnded(ctx, s.UserID, trimmed); err != nil {
		return err
	}
	if s.LimitedTo == LimitedToDeletion {
		return record(ctx, a, DeletionPending{Subject: about, Via: s.Via, Address: s.Address})
	}
	if s.LimitedTo != "" {
		return record(ctx, a, FactorDue{Subject: about, Via: s.Via, Address: s.Address, SetUp: s.LimitedTo == LimitedToSetup})
	}
	ctx = a.by(ctx, s.UserID)
	if trusted {
		if err := record(ctx, a, DeviceTrusted{Subject: about, Address: s.Address}); err != nil {
			return err
		}
	}
	return record(ctx, a, LoggedIn{Subject: about, Via: s.Via, Address: s.Address, NewBrowser: newBrowser})
}

// errProofChanged: the user has another password than the one that was compared.
var errProofChanged = errors.New("accounts: the password has changed since it was compared")

// errDeletionChanged: the deletion of the account was asked for, or taken back, since the
// user was read.
var errDeletionChanged = errors.New("accounts: whether the account is deleted has changed")

// insertProved adds a session, and a trusted device that begins with it, and tracks the
// log-in, if the user's row is still what was proved, and ends so many older sessions. u
// becomes the row as it is.
func (a *Accounts) insertProved(ctx context.Context, u *User, added []Session) (trimmed int, err error) {
	if _, ok := a.config.Store.(Transactor); ok {
		// The row first: it stays locked, so that parallel log-ins wait for each other.
		if err := a.trackProved(ctx, u, added[0]); err != nil {
			return 0, err
		}
		if err := a.insertSessions(ctx, added); err != nil {
			return 0, err
		}
		return a.trimSessions(ctx, added)
	}
	// Without transactions the session first: what changes the row and ends the sessions
	// then either finds this one, or has changed the row before it is tracked.
	if err = a.insertSessions(ctx, added); err == nil {
		err = a.trackProved(ctx, u, added[0])
	}
	if err != nil {
		return 0, err
	}
	return a.trimSessions(ctx, added)
}

// withdraw ends sessions that a store without transactions has begun all the same, and
// returns why they do not begin.
func (a *Accounts) withdraw(ctx context.Context, added []Session, why error) error {
	if _, ok := a.config.Store.(Transactor); ok {
		return why
	}
	for _, s := range added {
		why = errors.Join(why, a.store.DeleteSession(context.WithoutCancel(ctx), s.Tenant, s.Hash))
	}
	return why
}

func (a *Accounts) insertSessions(ctx context.Context, added []Session) error {
	for _, s := range added {
		if err := a.store.InsertSession(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// trimSessions ends the user's sessions beyond the limit, the oldest first, and as many of
// each kind: of trusted devices, too. It returns how many of the first kind have ended.
func (a *Accounts) trimSessions(ctx context.Context, newest []Session) (ended int, err error) {
	most := a.config.Throttle.UserSessions
	if most < 0 {
		return 0, nil
	}
	for i, s := range newest {
		n, err := a.store.TrimSessions(ctx, s.Tenant, s.UserID, s.LimitedTo, s.Hash, most)
		if err != nil {
			return 0, err
		}
		if i == 0 {
			ended = n
		}
	}
	return ended, nil
}

// trackProved tracks the log-in of a session. Where the row has changed since u was
// read, it looks whether what was proved has.
func (a *Accounts) trackProved(ctx context.Context, u *User, s Session) error {
	const tries = 10
	var err error
	for range tries {
		if s.LimitedTo != "" {
			err = a.store.LockUser(ctx, u.Tenant, u.ID, u.Version)
		} else {
			err = a.store.TrackLogin(ctx, TrackedLogin{
				Tenant: u.Tenant, UserID: u.ID, Version: u.Version, At: s.CreatedAt, Address: s.Address,
			})
		}
		if !errors.Is(err, ErrStale) {
			return err
		}
		now, err := a.store.UserByID(ctx, u.Tenant, u.ID)
		switch {
		case err != nil:
			return err
		case !now.Active:
			return ErrInactive
		case s.Via == identity.ViaPassword && now.PasswordHash != u.PasswordHash:
			return errProofChanged
		case !now.DeletionAt.Equal(u.DeletionAt):
			*u = now
			return errDeletionChanged
		}
		*u = now
	}
	return err
}

// clip cuts text from outside to so many bytes, and to what every database takes.
func clip(s string, most int) string {
	s = s[:min(len(s), most)]
	for i, r := range s {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return s[:i]
		}
	}
	return s
}
