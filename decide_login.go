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
	grant *oauth.Grant
	// start begins the user's session, in the transaction that ctx carries. It is
	// called last, and again when a store repeats the transaction.
	start func(ctx context.Context, userID string) error
	// proved is the user who has passed the second factor that was due; "" before.
	proved string
}

// A loginDecision is what became of a log-in.
type loginDecision struct {
	kind   loginKind
	userID string // of loginDone, loginSignedUp and loginFactorDue
	page   string // of loginFactorDue
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
// are those of login.start and Registrar.Register, and unexpected ones.
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
		d, events, err := s.tryLogin(ctx, l)
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
			d, events, err = s.refuseLogin(l.grant)
		}
		if err == nil {
			s.emit(ctx, events...)
		}
		return d, err
	}
}

// raced reports whether another request may have made the identity's connection
// since this one looked.
func raced(d loginDecision, err error) bool {
	var throttled Throttled
	return d.kind == loginSignInFirst || taken(err) || errors.As(err, &throttled)
}

// taken reports whether something that had to be new was there already.
func taken(err error) bool {
	var field FieldRefusal
	return errors.Is(err, vault.ErrTaken) || errors.As(err, &field) && field.Taken()
}

func (s *Social) tryLogin(ctx context.Context, l login) (d loginDecision, events []Event, err error) {
	err = s.inTx(ctx, func(ctx context.Context) error {
		var err error
		d, events, err = s.loginOnce(ctx, l)
		return err
	})
	if err != nil {
		return loginDecision{}, nil, err
	}
	return d, events, nil
}

// loginOnce is the body of decideLogin's transaction.
func (s *Social) loginOnce(ctx context.Context, l login) (loginDecision, []Event, error) {
	who, err := s.identify(ctx, l.grant)
	if err != nil {
		return loginDecision{}, nil, err
	}
	known := who.connection.ID != "" || who.linkable
	if l.proved != "" && (!known || who.userID != l.proved) {
		return loginDecision{}, nil, errOtherUser
	}
	if !known {
		return s.loginUnknown(ctx, l, who)
	}
	if s.factors != nil && l.proved == "" {
		page, err := s.factors.RequireFactor(ctx, who.userID)
		if err != nil {
			return loginDecision{}, nil, err
		}
		if page != "" {
			return loginDecision{kind: loginFactorDue, userID: who.userID, page: page}, nil, nil
		}
	}
	var events []Event
	if who.linkable {
		c, err := s.link(ctx, who.userID, l.grant)
		if err != nil {
			return loginDecision{}, nil, err
		}
		events = append(events, ConnectionCreated{UserID: who.userID, Connection: c})
	} else if _, err := s.vault.RenewByLogIn(ctx, who.connection, l.grant); errors.Is(err, vault.ErrNoConnection) {
		// Removed a moment ago: that must not end in a new account.
		return loginDecision{kind: loginUnknown}, []Event{loginFailed(l.grant)}, nil
	} else if err != nil {
		return loginDecision{}, nil, err
	}
	if err := l.start(ctx, who.userID); err != nil {
		return loginDecision{}, nil, err
	}
	events = append(events, LoginCompleted{ProviderID: l.grant.ProviderID, UserID: who.userID})
	return loginDecision{kind: loginDone, userID: who.userID}, events, nil
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
func (s *Social) loginUnknown(ctx context.Context, l login, who person) (loginDecision, []Event, error) {
	g := l.grant
	switch {
	case who.userID != "":
		return s.refuseLogin(g)
	case s.cfg.SignUp == Refuse:
		return loginDecision{kind: loginUnknown}, []Event{loginFailed(g)}, nil
	case s.cfg.SignUp == Form || g.Profile.Email == "":
		return loginDecision{kind: loginOfferSignUp}, []Event{loginFailed(g)}, nil
	}
	made, err := s.register(ctx, g, SignUpForm{Email: g.Profile.Email}, who.emailProved)
	var field FieldRefusal
	if errors.As(err, &field) && !field.Taken() {
		// The application does not take the provider's address: ask for another.
		return loginDecision{kind: loginOfferSignUp}, []Event{loginFailed(g)}, nil
	}
	if err != nil {
		return loginDecision{}, nil, err
	}
	if err := l.start(ctx, made.userID); err != nil {
		return loginDecision{}, nil, err
	}
	return loginDecision{kind: loginSignedUp, userID: made.userID}, made.events(), nil
}

// refuseLogin refuses an identity whose e-mail address a user has.
func (s *Social) refuseLogin(g *oauth.Grant) (loginDecision, []Event, error) {
	kind := loginSignInFirst
	if s.cfg.SignUp == Refuse {
		kind = loginUnknown
	}
	return loginDecision{kind: kind}, []Event{loginFailed(g)}, nil
}

func loginFailed(g *oauth.Grant) Event {
	profile := g.Profile
	profile.Raw = nil
	return LoginFailed{ProviderID: g.ProviderID, Profile: profile}
}

// signsIn reports whether a session has begun.
func (d loginDecision) signsIn() bool { return d.kind == loginDone || d.kind == loginSignedUp }
