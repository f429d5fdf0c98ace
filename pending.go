package social

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

// A PendingConnection is a provider's account that waits in a browser to be connected:
// its person began to sign up, and has an account here already; or wanted to connect it,
// when it had become too long ago that they proved who they are.
//
// It survives exactly one log-in, one whose form has its ID. After that the page at
// Config.ConnectPage asks whether to connect it, and nothing is connected without an
// answer. Every other log-in or log-out in the browser ends it. It lasts 30 minutes, or, when
// the address of the sign-up is to be confirmed first, as long as the link is good.
type PendingConnection struct {
	ID       string // for forms, as "signup"; it is no secret
	UserID   string // the user who is asked; "" before the log-in
	Provider oauth.Description
	Profile  oauth.Profile // without Raw

	// Confirms is the e-mail address, as entered, that has to be confirmed before the
	// sign-up goes on; "" when there is none. A page of a link that confirms another
	// address should not offer this connection.
	Confirms string
}

// PendingConnection returns what waits in this browser to be connected, or
// ErrNoSignUp. A log-in page shows it when it was asked for with its ID, as
// ?signup=ID, and has the ID in its forms. The page at Config.ConnectPage shows it when
// UserID is not empty.
func (s *Social) PendingConnection(r *http.Request) (*PendingConnection, error) {
	a, err := s.waitingAccount(r)
	if err != nil {
		return nil, err
	}
	p := &PendingConnection{ID: a.id(), UserID: a.userID, Provider: a.provider.Description, Profile: a.grant.Profile}
	if a.waits.form != nil {
		p.Confirms = a.waits.form.Email
	}
	return p, nil
}

// A waitingAccount is a PendingConnection with all that is kept of it.
type waitingAccount struct {
	waitingSignUp
	grant    *oauth.Grant
	waits    waiting
	provider provider
}

// waitingAccount returns what waits in this browser to be connected, or ErrNoSignUp.
func (s *Social) waitingAccount(r *http.Request) (a waitingAccount, err error) {
	ctx := r.Context()
	a.waitingSignUp = s.signUpOf(r)
	if a.userID != s.CurrentUser(ctx) {
		return a, ErrNoSignUp
	}
	if a.grant, a.waits, err = s.heldSignUp(ctx, a.token, ""); err != nil {
		return a, err
	}
	a.provider, err = s.open(ctx, a.grant.ProviderID)
	return a, err
}

// KeepSignUp takes this browser's PendingConnection over the log-in of a user that the
// request has just made, when id is its ID: the value that the log-in's form had as
// "signup". It returns the page to go to now, which asks the user whether to connect
// it; ErrNoSignUp when there is none to keep. Log-ins through a provider do this
// themselves.
func (s *Social) KeepSignUp(w http.ResponseWriter, r *http.Request, id, userID string) (page string, err error) {
	at := s.signUpOf(r)
	if userID == "" || at.userID != "" || at.id() != id {
		return "", ErrNoSignUp
	}
	if _, _, err := s.heldSignUp(r.Context(), at.token, ""); err != nil {
		return "", err
	}
	at.userID = userID
	return s.cfg.ConnectPage, s.setSignUp(w, at, signUpTTL)
}

// endOrKeepSignUp is KeepSignUp for a log-in that Social made, which ends everything
// else that waits in the browser. page is "" when there is nothing to ask.
func (s *Social) endOrKeepSignUp(w http.ResponseWriter, r *http.Request, id, userID string) (page string, err error) {
	s.EndPending(w, r)
	if page, err = s.KeepSignUp(w, r, id, userID); errors.Is(err, ErrNoSignUp) {
		return "", nil
	}
	return page, err
}

// EndPending ends what this browser has begun and not finished: a PendingSignUp, a
// PendingConnection, a PendingLogin. An application calls it at each log-in and log-out
// that neither Social nor package accounts makes.
func (s *Social) EndPending(w http.ResponseWriter, r *http.Request) {
	s.jar.EndPending(w, r)
}

// A waitingSignUp is what a browser keeps of a sign-up that waits.
type waitingSignUp struct {
	token  string // finds the row
	form   bool   // the form that makes an account is offered
	userID string // who is asked whether to connect it, "" before the log-in
}

const waitingSignUpVersion = 1

