package integration_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/web"
)

// A people store fails to insert sessions while broken is set.
type people struct {
	*sqlstore.Store
	broken bool
}

func (p *people) InsertSession(ctx context.Context, s accounts.Session) error {
	if p.broken {
		return errors.New("the disk is full")
	}
	return p.Store.InsertSession(ctx, s)
}

// Registration by password writes user and session in one transaction of the
// database.
func TestRegistrationIsOneTransaction(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "register.db"), sqlite.Migrate())
	must(err)
	t.Cleanup(func() { store.Close() })
	broken := &people{store, true}
	acc, err := accounts.New(accounts.Config{Store: broken, AppURL: "http://localhost"})
	must(err)
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(err)
	soc, err := social.New(social.Config{
		AppURL: "http://localhost", Users: acc, Keys: keys, Connections: store,
		Providers: []oauth.Provider{providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})},
	})
	must(err)
	pages, err := web.New(soc, acc)
	must(err)
	register := func() *httptest.ResponseRecorder {
		form := url.Values{"email": {"joe@lp.com"}, "password": {"correct horse"}, "password_confirm": {"correct horse"}}
		r := httptest.NewRequest(http.MethodPost, "http://localhost/register", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		acc.Middleware(pages).ServeHTTP(w, r)
		return w
	}
	count := func(want int) {
		t.Helper()
		if users, err := acc.Users(t.Context(), "", 10); len(users) != want || err != nil {
			t.Errorf("the users %v, %v, want %d", users, err, want)
		}
	}
	if w := register(); w.Code != 500 || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d, cookies %v", w.Code, w.Result().Cookies())
	}
	count(0)
	broken.broken = false
	if w := register(); w.Code != 303 || w.Header().Get("Location") != "/profile" {
		t.Errorf("tried again: %d %s", w.Code, w.Body)
	}
	count(1)
}
