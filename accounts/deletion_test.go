package accounts_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/secret"
)

const grace = 14 * 24 * time.Hour

// A deletionSite has second factors and mail, and notes what follows from deletions.
type deletionSite struct {
	*site
	box    *mailtest.Box
	events events

	mu    sync.Mutex
	calls []string // of the hooks of deletions
	fail  error    // of the hooks
}

func newDeletionSite(t *testing.T, configure ...func(*accounts.Config)) *deletionSite {
	t.Helper()
	d := &deletionSite{box: new(mailtest.Box)}
	d.site = factorSite(t, append([]func(*accounts.Config){func(c *accounts.Config) {
		c.Mail = d.box
		d.events.collect(c)
	}}, configure...)...)
	d.OnDeletion(identity.Deletion{Suspend: d.hook("suspend"), Resume: d.hook("resume"),
		Delete: func(ctx context.Context, userID string, deleteUser func(context.Context) error) error {
			if err := d.hook("delete")(ctx, userID); err != nil {
				return err
			}
			return deleteUser(ctx)
		}})
	d.events.list = nil
	return d
}

func (d *deletionSite) hook(name string) func(context.Context, string) error {
	return func(ctx context.Context, userID string) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.calls = append(d.calls, name+" "+tenant.From(ctx)+"/"+userID)
		return d.fail
	}
}

// hooks checks what the hooks were called for since the last time.
func (d *deletionSite) hooks(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.calls, want) {
		t.Errorf("the hooks got %q, want %q", d.calls, want)
	}
	d.calls = nil
}

func (d *deletionSite) find(t *testing.T, login string) accounts.User {
	t.Helper()
	u, err := d.Find(t.Context(), login)
	check(t, err)
	return u
}

func (v *visitor) requestDeletion() (at time.Time, err error) {
	err = v.do(func(w http.ResponseWriter, r *http.Request) error {
		at, err = v.RequestDeletion(w, r)
		if err == nil && accounts.Current(r.Context()) != nil {
			err = errors.New("the request has a user still")
		}
		return err
	})
	return at, err
}

func (v *visitor) undelete() error {
	return v.do(func(w http.ResponseWriter, r *http.Request) error { return v.Undelete(w, r) })
}

