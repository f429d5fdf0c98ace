package web_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// A people store fails to insert sessions while broken is set.
type people struct {
	*accountstore.Store
	broken bool
}

func (p *people) InsertSession(ctx context.Context, s accounts.Session) error {
	if p.broken {
		return errors.New("the disk is full")
	}
	return p.Store.InsertSession(ctx, s)
}

// connections is a store whose transactions include those of people, like a
// database that has the tables of both.
type connections struct {
	*memstore.Store
	people *people
}

func (c connections) InTx(ctx context.Context, f func(context.Context) error) error {
	return c.Store.InTx(ctx, func(ctx context.Context) error { return c.people.InTx(ctx, f) })
}

// Registration writes user and session in one transaction: without a session there
// is no user, and the same registration can be tried again.
func TestRegistrationIsOneTransaction(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	store := &people{Store: accountstore.New()}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: "http://localhost:8080"})
	must(err)
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(err)
	soc, err := social.New(social.Config{
		AppURL: "http://localhost:8080", Users: acc, Keys: keys,
		Providers:   []oauth.Provider{providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})},
		Connections: connections{memstore.New(), store},
	})
	must(err)
	pages, err := web.New(soc, acc)
	must(err)

	ctx := t.Context()
	form := url.Values{"email": {"joe@lp.com"}, "password": {"correct horse"}, "password_confirm": {"correct horse"}}
	v := &visitor{acc.Middleware(pages), map[string]string{}}
	register := func(header ...string) *httptest.ResponseRecorder { return v.do("POST", "/register", form, header...) }

	store.broken = true
	for _, accept := range []string{"text/html", "application/json"} {
		w := register("Accept", accept)
		if w.Code != 500 || len(v.cookies) != 0 || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%s: %d, cookies %v\n%s", accept, w.Code, v.cookies, w.Body)
		}
		if users, err := acc.Users(ctx, "", 10); len(users) != 0 || err != nil {
			t.Errorf("%s: the users %v, %v", accept, users, err)
		}
	}

	store.broken = false
	if w := register(); w.Code != 303 || w.Header().Get("Location") != "/profile" || v.do("GET", "/session", nil).Code != 200 {
		t.Errorf("tried again: %d %s", w.Code, w.Body)
	}
	if w := v.do("GET", "/profile", nil); !strings.Contains(w.Body.String(), "Account created successfully") {
		t.Errorf("no message:\n%s", w.Body)
	}
}

// A form tells everything that is wrong with it at once; so does the document that
// programs get.
func TestFormsTellAllFields(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	for name, tc := range map[string]struct {
		path string
		form url.Values
		want []string
	}{
		"an empty registration": {"/register", url.Values{"email": {""}}, []string{"Email not provided", "Password not provided"}},
		"all wrong": {"/register", url.Values{"email": {"x"}, "password": {"short"}, "password_confirm": {"other"}},
			[]string{"Invalid email address", "at least 8 characters", "Passwords do not match"}},
		"an empty log-in": {"/login", url.Values{"email": {""}}, []string{"Enter your e-mail address or username.", "Password not provided"}},
	} {
		page := visit().do("POST", tc.path, tc.form).Body.String()
		for _, want := range tc.want {
			if strings.Count(page, want) != 1 {
				t.Errorf("%s does not say %q once:\n%s", name, want, page)
			}
		}
		if strings.Count(page, `aria-invalid="true"`) != len(tc.want) {
			t.Errorf("%s: %d fields are wrong, want %d", name, strings.Count(page, `aria-invalid="true"`), len(tc.want))
		}
	}
	w := visit().do("POST", "/register", url.Values{"email": {""}, "password": {"short"}, "password_confirm": {"other"}}, "Accept", "application/json")
	const want = `"code":"invalid_email","errors":[{"field":"email","code":"email_missing","detail":"Email not provided"},{"field":"password","code":"password_short"`
	if w.Code != 422 || !strings.Contains(w.Body.String(), want) || !strings.Contains(w.Body.String(), `{"field":"password_confirm","code":"passwords_differ"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
