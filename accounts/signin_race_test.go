package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
)

// A staleStore has rows that change before a log-in is tracked.
type staleStore struct {
	accounts.Store
	stale   int // so many times
	tracked int
	meddle  func() // called each time
	gone    bool   // once a log-in has been tracked: no row can be read
}

func (s *staleStore) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	u, err := s.Store.UserByID(ctx, tenant, id)
	if s.gone && s.tracked > 0 {
		if s.tracked++; s.tracked == 3 { // the second time
			err = errFault
		}
	}
	return u, err
}

func (s *staleStore) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	s.tracked++
	if s.tracked <= s.stale {
		gone, tracked := s.gone, s.tracked
		s.gone = false
		s.meddle()
		s.gone, s.tracked = gone, tracked
	}
	return s.Store.TrackLogin(ctx, l)
}

// A row that changes while a user logs in is looked at again, and a password is
// compared again only where it has changed.
func TestSecurity25_RowsThatChangeDuringALogIn(t *testing.T) {
	t.Parallel()
	touch := func(s *site, u string) error { // changes nothing that was proved
		return errors.Join(s.SetVerifiedKeepingAccess(t.Context(), u, true), s.SetVerifiedKeepingAccess(t.Context(), u, false))
	}
	password2 := func(s *site, u string) error { return s.SetPassword(t.Context(), u, password) }
	for _, tt := range []struct {
		name     string
		via      string
		stale    int
		meddle   func(s *site, u string) error
		want     error
		compared int
	}{
		{"once", identity.ViaPassword, 1, touch, nil, 1},
		{"nine times", identity.ViaPassword, 9, touch, nil, 1},
		{"always", identity.ViaPassword, 1000, touch, accounts.ErrStale, 1},
		{"another hash", identity.ViaPassword, 1, password2, nil, 2},
		{"always another hash", identity.ViaPassword, 1000, password2, accounts.ErrBusy, 3},
		{"another hash, through a provider", "google", 1, password2, nil, 0},
		{"always, through a provider", "google", 1000, touch, accounts.ErrStale, 0},
		{"deactivated", "google", 1, func(s *site, u string) error { return s.SetActive(t.Context(), u, false) }, accounts.ErrInactive, 0},
		{"another hash, and the row cannot be read", identity.ViaPassword, 1, password2, errFault, 1},
		{"deleted", "google", 1, func(s *site, u string) error { return s.Delete(t.Context(), u) }, accounts.ErrNoUser, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// Without transactions, so that the row can change in between.
			store := &staleStore{Store: struct{ accounts.Store }{memstore.New()}, stale: tt.stale, gone: tt.want == errFault}
			s := newSite(t, "http", func(c *accounts.Config) { c.Store = store })
			u := s.user(t, "matt@lp.com", "")
			compared, meddling := 0, false
			s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
				return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
					if !meddling {
						compared++
					}
					return derive(p, salt, time, memory, threads, length)
				}
			})
			store.meddle = func() {
				meddling = true
				check(t, tt.meddle(s, u.ID))
				meddling = false
			}
			_, header, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
				if tt.via == identity.ViaPassword {
					return s.LogIn(w, r, "matt@lp.com", password, false)
				}
				return s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: tt.via})
			})
			if !errors.Is(err, tt.want) || (err == nil) != (len(header["Set-Cookie"]) > 0) {
				t.Errorf("%v, want %v; cookies %q", err, tt.want, header["Set-Cookie"])
			}
			if err != nil && strings.Count(err.Error(), "accounts:") != 1 {
				t.Errorf("it says %v", err)
			}
			if compared != tt.compared || store.tracked > 30 {
				t.Errorf("compared %d times, want %d; tracked %d times", compared, tt.compared, store.tracked)
			}
			// A change of the password ends the session that it comes upon.
			goesOn := tt.want == nil && tt.name != "another hash, through a provider"
			if ss, err := s.Sessions(t.Context(), u.ID); len(ss) > 0 != goesOn || err != nil {
				t.Errorf("%d sessions, %v", len(ss), err)
			}
		})
	}
}

// A hangingUpStore is one whose client hangs up while the log-in is tracked.
type hangingUpStore struct {
	accounts.Store
	hangUp func()
	fails  bool
}

func (s *hangingUpStore) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	if s.fails {
		return errFault
	}
	return s.Store.DeleteSession(ctx, tenant, hash)
}

func (s *hangingUpStore) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	s.hangUp()
	return s.Store.TrackLogin(ctx, l)
}

// Without transactions, a session that was not tracked is taken back, also when the
// client has hung up.
func TestHangingUpLeavesNoSession(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		ctx, hangUp := context.WithCancel(t.Context())
		store := &hangingUpStore{struct{ accounts.Store }{memstore.New()}, hangUp, fails}
		s := newSite(t, "http", func(c *accounts.Config) { c.Store = store })
		u := s.user(t, "matt@lp.com", "")
		r := httptest.NewRequest("POST", "/", nil).WithContext(ctx)
		err := s.SignIn(httptest.NewRecorder(), r, identity.SignIn{UserID: u.ID, Via: "google"})
		if !errors.Is(err, context.Canceled) || errors.Is(err, errFault) != fails {
			t.Error(err)
		}
		if ss, err := s.Sessions(t.Context(), u.ID); len(ss) > 0 != fails || err != nil {
			t.Errorf("%d sessions, %v", len(ss), err)
		}
	}
}
