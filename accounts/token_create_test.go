package accounts_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

func TestAccounts10_CreateToken(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", withTokens, es.collect, func(c *accounts.Config) {
		c.TokenLifetime, c.TokenMax, c.Throttle.UserTokens = 2*day, 10*day, 3
	})
	u := s.user(t, "matt@lp.com", "matt")
	b := s.newVisitor(t).logIn("matt")
	create := func(n accounts.NewToken) (text secret.Text, token apitoken.Token, err error) {
		err = b.do(func(_ http.ResponseWriter, r *http.Request) (err error) {
			text, token, err = s.CreateToken(r, n)
			return err
		})
		return text, token, err
	}
	refused := func(what, field, code string, n accounts.NewToken, args ...string) {
		t.Helper()
		text, _, err := create(n)
		var wrong *accounts.FieldError
		if !errors.As(err, &wrong) || wrong.Field() != field || wrong.Code() != code || text != "" || strings.Contains(err.Error(), "{") {
			t.Errorf("%s: %v", what, err)
		}
		if got := wrong.Args(); len(got) != len(args)/2 || len(args) > 0 && got[args[0]] != args[1] {
			t.Errorf("%s: %v, want %v", what, got, args)
		}
	}
	named := func(change func(*accounts.NewToken)) accounts.NewToken {
		n := accounts.NewToken{Name: "deploy"}
		change(&n)
		return n
	}
	refused("no name", "name", accounts.CodeTokenNameMissing, accounts.NewToken{Name: " \t"})
	refused("a long name", "name", accounts.CodeTokenNameLong, accounts.NewToken{Name: strings.Repeat("é", 101)}, "n", "100")
	refused("a line end", "name", accounts.CodeTokenNameInvalid, accounts.NewToken{Name: "a\nb"})
	refused("a direction", "name", accounts.CodeTokenNameInvalid, accounts.NewToken{Name: "a\u202eb"})
	refused("no UTF-8", "name", accounts.CodeTokenNameInvalid, accounts.NewToken{Name: "a\xffb"})
	refused("an unknown scope", "scopes", accounts.CodeTokenScope, named(func(n *accounts.NewToken) { n.Scopes = []string{"read", "admin"} }), "scope", "admin")
	refused("a long scope", "scopes", accounts.CodeTokenScope, named(func(n *accounts.NewToken) { n.Scopes = []string{strings.Repeat("s", 101)} }), "scope", strings.Repeat("s", 100))
	refused("an empty scope", "scopes", accounts.CodeTokenScope, named(func(n *accounts.NewToken) { n.Scopes = []string{""} }), "scope", "")
	refused("no time", "expires_in", accounts.CodeTokenExpiry, named(func(n *accounts.NewToken) { n.Lasts = time.Second - 1 }))
	refused("the past", "expires_in", accounts.CodeTokenExpiry, named(func(n *accounts.NewToken) { n.Lasts = -hour }))
	refused("too long", "expires_in", accounts.CodeTokenExpiryLong, named(func(n *accounts.NewToken) { n.Lasts = 10*day + 1 }), "n", "10")
	_, _, err := create(accounts.NewToken{Scopes: []string{"x", "y"}, Lasts: -1})
	if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 3 {
		t.Errorf("three fields: %v", err)
	}

	es.list = nil
	scopes := []string{"write", "read", "write"}
	text, token, err := create(accounts.NewToken{Name: " " + strings.Repeat("é", 100), Scopes: scopes, Lasts: 10 * day})
	check(t, err)
	if !slices.Equal(scopes, []string{"write", "read", "write"}) {
		t.Errorf("the caller's list is %v", scopes)
	}
	until := s.clock.Now().Add(10 * day)
	if token.Name != strings.Repeat("é", 100) || !slices.Equal(token.Scopes, []string{"read", "write"}) || !token.ExpiresAt.Equal(until) || token.UserID != u.ID {
		t.Errorf("%+v", token)
	}
	es.want(t, "CreateToken", accounts.TokenCreated{Subject: accounts.Subject{UserID: u.ID}, TokenID: token.ID, Scopes: []string{"read", "write"}, Until: until, Address: "192.0.2.1"})
	if hash, err := apitoken.HashOf(text.Reveal()); err != nil || hash != token.Hash {
		t.Errorf("the hash is not that of %v", err)
	}
	_, second, err := create(accounts.NewToken{Name: "of the usual time", Lasts: time.Second})
	check(t, err)
	if !second.ExpiresAt.Equal(s.clock.Now().Add(time.Second)) {
		t.Errorf("it expires at %v", second.ExpiresAt)
	}
	s.clock.Advance(time.Second) // and makes room
	_, third, err := create(accounts.NewToken{Name: "of the usual time"})
	check(t, err)
	if !third.ExpiresAt.Equal(s.clock.Now().Add(2 * day)) {
		t.Errorf("it expires at %v", third.ExpiresAt)
	}
	_, _, err = create(accounts.NewToken{Name: "the last one"})
	check(t, err)
	_, _, err = create(accounts.NewToken{Name: "one too many"})
	wantErr(t, "one too many", err, accounts.ErrTooManyTokens)
	es.list = nil
	remove := func(id string) error {
		return b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.DeleteToken(r, id) })
	}
	check(t, remove(token.ID))
	es.want(t, "DeleteToken", accounts.TokensEnded{Subject: accounts.Subject{UserID: u.ID}, TokenID: token.ID, Count: 1, Address: "192.0.2.1"})
	wantErr(t, "DeleteToken again", remove(token.ID), accounts.ErrNoToken)
	wantErr(t, "DeleteToken of none", remove(""), accounts.ErrNoToken)
	es.want(t, "nothing ends")
	check(t, s.SetActive(t.Context(), u.ID, false))
	es.want(t, "SetActive", accounts.TokensEnded{Subject: accounts.Subject{UserID: u.ID}, Count: 3}, // and one that has expired

		accounts.ActivityChanged{Subject: accounts.Subject{UserID: u.ID}}, accounts.SessionsEnded{Subject: accounts.Subject{UserID: u.ID}, Count: 1})
	_, _, err = s.CreateTokenFor(t.Context(), u.ID, accounts.NewToken{Name: "x"})
	wantErr(t, "for an inactive user", err, accounts.ErrInactive)
	_, _, err = s.CreateTokenFor(t.Context(), "nobody", accounts.NewToken{Name: "x"})
	wantErr(t, "for nobody", err, accounts.ErrNoUser)
	_, _, err = s.CreateTokenFor(t.Context(), u.ID, accounts.NewToken{})
	if wrong := (*accounts.FieldError)(nil); !errors.As(err, &wrong) {
		t.Errorf("for a user, without a name: %v", err)
	}
}