// id names it in forms, where its token must not be.
func (u waitingSignUp) id() string {
	sum := sha256.Sum256([]byte("social sign-up\x00" + u.token))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

func (s *Social) setSignUp(w http.ResponseWriter, u waitingSignUp, lasts time.Duration) error {
	var e keyring.Encoder
	e.Byte(waitingSignUpVersion)
	e.Bool(u.form)
	e.Text(u.token)
	e.Text(u.userID)
	return s.jar.Set(w, cookie.SignUp, e, lasts)
}

// signUpOf returns what the browser keeps; its token is "" when there is nothing.
func (s *Social) signUpOf(r *http.Request) waitingSignUp {
	value, _ := s.jar.Get(r, cookie.SignUp)
	d := keyring.NewDecoder(value)
	known := d.Byte() == waitingSignUpVersion
	u := waitingSignUp{form: d.Bool(), token: d.Text(), userID: d.Text()}
	if !known || !d.Whole() {
		return waitingSignUp{}
	}
	return u
}

// offerSignUp keeps a grant that no user has, for the form that makes an account, or
// for a log-in to the account that its person has, which the flow goes on to.
func (q *request) offerSignUp(ctx context.Context, g *oauth.Grant, f *flow, form bool) error {
	at, err := q.keepGrant(ctx, g, f, waitingSignUp{form: form})
	f.signUp = at.id()
	return err
}

// connectLater keeps a grant that the signed-in user wants to connect until they have
// proved who they are; after that the page asks, as for every account that waits.
func (q *request) connectLater(ctx context.Context, f *flow, g *oauth.Grant) outcome {
	if _, err := q.keepGrant(ctx, g, f, waitingSignUp{userID: f.userID}); err != nil {
		return failure(err)
	}
	return q.verifyBefore(q.cfg.ConnectPage)
}

// keepGrant keeps a grant in this browser.
func (q *request) keepGrant(ctx context.Context, g *oauth.Grant, f *flow, at waitingSignUp) (waitingSignUp, error) {
	var err error
	if at.token, err = q.holdSignUp(ctx, g, waiting{next: f.next, remember: f.remember}, signUpTTL); err != nil {
		return at, err
	}
	return at, q.setSignUp(q.w, at, signUpTTL)
}

// noPending is how a request ends that finds nothing to connect.
func noPending(err error) outcome {
	if errors.Is(err, ErrNoSignUp) {
		return problem(http.StatusNotFound, CodeNoSignUp)
	}
	return unknownProvider(err)
}

// A pendingDocument is a PendingConnection as JSON.
type pendingDocument struct {
	ID             string `json:"id"`
	Asks           bool   `json:"asks"` // the user is signed in, and answers now
	ProviderID     string `json:"provider_id"`
	ProviderUserID string `json:"provider_user_id"`
	DisplayName    string `json:"display_name"`
	FullName       string `json:"full_name"`
	Email          string `json:"email"`
	ProfileURL     string `json:"profile_url"`
	ImageURL       string `json:"image_url"`
	Confirms       string `json:"confirms"` // the address that is to be confirmed first
}

// showPending describes the account that waits, before the log-in too, so that a front
// end can send its ID with the log-in.
func (q *request) showPending() outcome {
	p, err := q.PendingConnection(q.r)
	if errors.Is(err, ErrNoSignUp) && q.CurrentUser(q.r.Context()) == "" {
		return q.signInFirst()
	}
	if err != nil {
		return noPending(err)
	}
	return outcome{status: http.StatusOK, body: pendingDocument{
		p.ID, p.UserID != "", p.Provider.ID, p.Profile.Subject, p.Profile.DisplayName, p.Profile.FullName, p.Profile.Email,
		p.Profile.ProfileURL, p.Profile.ImageURL, p.Confirms,
	}}
}

// connectPending connects it: the user said yes.
func (q *request) connectPending() outcome {
	if q.CurrentUser(q.r.Context()) == "" {
		return q.signInFirst()
	}
	a, err := q.waitingAccount(q.r)
	if err != nil {
		return noPending(err)
	}
	if q.r.FormValue("signup") != a.id() {
		return noPending(ErrNoSignUp)
	}
	q.provider = a.provider
	// As at a callback: what the provider granted may have ended the tokens there were.
	ctx := context.WithoutCancel(q.r.Context())
	// Connecting twice is no harm, and a store that fails leaves the row to try again.
	d, err := q.decideConnect(ctx, a.userID, a.grant)
	if errors.Is(err, errNotFresh) {
		return q.tell(q.verifyBefore(q.cfg.ConnectPage)) // it waits there
	}
	if err == nil {
		err = q.dropSignUp(ctx, a.token)
	}
	if err == nil {
		q.jar.Clear(q.w, cookie.SignUp)
		q.endedWell(q.r)
	}
	return q.afterConnect(&flow{next: a.waits.next})(d, err)
}

// dropPending forgets it, and has the grant revoked: the user said no.
func (q *request) dropPending() outcome {
	if q.CurrentUser(q.r.Context()) == "" {
		return q.signInFirst()
	}
	a, err := q.waitingAccount(q.r)
	if err == nil {
		err = q.vault.DropHeld(q.r.Context(), purposeSignUp, a.token)
	}
	if err != nil {
		return noPending(err)
	}
	q.jar.Clear(q.w, cookie.SignUp)
	return outcome{to: q.afterLogin(q.w, q.r, a.waits.next), status: http.StatusNoContent}
}