// The request ends all sessions, trusted devices and mailed links. Whoever logs in in the
// grace, in whatever way, gets a session to keep the account.
func TestAccounts12_DeletionAndGrace(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t, magic)
	check(t, d.SetVerifiedKeepingAccess(t.Context(), d.find(t, "matt").ID, true))
	matt := d.find(t, "matt")
	other, b := d.newVisitor(t).logIn("matt"), d.newVisitor(t).logIn("matt")
	joe := d.newVisitor(t).logIn("joe@lp.com")
	check(t, d.store.PutTicket(t.Context(), ticket.Ticket{Hash: [32]byte{1}, UserID: matt.ID, Purpose: ticket.Reset, ExpiresAt: d.clock.Now().Add(time.Hour)}))
	d.events.list = nil
	at, err := b.requestDeletion()
	check(t, err)
	if want := d.clock.Now().Add(grace); !at.Equal(want) || !d.find(t, "matt").DeletionAt.Equal(want) {
		t.Errorf("at %v, stored %v, want %v", at, d.find(t, "matt").DeletionAt, want)
	}
	d.hooks(t, "suspend /"+matt.ID)
	d.events.want(t, "the request", accounts.DeletionRequested{Subject: accounts.Subject{UserID: matt.ID}, At: at},
		accounts.SessionsEnded{Subject: accounts.Subject{UserID: matt.ID}, Count: 2})
	if len(b.cookies) > 1 { // the known browser's
		t.Errorf("the browser has %v", b.cookies)
	}
	b.want("")
	other.want("")
	joe.want("joe@lp.com")
	if _, err := d.store.Ticket(t.Context(), "", [32]byte{1}, d.clock.Now()); !errors.Is(err, ticket.ErrNone) {
		t.Errorf("a link is good still: %v", err)
	}
	l, ok := d.box.Last(mail.KindDeletion, "matt@lp.com")
	if !ok || !l.Until.Equal(at) || l.Link != d.url+"/login" {
		t.Errorf("the letter is %+v", l)
	}

	d.clock.Advance(grace - time.Hour)
	for what, logIn := range map[string]func(*visitor) error{
		"by password": func(v *visitor) error {
			return v.do(func(w http.ResponseWriter, r *http.Request) error {
				return d.LogIn(w, r, "matt", password, true)
			})
		},
		"by provider": func(v *visitor) error {
			return v.do(func(w http.ResponseWriter, r *http.Request) error {
				return d.SignIn(w, r, identity.SignIn{UserID: matt.ID, Via: "google"})
			})
		},
		"by mailed link": func(v *visitor) error {
			return v.do(func(w http.ResponseWriter, r *http.Request) error {
				if err := d.RequestMagicLink(w, r, "matt@lp.com", ""); err != nil {
					return err
				}
				l, _ := d.box.Last(mail.KindMagicLink, "matt@lp.com")
				return d.LogInByLink(w, r, l.Link[len(d.url+"/magic-link/"):])
			})
		},
	} {
		v := d.newVisitor(t)
		check(t, logIn(v))
		if v.want(accounts.LimitedToDeletion); v.cookies["session"].MaxAge != 0 {
			t.Errorf("%s: the cookie is %+v", what, v.cookies["session"])
		}
		if _, err := v.requestDeletion(); !errors.Is(err, accounts.ErrNotSignedIn) {
			t.Errorf("%s: asked again: %v", what, err)
		}
	}
	if got := d.find(t, "matt"); got.Login != matt.Login && got.Login.Count != 2 {
		t.Errorf("tracked as %+v", got.Login)
	}
	_, err = d.Register(t.Context(), identity.Registration{Email: "MATT@lp.com", Password: password})
	if field := (*accounts.FieldError)(nil); !errors.As(err, &field) || !field.Taken() {
		t.Errorf("registering with the address: %v", err)
	}
	if id, verified, err := d.FindEmail(t.Context(), "matt@lp.com"); id != matt.ID || verified || err != nil {
		t.Errorf("FindEmail: %q, %v, %v", id, verified, err)
	}
	d.hooks(t)

	v := d.newVisitor(t).logIn("matt").want(accounts.LimitedToDeletion)
	stale := d.newVisitor(t).logIn("matt")
	limited := v.cookies["session"]
	d.events.list = nil
	d.clock.Advance(time.Minute)
	check(t, v.undelete())
	v.want("matt@lp.com")
	stale.want("") // ends with it
	(&visitor{d.site, t, map[string]*http.Cookie{"session": limited}}).want("")
	if u := d.find(t, "matt"); !u.DeletionAt.IsZero() || !u.Active {
		t.Errorf("the user is %+v", u)
	}
	d.hooks(t, "resume /"+matt.ID)
	if e := d.events.list[0]; e != (accounts.DeletionCanceled{Subject: accounts.Subject{UserID: matt.ID}}) {
		t.Errorf("%+v", e)
	}
	// The proof is that of the log-in, a minute ago.
	v.do(func(_ http.ResponseWriter, r *http.Request) error {
		if until := d.FreshUntil(r.Context()); !until.Equal(d.clock.Now().Add(14 * time.Minute)) {
			t.Errorf("fresh for %v", until.Sub(d.clock.Now()))
		}
		return nil
	})
	wantErr(t, "keeping it in a whole session", v.undelete(), accounts.ErrNotSignedIn)
	d.clock.Advance(grace)
	if n, err := d.DeleteDue(t.Context()); n != 0 || err != nil {
		t.Errorf("deleted %d, %v", n, err)
	}
	d.newVisitor(t).logIn("matt").want("matt@lp.com")
	if id, verified, _ := d.FindEmail(t.Context(), "matt@lp.com"); id == "" || !verified {
		t.Errorf("FindEmail of a kept one: %q, %v", id, verified)
	}
}

// Only a recent proof allows it, and it can be turned off.
func TestAccounts12_DeletionWantsAProof(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	b := d.newVisitor(t)
	_, err := b.requestDeletion()
	wantErr(t, "without a session", err, accounts.ErrNotSignedIn)
	b.logIn("matt")
	d.clock.Advance(15 * time.Minute)
	_, err = b.requestDeletion()
	wantErr(t, "a stale session", err, accounts.ErrNotFresh)
	if u := d.find(t, "matt"); !u.DeletionAt.IsZero() {
		t.Error("it is being deleted")
	}
	d.hooks(t)
	off := newDeletionSite(t, func(c *accounts.Config) { c.NoDeletion = true })
	_, err = off.newVisitor(t).logIn("matt").requestDeletion()
	wantErr(t, "turned off", err, accounts.ErrOff)
	if off.CanDelete() || !d.CanDelete() {
		t.Error("CanDelete is wrong")
	}
	if _, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost", DeletionGrace: -1}); err == nil {
		t.Error("a negative grace is taken")
	}
}

