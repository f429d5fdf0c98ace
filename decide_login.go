package social

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A login is a log-in through a provider that is to be decided.
type login struct {
	grant   *oauth.Grant
	session session
	// emailProved says that a provider on the trust list has verified the profile's
	// e-mail address.
	emailProved bool

	// passed says that the second factor which was due has been passed, by userID,
	// or by a person who signs up when userID is "".
	passed bool
	userID string
	// take, when not nil, takes the row that waited for the factor, in the
	// transaction. Its error ends the log-in.
	take func(ctx context.Context) error
}

// A session begins when a log-in was decided.
type session interface {
	// start begins the user's session, in the transaction that ctx carries. It is
	// called last, and again when a store repeats the transaction. connectionID is the
	// connection that proved who the user is, "" for none.
	start(ctx context.Context, userID, connectionID string) error
}

// A loginDecision is what became of a log-in.
type loginDecision struct {
	kind   loginKind
	userID string           // of loginDone, loginSignedUp and loginFactorDue
	page   string           // of loginFactorDue
	made   vault.Connection // the connection that was made, if one was
}

type loginKind int

const (
	// loginUnknown: no user has this identity.
	loginUnknown loginKind = iota
	// loginDone: the user's session has begun.
	loginDone
	// loginSignedUp: the same, of an account that was made for it.
	loginSignedUp
	// loginFactorDue: nothing was written, because the user has to prove more first.
	loginFactorDue
	// loginOfferSignUp: no user has it, and the policy offers the form.
	loginOfferSignUp
	// loginSignInFirst: no user has it, but one has its e-mail address.
	loginSignInFirst
)

// signsIn reports whether a session has begun.
func (d loginDecision) signsIn() bool { return d.kind == loginDone || d.kind == loginSignedUp }

// errOtherUser: the identity is not the user's who has passed the second factor.
var errOtherUser = errors.New("social: the identity belongs to another user now")

// decideLogin decides who the grant's identity is here, writes what follows from
// it and begins the session, all in one transaction where the store can. Errors
// are those of session.start and Registrar.Register, and unexpected ones.
//
// Of parallel first log-ins of one identity one makes the connection. The others
// decide again once they see it.
func (s *Social) decideLogin(ctx context.Context, l login) (loginDecision, error) {
	var d loginDecision
	var err error
	for range 15 {
		d, err = s.tryLogin(ctx, l)
		if !raced(d, err) {
			break
		}
		if again, e := s.awaitOther(ctx, l.grant, err); e != nil {
			return loginDecision{}, e
		} else if !again {
			break
		}
	}
	if errors.Is(err, vault.ErrTaken) || errors.Is(err, vault.ErrClaimed) {
		d, err = loginDecision{kind: loginSignInFirst}, nil
	}
	if err != nil {
		return loginDecision{}, err
	}
	if d.kind == loginSignInFirst && s.cfg.SignUp == Refuse {
		d.kind = loginUnknown
	}
	s.reportLogin(ctx, l.grant, d)
	return d, nil
}

// raced reports whether another request may have made the identity's connection
// since this one looked.
func raced(d loginDecision, err error) bool {
	if err == nil {
		return d.kind == loginSignInFirst
	}
	var registering *registerError
	var throttled Throttled
	return errors.Is(err, vault.ErrTaken) || errors.Is(err, vault.ErrClaimed) ||
		errors.As(err, &registering) && errors.As(err, &throttled)
}

// awaitOther reports whether it is worth deciding again: another request has made
// the identity's connection, or is linking to the account at the moment.
func (s *Social) awaitOther(ctx context.Context, g *oauth.Grant, err error) (bool, error) {
	linking := errors.Is(err, vault.ErrClaimed)
	looks := 1
	var pause time.Duration
	if _, ok := s.store.(vault.Transactor); linking {
		pause = linkTime / 10
	} else if !ok {
		// The account of the other request can be seen before its connection.
		looks, pause = 20, 25*time.Millisecond
	}
	for range looks {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(pause):
		}
		_, err := s.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, vault.ErrNoConnection) {
			return false, err
		}
	}
	return linking, nil
}

func (s *Social) tryLogin(ctx context.Context, l login) (d loginDecision, err error) {
	err = s.inOptimisticTx(ctx, func(ctx context.Context) (err error) {
		if d, err = s.loginOnce(ctx, l); err != nil {
			return err
		}
		return s.recordLogin(ctx, l.grant, &d)
	})
	if err != nil && d.kind == loginDone && d.made.ID != "" {
		s.unlink(ctx, d.made)
	}
	return d, err
}

