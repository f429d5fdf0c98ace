package social_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/onetime"
)

// formPages have a form of their own for sign-ups.
type formPages struct {
	recordingPages
	page social.SignUpPage
}

func (p *formPages) ShowSignUp(w http.ResponseWriter, _ *http.Request, page social.SignUpPage) {
	p.page = page
	w.Header().Set("X-Own", "1")
}

// ask sends a request of the browser's to the endpoints with the pages given.
func (b *browser) ask(pages social.Pages, method, path string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	w, r := b.direct(b.t.Context(), method, path)
	if form != nil {
		r.Body = io.NopCloser(strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.json {
		r.Header.Set("Accept", "application/json")
	}
	handler := b.Handler()
	if pages != nil {
		handler = b.Endpoints(pages)
	}
	handler.ServeHTTP(w, r)
	return w
}

// The form is that of the pages, where these have one, whatever its address is; else it
// is the plain one. Both show what was entered and what is wrong with it.
func TestSignUpFormOfThePages(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"", "/join"} {
		s := open(t, func(c *social.Config) { c.SignUp, c.RegisterPage = social.Form, at })
		s.acme.set(email("claimed@lp.com", false))
		b := s.browser()
		b.flow("/login/acme", "1")
		pages := &formPages{}
		w := b.ask(pages, "GET", "/register/acme", nil)
		if p := pages.page; w.Code != 200 || w.Header().Get("X-Own") == "" || p.SignUp == nil || p.SignUp.Profile.DisplayName != "Display 1" || p.Email != "claimed@lp.com" || len(p.Wrong) != 0 {
			t.Errorf("%s: %d, %+v", at, w.Code, pages.page)
		}
		w = b.ask(pages, "POST", "/register/acme", url.Values{"email": {"x"}})
		if p := pages.page; w.Code != 200 || w.Header().Get("X-Own") == "" || p.SignUp == nil || p.Email != "x" || len(p.Wrong) != 1 || p.Wrong[0].Field != "email" {
			t.Errorf("%s: %d, %+v", at, w.Code, pages.page)
		}
	}
	s := open(t, func(c *social.Config) { c.SignUp = social.Form })
	s.acme.set(email("claimed@lp.com", false))
	b := s.browser()
	b.flow("/login/acme", "1")
	if w := b.ask(nil, "GET", "/register/acme", nil); w.Code != 200 || !strings.Contains(w.Body.String(), `name="email" value="claimed@lp.com"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := b.ask(nil, "POST", "/register/acme", url.Values{"email": {"entered"}}); w.Code != 200 || !strings.Contains(w.Body.String(), `value="entered"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// The plain form shows the messages that wait, but for that which led to it.
func TestSignUpFormShowsMessages(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.SignUp = social.Form })
	b := s.browser()
	b.flow("/login/bird", "1")
	b.deny("/login/acme")
	page := b.ask(nil, "GET", "/register/bird", nil).Body.String()
	if !strings.Contains(page, `<p role="status">Access was denied to your Acme account</p>`) || strings.Contains(page, "not associated") {
		t.Error(page)
	}
}

// usernameUsers may have usernames, or have to.
type usernameUsers struct {
	*accounts.Accounts
	asked, required bool
}

func (u usernameUsers) AsksUsername() (asked, required bool) { return u.asked, u.required }

// The plain form has a field for the username where users have one.
func TestSignUpFormAsksForAUsername(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		users func(*accounts.Accounts) social.Users
		want  string // in the page; "": no field
	}{
		"no asker": {func(acc *accounts.Accounts) social.Users { return registeringUsers{plainUsers{acc}, acc} }, ""},
		"off":      {func(acc *accounts.Accounts) social.Users { return usernameUsers{acc, false, false} }, ""},
		"optional": {func(acc *accounts.Accounts) social.Users { return usernameUsers{acc, true, false} }, `Username (may be left empty) <input type="text" name="username" value="-x" autocomplete="username" autocapitalize="none" spellcheck="false">`},
		"required": {func(acc *accounts.Accounts) social.Users { return usernameUsers{acc, true, true} }, `Username <input type="text" name="username" value="-x" autocomplete="username" autocapitalize="none" spellcheck="false" required>`},
	} {
		s := open(t, func(c *social.Config) { c.SignUp, c.Users = social.Form, tc.users(c.Users.(*accounts.Accounts)) })
		b := s.browser()
		b.flow("/login/acme", "1")
		page := b.ask(nil, "POST", "/register/acme", url.Values{"email": {"new@lp.com"}, "username": {"-x"}}).Body.String()
		if tc.want == "" && strings.Contains(page, `name="username"`) || !strings.Contains(page, tc.want) {
			t.Errorf("%s:\n%s", name, page)
		}
	}
}