// A token asks for a proof that is recent, of a session that goes on.
func TestAccounts10_CreatingAsksForAFreshSession(t *testing.T) {
	t.Parallel()
	s := factorSite(t, withTokens)
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	_, token := s.tokenFor(t, u)
	b := s.newVisitor(t)
	create := func(_ http.ResponseWriter, r *http.Request) error {
		_, _, err := s.CreateToken(r, accounts.NewToken{Name: "deploy"})
		return err
	}
	remove := func(_ http.ResponseWriter, r *http.Request) error { return s.DeleteToken(r, token.ID) }
	wantErr(t, "CreateToken of nobody", b.do(create), accounts.ErrNotSignedIn)
	wantErr(t, "DeleteToken of nobody", b.do(remove), accounts.ErrNotSignedIn)
	b.logIn("matt")
	s.clock.Advance(15 * time.Minute)
	wantErr(t, "CreateToken, stale", b.do(create), accounts.ErrNotFresh)
	wantErr(t, "DeleteToken, stale", b.do(remove), accounts.ErrNotFresh)
	check(t, b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.Reauthenticate(r, password) }))
	check(t, b.do(create))
	check(t, b.do(remove))
	wantErr(t, "in a session that has ended meanwhile", b.do(func(w http.ResponseWriter, r *http.Request) error {
		if _, err := s.EndSessions(context.Background(), identity.SessionFilter{UserID: u.ID}); err != nil {
			return err
		}
		return create(w, r)
	}), accounts.ErrNotSignedIn)
	b.logIn("matt").enroll()
	half := s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
	wantErr(t, "in a limited session", half.do(create), accounts.ErrNotSignedIn)
}

