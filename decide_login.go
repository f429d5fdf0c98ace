package social

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A login is a log-in through a provider that is to be decided.
type login struct {
	grant   *oauth.Grant
	session session
	// proved is the user who has passed the second factor that was due; "" before.
	proved string
}

// A session begins when a log-in was decided.
type session interface {
	// start begins the user's session, in the transaction that ctx carries. It is
	// called last, and again when a store repeats the transaction.
	start(ctx context.Context, userID string) error
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
	// loginDone: the user's session has begun.
	loginDone loginKind = iota + 1
	// loginSignedUp: the same, of an account that was made for it.
	loginSignedUp
	// loginFactorDue: nothing was written, because the user has to prove more first.
	loginFactorDue
	// loginUnknown: no user has this identity.
	loginUnknown
	// loginOfferSignUp: no user has it, and the policy offers the form.
	loginOfferSignUp
	// loginSignInFirst: no user has it, but one has its e-mail address.
	loginSignInFirst
)

// errOtherUser: the identity is not the user's who has passed the second factor.
var errOtherUser = errors.New("social: the identity belongs to another user now")

// decideLogin decides who the grant's identity is here, writes what follows from
// it and begins the session, all in one transaction where the store can. Errors
// are those of session.start and Registrar.Register, and unexpected ones.
//
// Of parallel first log-ins of one identity one makes the connection. The others
// decide again, and find it.
func (s *Social) decideLogin(ctx context.Context, l login) (loginDecision, error) {
	tries, pause := 2, time.Duration(0)
	if _, ok := s.store.(vault.Transactor); !ok {
		// The account of the first can be seen before its connection.
		tries, pause = 20, 25*time.Millisecond
	}
	for {
		d, err := s.tryLogin(ctx, l)
		tries--
		if tries > 0 && raced(d, err) {
			select {
			case <-ctx.Done():
				return loginDecision{}, ctx.Err()
			case <-time.After(pause):
				continue
			}
		}
		if taken(err) {
			d, err = s.refuseLogin(), nil
		}
		if err == nil {
			s.reportLogin(ctx, l.grant, d)
		}
		return d, err
	}
}

// raced reports whether another request may have made the identity's connection
// since this one looked.
func raced(d loginDecision, err error) bool {
	if err == nil {
		return d.kind == loginSignInFirst
	}
	var throttled Throttled
	return taken(err) || errors.As(err, &throttled)
}

// taken reports whether something that had to be new was there already.
func taken(err error) bool {
	if err == nil {
		return false
	}
	var field FieldRefusal
	return errors.Is(err, vault.ErrTaken) || errors.As(err, &field) && field.Taken()
}

func (s *Social) tryLogin(ctx context.Context, l login) (d loginDecision, err error) {
	err = s.inTx(ctx, func(ctx context.Context) (err error) {
		d, err = s.loginOnce(ctx, l)
		return err
	})
	return d, err
}

// loginOnce is the body of decideLogin's transaction.
func (s *Social) loginOnce(ctx context.Context, l login) (loginDecision, error) {
	who, err := s.identify(ctx, l.grant)
	if err != nil {
		return loginDecision{}, err
	}
	known := who.connection.ID != "" || who.linkable
	if l.proved != "" && (!known || who.userID != l.proved) {
		return loginDecision{}, errOtherUser
	}
	if !known {
		return s.loginUnknown(ctx, l, who)
	}
	if s.factors != nil && l.proved == "" {
		page, err := s.factors.RequireFactor(ctx, who.userID)
		if err != nil {
			return loginDecision{}, err
		}
		if page != "" {
			return loginDecision{kind: loginFactorDue, userID: who.userID, page: page}, nil
		}
	}
	d := loginDecision{kind: loginDone, userID: who.userID}
	if who.linkable {
		d.made, err = s.link(ctx, who.userID, l.grant)
	} else if _, err = s.vault.RenewByLogIn(ctx, who.connection, l.grant); errors.Is(err, vault.ErrNoConnection) {
		// Removed a moment ago: that must not end in a new account.
		return loginDecision{kind: loginUnknown}, nil
	}
	if err == nil {
		err = l.session.start(ctx, who.userID)
	}
	return d, err
}

// link connects a grant to the account with its e-mail address. The claim keeps
// two identities from being linked to one account at the same time, which a
// database that isolates less than SERIALIZABLE would allow.
func (s *Social) link(ctx context.Context, userID string, g *oauth.Grant) (vault.Connection, error) {
	err := s.claim(ctx, time.Minute, "link", userID, g.ProviderID)
	if errors.Is(err, vault.ErrClaimed) {
		return vault.Connection{}, vault.ErrTaken
	}
	if err != nil {
		return vault.Connection{}, err
	}
	return s.vault.Connect(ctx, userID, g)
}

// loginUnknown decides about an identity that no user has, by the sign-up policy.
func (s *Social) loginUnknown(ctx context.Context, l login, who person) (loginDecision, error) {
	email := l.grant.Profile.Email
	switch {
	case who.userID != "":
		return s.refuseLogin(), nil
	case s.cfg.SignUp == Refuse:
		return loginDecision{kind: loginUnknown}, nil
	case s.cfg.SignUp == Form || email == "":
		return loginDecision{kind: loginOfferSignUp}, nil
	}
	made, err := s.register(ctx, l.grant, SignUpForm{Email: email}, who.emailProved)
	var field FieldRefusal
	if errors.As(err, &field) && !field.Taken() {
		// The application does not take the provider's address: ask for another.
		return loginDecision{kind: loginOfferSignUp}, nil
	}
	if err == nil {
		err = l.session.start(ctx, made.UserID)
	}
	return loginDecision{kind: loginSignedUp, userID: made.UserID, made: made}, err
}

// refuseLogin refuses an identity whose e-mail address a user has.
func (s *Social) refuseLogin() loginDecision {
	if s.cfg.SignUp == Refuse {
		return loginDecision{kind: loginUnknown}
	}
	return loginDecision{kind: loginSignInFirst}
}

// reportLogin emits the events of a log-in that was decided and written.
func (s *Social) reportLogin(ctx context.Context, g *oauth.Grant, d loginDecision) {
	switch {
	case s.cfg.OnEvent == nil, d.kind == loginFactorDue:
	case !d.signsIn():
		profile := g.Profile
		profile.Raw = nil
		s.emit(ctx, LoginFailed{ProviderID: g.ProviderID, Profile: profile})
	default:
		if d.kind == loginSignedUp {
			s.emit(ctx, AccountCreated{UserID: d.userID, ProviderID: g.ProviderID})
		}
		if d.made.ID != "" {
			s.emit(ctx, ConnectionCreated{UserID: d.userID, Connection: d.made})
		}
		s.emit(ctx, LoginCompleted{ProviderID: g.ProviderID, UserID: d.userID})
	}
}

// signsIn reports whether a session has begun.
func (d loginDecision) signsIn() bool { return d.kind == loginDone || d.kind == loginSignedUp }