// unlink ends a connection that a log-in made to an account whose session then did not
// begin, because Users refuses the user for instance. A transaction has taken it back
// already.
func (s *Social) unlink(ctx context.Context, made vault.Connection) {
	if _, ok := s.store.(vault.Transactor); ok {
		return
	}
	_, err := s.vault.Disconnect(ctx, vault.Removal{UserID: made.UserID, ProviderID: made.ProviderID, ProviderUserID: made.ProviderUserID})
	if err != nil {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelError, "social: a connection of a log-in that failed stays",
			slog.String("connection", made.ID), slog.Any("error", err))
	}
}

// loginOnce is the body of decideLogin's transaction.
func (s *Social) loginOnce(ctx context.Context, l login) (loginDecision, error) {
	who, err := s.identify(ctx, l.grant, l.emailProved)
	if err != nil {
		return loginDecision{}, err
	}
	switch {
	case l.passed && who.userID != l.userID:
		return loginDecision{}, errOtherUser
	case who.userID == "":
		return s.loginUnknown(ctx, l, who.emailTaken)
	}
	if page, err := s.factorDue(ctx, l.passed, who.userID); err != nil || page != "" {
		return loginDecision{kind: loginFactorDue, userID: who.userID, page: page}, err
	}
	d := loginDecision{kind: loginDone, userID: who.userID}
	if who.connection.ID == "" {
		d.made, err = s.link(ctx, who.userID, l.grant)
		who.connection = d.made
	} else if _, err = s.vault.RenewByLogIn(ctx, who.connection, l.grant); errors.Is(err, vault.ErrNoConnection) {
		// Removed a moment ago: that must not end in a new account.
		return loginDecision{kind: loginUnknown}, nil
	}
	if err == nil {
		err = l.begin(ctx, who.userID, who.connection.ID)
	}
	return d, err
}

// begin begins the session of a log-in that was written.
func (l *login) begin(ctx context.Context, userID, connectionID string) error {
	if l.take != nil {
		if err := l.take(ctx); err != nil {
			return err
		}
	}
	return l.session.start(ctx, userID, connectionID)
}

// linkTime is how long a link keeps others from linking to the same account.
const linkTime = time.Second

// link connects a grant to the account with its e-mail address. The claim keeps
// two identities from being linked to one account at the same time, which a
// database that isolates less than SERIALIZABLE would allow: vault.ErrClaimed.
func (s *Social) link(ctx context.Context, userID string, g *oauth.Grant) (vault.Connection, error) {
	if err := s.claim(ctx, linkTime, "link", userID, g.ProviderID); err != nil {
		return vault.Connection{}, err
	}
	// Read again under the claim: another link may have been committed since.
	others, err := s.vault.Connections(ctx, userID, g.ProviderID)
	if err != nil {
		return vault.Connection{}, err
	}
	if len(others) > 0 {
		return vault.Connection{}, vault.ErrTaken
	}
	return s.vault.Connect(ctx, userID, g)
}

// loginUnknown decides about an identity that no user has, by the sign-up policy.
// emailTaken is as in person.
func (s *Social) loginUnknown(ctx context.Context, l login, emailTaken bool) (loginDecision, error) {
	switch {
	case emailTaken:
		return loginDecision{kind: loginSignInFirst}, nil
	case s.cfg.SignUp == Refuse:
		return loginDecision{kind: loginUnknown}, nil
	case s.cfg.SignUp == Form || !l.emailProved:
		// Registering an address reveals whether it has an account. A person may do that
		// with a form; a provider that only claims the address may not.
		return loginDecision{kind: loginOfferSignUp}, nil
	}
	if page, err := s.factorDue(ctx, l.passed, ""); err != nil || page != "" {
		return loginDecision{kind: loginFactorDue, page: page}, err
	}
	made, err := s.register(ctx, l.grant, SignUpForm{Email: l.grant.Profile.Email}, true)
	var field FieldRefusal
	if errors.As(err, &field) {
		if !field.Taken() {
			// The application does not take the provider's address: ask for another.
			return loginDecision{kind: loginOfferSignUp}, nil
		}
		err = vault.ErrTaken
	}
	if err == nil {
		err = l.begin(ctx, made.UserID, made.ID)
	}
	return loginDecision{kind: loginSignedUp, userID: made.UserID, made: made}, err
}