// Parallel calls do not make more tokens than a user may have.
func TestAccounts10_ParallelTokensAreCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens, func(c *accounts.Config) { c.Throttle.UserTokens = 5 })
	u := s.user(t, "matt@lp.com", "")
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, _, err := s.CreateTokenFor(context.Background(), u.ID, accounts.NewToken{Name: "x"}); err != nil && !errors.Is(err, accounts.ErrTooManyTokens) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if list, err := s.Tokens(t.Context(), u.ID); err != nil || len(list) != 5 {
		t.Errorf("%d tokens, %v", len(list), err)
	}
}

// A user may have any number of tokens, for any time, where there is no limit.
func TestAccounts10_TokensWithoutLimits(t *testing.T) {
	t.Parallel()
	scope := "~" + strings.Repeat("a", 99)
	s := newSite(t, "http", func(c *accounts.Config) {
		c.APITokens, c.TokenMax, c.Throttle.UserTokens, c.TokenScopes = true, -1, -1, map[string]string{scope: "all"}
	})
	u := s.user(t, "matt@lp.com", "")
	_, token, err := s.CreateTokenFor(t.Context(), u.ID, accounts.NewToken{Name: "x", Scopes: []string{scope}, Lasts: 10_000 * day})
	if err != nil || !token.ExpiresAt.Equal(s.clock.Now().Add(10_000*day)) {
		t.Errorf("%+v, %v", token, err)
	}
}

// A user who is changed at the same moment gets the token of what they are then.
func TestAccounts10_TokenOfAUserWhoChanges(t *testing.T) {
	t.Parallel()
	s, store := changingSite(t, withTokens)
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	create := func() error {
		_, _, err := s.CreateTokenFor(t.Context(), u.ID, accounts.NewToken{Name: "x"})
		return err
	}
	store.lockUser = func() error { return accounts.ErrStale }
	check(t, create())
	store.lockUser = func() error {
		check(t, s.SetActive(t.Context(), u.ID, false))
		return accounts.ErrStale
	}
	wantErr(t, "a user who is inactive by now", create(), accounts.ErrInactive)
}

func TestTokenConfig(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		c           accounts.Config
		lasts, most time.Duration
		tokens      int
	}{
		"by default":      {accounts.Config{}, 90 * day, 366 * day, 50},
		"a short most":    {accounts.Config{TokenMax: day}, day, day, 50},
		"no most":         {accounts.Config{TokenMax: -1}, 90 * day, 0, 50},
		"both":            {accounts.Config{TokenLifetime: day, TokenMax: day}, day, day, 50},
		"long without":    {accounts.Config{TokenLifetime: 1000 * day, TokenMax: -1}, 1000 * day, 0, 50},
		"number of them":  {accounts.Config{Throttle: accounts.Throttle{UserTokens: 7}}, 90 * day, 366 * day, 7},
		"without a limit": {accounts.Config{Throttle: accounts.Throttle{UserTokens: -1}}, 90 * day, 366 * day, -1},
	} {
		s := newSite(t, "http", func(c *accounts.Config) {
			c.TokenLifetime, c.TokenMax, c.Throttle.UserTokens = tt.c.TokenLifetime, tt.c.TokenMax, tt.c.Throttle.UserTokens
			full, err := accounts.Completed(*c)
			if err != nil || full.Throttle.UserTokens != tt.tokens {
				t.Errorf("%s: %d tokens, %v", what, full.Throttle.UserTokens, err)
			}
		})
		if lasts, most := s.TokenTimes(); lasts != tt.lasts || most != tt.most {
			t.Errorf("%s: %v and %v, want %v and %v", what, lasts, most, tt.lasts, tt.most)
		}
	}
	for what, change := range map[string]func(*accounts.Config){
		"negative":        func(c *accounts.Config) { c.TokenLifetime = -1 },
		"above the most":  func(c *accounts.Config) { c.TokenLifetime, c.TokenMax = day+1, day },
		"an empty scope":  func(c *accounts.Config) { c.TokenScopes = map[string]string{"": "x"} },
		"a blank":         func(c *accounts.Config) { c.TokenScopes = map[string]string{"a b": "x"} },
		"a quote":         func(c *accounts.Config) { c.TokenScopes = map[string]string{`a"b`: "x"} },
		"beyond ASCII":    func(c *accounts.Config) { c.TokenScopes = map[string]string{"é": "x"} },
		"a long scope":    func(c *accounts.Config) { c.TokenScopes = map[string]string{strings.Repeat("a", 101): "x"} },
		"a backslash":     func(c *accounts.Config) { c.TokenScopes = map[string]string{`a\b`: "x"} },
		"a control":       func(c *accounts.Config) { c.TokenScopes = map[string]string{"a\x7f": "x"} },
		"Basic in clear":  func(c *accounts.Config) { c.BasicAuth, c.AppURL = true, "http://app.example.com" },
		"Basic elsewhere": func(c *accounts.Config) { c.BasicAuth, c.AppURL = true, "http://localhost.example.com:8080" },
	} {
		c := accounts.Config{Store: newSite(t, "http").store, AppURL: "https://app.example.com"}
		change(&c)
		if _, err := accounts.New(c); err == nil || !strings.Contains(err.Error(), "Config.") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, address := range []string{"https://app.example.com", "http://localhost:8080", "http://LOCALHOST", "http://a.localhost", "http://127.0.0.1:1", "http://[::1]:1", "http://[::ffff:127.0.0.1]"} {
		if _, err := accounts.New(accounts.Config{Store: newSite(t, "http").store, AppURL: address, BasicAuth: true}); err != nil {
			t.Errorf("Basic at %s: %v", address, err)
		}
	}
}