// An administrator's request and an undelete need no session. Asked twice, the first time
// stays.
func TestAccounts12_ScheduleAndCancel(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	matt := d.find(t, "matt")
	b := d.newVisitor(t).logIn("matt")
	first, err := d.ScheduleDeletion(t.Context(), matt.ID)
	check(t, err)
	b.want("")
	d.clock.Advance(time.Hour)
	again, err := d.ScheduleDeletion(t.Context(), matt.ID)
	check(t, err)
	if !again.Equal(first) {
		t.Errorf("%v, then %v", first, again)
	}
	b.logIn("matt").want(accounts.LimitedToDeletion)
	d.hooks(t, "suspend /"+matt.ID)
	for range 2 {
		check(t, d.CancelDeletion(t.Context(), matt.ID))
	}
	d.hooks(t, "resume /"+matt.ID)
	b.want("")
	b.logIn("matt").want("matt@lp.com")
	check(t, d.CancelDeletion(t.Context(), matt.ID)) // ends no whole session
	b.want("matt@lp.com")
	letters := 0
	for _, l := range d.box.Letters() {
		if l.Kind == mail.KindDeletion {
			letters++
		}
	}
	if letters != 1 {
		t.Errorf("%d letters", letters)
	}
	_, err = d.ScheduleDeletion(t.Context(), "nobody")
	wantErr(t, "nobody's", err, accounts.ErrNoUser)
	wantErr(t, "nobody's", d.CancelDeletion(t.Context(), "nobody"), accounts.ErrNoUser)
	blue := tenant.With(t.Context(), "blue")
	_, err = d.ScheduleDeletion(blue, matt.ID)
	wantErr(t, "from another tenant", err, accounts.ErrNoUser)
}

// A password that was set by a mailed link in the grace changes nothing of the deletion.
func TestAccounts12_ResetInTheGrace(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	at, err := d.ScheduleDeletion(t.Context(), d.find(t, "matt").ID)
	check(t, err)
	b := d.newVisitor(t)
	check(t, b.do(func(_ http.ResponseWriter, r *http.Request) error { return d.RequestReset(r, "matt@lp.com", "") }))
	l, _ := d.box.Last(mail.KindReset, "matt@lp.com")
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
		return d.ResetPassword(w, r, l.Link[len(d.url+"/reset/"):], "another password")
	}))
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
		return d.LogIn(w, r, "matt", secret.Text("another password"), false)
	}))
	b.want(accounts.LimitedToDeletion)
	if u := d.find(t, "matt"); !u.DeletionAt.Equal(at) {
		t.Errorf("at %v, was %v", u.DeletionAt, at)
	}
}

// An administrator who deactivates a user ends all that the user has, at once.
func TestAccounts12_DeactivationEndsSessionsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t)
	phone := d.newVisitor(t).logIn("matt").enroll()
	b := d.newVisitor(t).logIn("matt")
	check(t, b.finish(accounts.FactorTOTP, phone.code(), true))
	b.want("matt@lp.com")
	waits := d.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
	matt := d.find(t, "matt")
	check(t, d.SetActive(t.Context(), matt.ID, false))
	b.want("")
	waits.want("")
	if ss, err := d.store.Sessions(t.Context(), "", matt.ID, d.clock.Now()); len(ss) != 0 || err != nil {
		t.Errorf("%d sessions are left, %v", len(ss), err)
	}
	check(t, d.SetActive(t.Context(), matt.ID, true))
	b.want("")
}

// API tokens end with the request, none is made in the grace, and who keeps an account that
// was never to be deleted keeps its tokens. An export names them.
func TestAccounts12_DeletionAndTokens(t *testing.T) {
	t.Parallel()
	d := newDeletionSite(t, func(c *accounts.Config) { c.APITokens = true })
	matt := d.find(t, "matt")
	text, _, err := d.CreateTokenFor(t.Context(), matt.ID, accounts.NewToken{Name: "deploy"})
	check(t, err)
	check(t, d.CancelDeletion(t.Context(), matt.ID))
	e, err := d.Export(t.Context(), matt.ID)
	check(t, err)
	encoded, err := json.Marshal(e)
	check(t, err)
	if len(e.APITokens) != 1 || !strings.Contains(string(encoded), `"name":"deploy"`) || strings.Contains(string(encoded), text.Reveal()) {
		t.Errorf("the export is %s", encoded)
	}
	_, err = d.ScheduleDeletion(t.Context(), matt.ID)
	check(t, err)
	if list, err := d.Tokens(t.Context(), matt.ID); err != nil || len(list) != 0 {
		t.Errorf("tokens are left: %v, %v", list, err)
	}
	_, _, err = d.CreateTokenFor(t.Context(), matt.ID, accounts.NewToken{Name: "deploy"})
	wantErr(t, "a token in the grace", err, accounts.ErrInactive)
}
