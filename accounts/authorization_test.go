package accounts_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
)

// Whatever is wrong with a bearer header, the request is not that of the cookie beside it;
// and a text that is no token costs no read.
func TestAccounts10_NoFallBackToACookie(t *testing.T) {
	t.Parallel()
	s, store := countedSite(t, withTokens)
	matt := s.user(t, "matt@lp.com", "")
	s.user(t, "joe@lp.com", "")
	good, _ := s.tokenFor(t, matt)
	text := strings.TrimPrefix(good, "Bearer ")
	unknown, _ := apitoken.New()
	b := s.browser(t)
	b.logIn("joe@lp.com", password)
	for _, tt := range []struct {
		what   string
		header []string
		reads  int
		good   bool
	}{
		{"a good one", []string{good}, 1, true},
		{"lower case", []string{"bearer " + text}, 1, true},
		{"upper case", []string{"BEARER " + text}, 1, true},
		{"two blanks", []string{"Bearer  " + text}, 1, true},
		{"a tab", []string{"Bearer\t" + text}, 1, true},
		{"blanks around", []string{" \tBearer " + text + " \t"}, 1, true},
		{"unknown", []string{"Bearer " + unknown}, 1, false},
		{"a wrong checksum", []string{"Bearer " + text[:len(text)-1] + "!"}, 0, false},
		{"cut", []string{"Bearer " + text[:len(text)-1]}, 0, false},
		{"nothing", []string{"Bearer"}, 0, false},
		{"nothing behind a blank", []string{"Bearer "}, 0, false},
		{"another system's", []string{"Bearer eyJhbGciOiJub25lIn0.e30."}, 0, false},
		{"a comma", []string{"Bearer," + text}, 0, false},
		{"two in one", []string{good + ", " + good}, 0, false},
		{"quoted", []string{`Bearer "` + text + `"`}, 0, false},
		{"two headers", []string{good, good}, 0, false},
		{"two headers, the first of them bad", []string{"Bearer x", good}, 0, false},
		{"two headers, one of another scheme", []string{"Digest x", good}, 1, true},
		{"100 kB", []string{"Bearer " + strings.Repeat("a", 100_000)}, 0, false},
		{"a token and 100 kB", []string{good + strings.Repeat("a", 100_000)}, 0, false},
		{"bytes above ASCII", []string{"Bearer " + text[:10] + "\u212a" + text[13:]}, 0, false},
	} {
		var r answer
		if n := store.during(func() { r = b.askWith(tt.header...) }); n != tt.reads {
			t.Errorf("%s: %d reads, want %d", tt.what, n, tt.reads)
		}
		if tt.good {
			wantUser(t, tt.what, r, "matt@lp.com", "deploy")
		} else {
			wantRefused(t, tt.what, r)
		}
	}
	for _, header := range []string{"Basic bWF0dEBscC5jb206eA==", "Digest x", "Bearers " + text, "X-Bearer " + text, text, "", "\x80"} {
		wantUser(t, "a header for somebody else: "+header, b.askWith(header), "joe@lp.com", "")
	}
	wantUser(t, "the cookie alone", b.askWith(), "joe@lp.com", "")
}

// While API tokens are off, an application's own bearer tokens reach it, and change
// nothing. One that looks like ours never comes with the cookie's rights.
func TestAccounts10_Off(t *testing.T) {
	t.Parallel()
	var got []string
	s, store := countedSite(t)
	u := s.user(t, "matt@lp.com", "")
	on := newSite(t, "http", withTokens, func(c *accounts.Config) { c.Store, c.Now = s.store, s.clock.Now })
	ours, _ := on.tokenFor(t, u)
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	h := s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.Header["Authorization"] }))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Authorization"] = []string{"Bearer eyJ", "Bearer x"}
	h.ServeHTTP(httptest.NewRecorder(), r)
	if !slices.Equal(got, []string{"Bearer eyJ", "Bearer x"}) {
		t.Errorf("the application gets %q", got)
	}
	wantUser(t, "an application's own", b.askWith("Bearer eyJ"), "matt@lp.com", "")
	wantUser(t, "an application's own, alone", s.browser(t).askWith("Bearer eyJ"), "", "")
	wantUser(t, "a wrong one that looks like ours", b.askWith("bearer soc_x"), "", "")
	wantUser(t, "two of them", b.askWith(ours, ours), "", "")
	if n := store.during(func() { wantUser(t, "a good one", b.askWith(ours), "", "") }); n != 0 {
		t.Errorf("%d reads", n)
	}
	wantStatus(t, "RequireLogin", b.do("GET", "/private", nil, "Authorization", ours), http.StatusUnauthorized)
	if s.UsesTokens() || !on.UsesTokens() {
		t.Error("UsesTokens is wrong")
	}
	_, _, err := s.CreateTokenFor(t.Context(), u.ID, accounts.NewToken{Name: "deploy"})
	wantErr(t, "CreateTokenFor", err, accounts.ErrOff)
	wantErr(t, "CreateToken", s.newVisitor(t).do(func(_ http.ResponseWriter, r *http.Request) error {
		_, _, err := s.CreateToken(r, accounts.NewToken{Name: "deploy"})
		return err
	}), accounts.ErrOff)
}