// A user gets a mail about each new token, also one made for them. It leaves out the token's
// name, which may be an intruder's words. A token whose mail cannot be queued is not made.
func TestNewTokenIsTold(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, withTokens)
	u := s.user(t, "matt@lp.com", "matt")
	b := s.newVisitor(t).logIn("matt")
	create := func() error {
		return b.do(func(_ http.ResponseWriter, r *http.Request) error {
			_, _, err := s.CreateToken(r, accounts.NewToken{Name: "evil.example.com"})
			return err
		})
	}
	check(t, create())
	l := s.letter(t, mail.KindTokenCreated, "matt@lp.com")
	if l.Link != s.url+"/security/tokens" || l.Name != "matt" || l.Args[mail.ArgAddress] != "192.0.2.1" || strings.Contains(fmt.Sprint(l), "evil") {
		t.Errorf("%+v", l)
	}
	_, _, err := s.CreateTokenFor(t.Context(), u.ID, accounts.NewToken{Name: "deploy"})
	check(t, err)
	told := func() (n int) {
		for _, l := range s.box.Letters() {
			if l.Kind == mail.KindTokenCreated {
				n++
			}
		}
		return n
	}
	if told() != 2 {
		t.Errorf("%d mails about two tokens", told())
	}
	s.box.Fail(errFault)
	wantErr(t, "CreateToken", create(), errFault)
	s.box.Fail(nil)
	s.clock.Advance(hour)
	wantErr(t, "without a proof", create(), accounts.ErrNotFresh)
	if list, err := s.Tokens(t.Context(), u.ID); len(list) != 2 || told() != 2 || err != nil {
		t.Errorf("%d tokens, %d mails, %v", len(list), told(), err)
	}
}

// No user has a scope, and a scope that is none of RFC 6749 does not get into the header.
func TestAccounts10_ScopesOfNobody(t *testing.T) {
	t.Parallel()
	s := factorSite(t, withTokens)
	check(t, s.newVisitor(t).do(func(_ http.ResponseWriter, r *http.Request) error {
		if s.HasScope(r.Context(), "read") || accounts.CurrentToken(r.Context()) != nil {
			t.Error("nobody has a scope, or a token")
		}
		return nil
	}))
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	bearer, _ := s.tokenFor(t, u)
	for scope, want := range map[string]string{"write": `Bearer error="insufficient_scope", scope="write"`, `a"b`: `Bearer error="insufficient_scope"`} {
		r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
		r.Header.Set("Authorization", bearer)
		s.Middleware(s.RequireScope(scope, http.NotFoundHandler())).ServeHTTP(w, r)
		var problem struct{ Detail string }
		check(t, json.Unmarshal(w.Body.Bytes(), &problem))
		if got := w.Header().Get("WWW-Authenticate"); w.Code != http.StatusForbidden || got != want || problem.Detail != "The API token does not have the scope "+scope+"." {
			t.Errorf("%s: %d, %s, %s", scope, w.Code, got, w.Body)
		}
	}
}