// A program registers at an application with a page of its own, too, and learns what
// the account is.
func TestSignUpAsJSON(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.SignUp, c.RegisterPage = social.Form, "/join" })
	s.user("taken@lp.com", func(n *accounts.NewUser) { n.Username = "matt" })
	b := s.browser().program()
	b.flow("/login/acme", "1")
	var shown map[string]string
	must(t, json.Unmarshal(b.ask(nil, "GET", "/register/acme", nil).Body.Bytes(), &shown))
	if len(shown["id"]) != 16 || shown["provider_id"] != "acme" || shown["display_name"] != "Display 1" {
		t.Errorf("%v", shown)
	}
	// A form that is refused says which field it is, and what there is to do.
	for name, tc := range map[string]struct {
		form   url.Values
		status int
		want   []string // code and detail of each field
	}{
		"malformed":        {url.Values{"email": {"x"}}, 422, []string{"email email_invalid Invalid email address"}},
		"the address":      {url.Values{"email": {"taken@lp.com"}}, 409, []string{"email email_sign_in_first taken@lp.com is already associated with an account: sign in first, then connect Acme."}},
		"the name":         {url.Values{"email": {"new@lp.com"}, "username": {"matt"}}, 409, []string{"username username_taken"}},
		"the confirmation": {url.Values{"email": {"new@lp.com"}, "password": {"correct horse"}, "password_confirm": {"other"}}, 422, []string{"password_confirm passwords_differ Passwords do not match"}},
		"no confirmation":  {url.Values{"email": {"new@lp.com"}, "password": {"correct horse"}, "password_confirm": {""}}, 422, []string{"password_confirm passwords_differ Passwords do not match"}},
		"one without":      {url.Values{"email": {"new@lp.com"}, "password_confirm": {"password_confirm"}}, 422, []string{"password_confirm passwords_differ Passwords do not match"}},
	} {
		w := b.ask(nil, "POST", "/register/acme", tc.form)
		var doc struct {
			Errors []struct{ Field, Code, Detail string }
		}
		must(t, json.Unmarshal(w.Body.Bytes(), &doc))
		if w.Code != tc.status || len(doc.Errors) != len(tc.want) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
			continue
		}
		for i, e := range doc.Errors {
			if got := fmt.Sprint(e.Field, " ", e.Code, " ", e.Detail); !strings.HasPrefix(got, tc.want[i]) {
				t.Errorf("%s: %s, want %s", name, got, tc.want[i])
			}
		}
	}
	for subject, form := range map[string]url.Values{
		"1": {"email": {"one@lp.com"}, "password": {"correct horse"}},
		"2": {"email": {"two@lp.com"}, "password": {"correct horse"}, "password_confirm": {"correct horse"}},
	} {
		b := s.browser().program()
		b.flow("/login/acme", subject)
		if w := b.ask(nil, "POST", "/register/acme", form); w.Code != 201 || !strings.Contains(w.Body.String(), `{"user":{`) {
			t.Errorf("%v: %d %s", form, w.Code, w.Body)
		}
	}
}

// What ends a sign-up elsewhere, or fails, is answered as such at the form, too.
func TestSignUpFormWithoutASignUp(t *testing.T) {
	t.Parallel()
	differ := url.Values{"email": {"new@lp.com"}, "password": {"correct horse"}, "password_confirm": {"other"}}
	s, store := openBroken(t, func(c *social.Config) { c.SignUp = social.Form })
	for _, method := range []string{"GET", "POST"} {
		b := s.browser()
		w := b.ask(nil, method, "/register/acme", differ)
		if w.Code != 303 || w.Header().Get("Location") != "/login" {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
		r := httptest.NewRequest("GET", "/", nil)
		for _, c := range (&http.Response{Header: w.Header()}).Cookies() {
			r.AddCookie(c)
		}
		flashes := s.Flashes(httptest.NewRecorder(), r)
		if len(flashes) != 1 || flashes[0].Category != social.FlashNotice || flashes[0].Code != social.CodeNoSignUp {
			t.Errorf("%s: the messages are %v", method, flashes)
		}
		b.json = true
		if w := b.ask(nil, method, "/register/acme", differ); w.Code != 404 || !strings.Contains(w.Body.String(), `"no_signup"`) {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
		b.json = false
		b.flow("/login/acme", "1")
		store.fail("OneTime")
		if w := b.ask(nil, method, "/register/acme", differ); w.Code != 500 {
			t.Errorf("%s: the store fails: %d %s", method, w.Code, w.Body)
		}
		store.fail()
	}
	// It was finished in another tab a moment ago.
	b := s.browser().program()
	b.flow("/login/acme", "1")
	store.failWith(onetime.ErrNone, "TakeOneTime")
	if w := b.ask(nil, "POST", "/register/acme", url.Values{"email": {"late@lp.com"}}); w.Code != 404 || !strings.Contains(w.Body.String(), `"no_signup"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// The new account's description is the users': when it fails, so does the answer.
func TestSignUpAsJSONIsDescribed(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.SignUp = social.Form
		c.Users = brokenUsers{c.Users.(*accounts.Accounts), "DescribeUser"}
	})
	b := s.browser().program()
	b.flow("/login/acme", "1")
	if w := b.ask(nil, "POST", "/register/acme", url.Values{"email": {"new@lp.com"}}); w.Code != 500 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Passwords are compared also where users cannot check a registration, and the
// provider's account that is connected since has its own message.
func TestSignUpFormOfPlainUsers(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.SignUp = social.Form
		c.Users = registeringUsers{plainUsers{c.Users}, c.Users.(social.Registrar)}
	})
	b := s.browser().program()
	b.flow("/login/acme", "1")
	if w := b.ask(nil, "POST", "/register/acme", url.Values{"email": {"x"}, "password": {"a"}, "password_confirm": {"b"}}); w.Code != 422 || strings.Count(w.Body.String(), `"field"`) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.connected("another", s.acme, "1")
	var doc struct{ Code, Detail string }
	w := b.ask(nil, "POST", "/register/acme", url.Values{"email": {"new@lp.com"}})
	must(t, json.Unmarshal(w.Body.Bytes(), &doc))
	if want := (social.Message{Code: social.CodeAccountConnected, Args: map[string]string{social.ArgProvider: "Acme"}}).Text(); w.Code != 409 || doc.Detail != want || doc.Detail == "" {
		t.Errorf("%d %q, want %q", w.Code, doc.Detail, want)
	}
}

// A sign-up that cannot be recorded leaves no session: the cookies of the session go with it.
func TestSignUpThatIsNotRecorded(t *testing.T) {
	t.Parallel()
	var broken error
	s := openTx(t, func(c *social.Config) {
		c.SignUp, c.Record = social.Form, func(context.Context, social.Event) error { return broken }
	})
	b := s.browser()
	b.flow("/login/acme", "1")
	broken = errBroken
	w, r := b.direct(t.Context(), "POST", "/register/acme")
	w.Header().Add("Set-Cookie", "earlier=1")
	done, err := s.CompleteSignUp(w, r, "acme", social.SignUpForm{Email: "new@lp.com"})
	if !errors.Is(err, errBroken) || done != (social.SignedIn{}) || !slices.Equal(w.Header()["Set-Cookie"], []string{"earlier=1"}) {
		t.Errorf("%+v, %v, cookies %q", done, err, w.Header()["Set-Cookie"])
	}
}
