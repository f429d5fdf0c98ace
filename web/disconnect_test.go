package web_test

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// Disconnecting asks first: a GET says what ends and removes nothing, and its button
// leads back to the connections.
func TestDisconnectingAsksFirst(t *testing.T) {
	t.Parallel()
	soc, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	for _, path := range []string{"/profile", "/connections"} {
		page := v.do("GET", path, nil).Body.String()
		if !strings.Contains(page, `href="/connections/cactive/remove"`) || strings.Contains(page, `value="DELETE"`) {
			t.Errorf("%s does not ask first:\n%s", path, page)
		}
	}
	page := v.do("GET", "/connections/cactive/remove", nil).Body.String()
	for _, want := range []string{
		"Disconnect this GitHub account?", "shown as active", "no longer sign in", "signed out", "taken back at GitHub",
		`action="/connect/github/id%20of%20active"`, `name="next" value="/connections"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
	count := func(want int) {
		t.Helper()
		buttons, err := soc.Vault().Connections(context.Background(), userOf(t, soc), "")
		if err != nil || len(buttons) != want {
			t.Errorf("%d connections, want %d: %v", len(buttons), want, err)
		}
	}
	count(3)
	form := url.Values{"_method": {"DELETE"}, "next": {"/connections"}}
	if w := v.do("POST", "/connect/github/id%20of%20active", form, "Referer", "http://localhost:8080/connections/cactive/remove"); w.Code != 303 || w.Header().Get("Location") != "/connections" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	count(2)
	for _, path := range []string{"/connections/cactive/remove", "/connections/nothing/remove"} {
		if w := v.do("GET", path, nil); w.Code != 404 || !strings.Contains(w.Body.String(), "This connection is gone") || !strings.Contains(w.Body.String(), `href="/connections"`) {
			t.Errorf("%s: %d\n%s", path, w.Code, w.Body)
		}
	}
	if w := visit().do("GET", "/connections/cfailing/remove", nil); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/login?next=") {
		t.Errorf("a visitor: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// The page of another user's connection is as one of none.
func TestDisconnectPageOfAnotherUser(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	v := visit()
	v.do("POST", "/register", url.Values{"email": {"joe@lp.com"}, "password": {"correct horse"}, "password_confirm": {"correct horse"}})
	if w := v.do("GET", "/connections/cactive/remove", nil); w.Code != 404 || strings.Contains(w.Body.String(), "shown as") {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
}

// The last way to sign in cannot be removed: the page says why, and what to do.
func TestDisconnectingTheLastWayIn(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	mux := acc.Middleware(signInAs(acc, pages))
	u, err := acc.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com"})
	if err != nil {
		t.Fatal(err)
	}
	grant := func(subject string) vault.Connection {
		c, err := soc.Vault().Connect(t.Context(), u.ID, &oauth.Grant{ProviderID: "github", Profile: oauth.Profile{Subject: subject}, Token: oauth.Token{Access: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := grant("1")
	v := &visitor{mux, map[string]string{}}
	v.do("POST", "/sign-in-as/"+u.ID, nil)
	page := v.do("GET", "/connections/"+c.ID+"/remove", nil).Body.String()
	if !strings.Contains(page, "your only way to sign in") || !strings.Contains(page, "connect another account first") ||
		!strings.Contains(page, `action="/connect/github"`) || !strings.Contains(page, `value="/connections/`+c.ID+`/remove"`) || strings.Contains(page, `value="DELETE"`) {
		t.Errorf("the page of the only connection:\n%s", page)
	}
	grant("2")
	if page := v.do("GET", "/connections/"+c.ID+"/remove", nil).Body.String(); !strings.Contains(page, `value="DELETE"`) {
		t.Errorf("the page of one of two:\n%s", page)
	}
}

// A connection whose provider is not configured any more is shown, and can only be
// disconnected.
func TestDisconnectingFromAProviderThatIsGone(t *testing.T) {
	t.Parallel()
	soc, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	c := vault.Connection{ID: "cold", UserID: userOf(t, soc), ProviderID: "old", ProviderUserID: "9", DisplayName: "shown as old", Status: vault.NeedsReauthorization}
	if _, err := soc.Config().Connections.Insert(t.Context(), c, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{
		"/profile":                 {"shown as old", `href="/connections/cold/remove"`},
		"/connections":             {"shown as old", `href="/connections/cold/remove"`, "does not work with old any more"},
		"/verify":                  {`name="password"`, `action="/verify/github"`},
		"/connections/cold/remove": {"shown as old", `action="/connect/old/9"`, `value="DELETE"`},
	} {
		page := v.do("GET", path, nil).Body.String()
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not say %q:\n%s", path, want, page)
			}
		}
		for _, not := range []string{`action=""`, `"/reconnect/old"`, `action="/connect/old"`, `value="cold"`} {
			if strings.Contains(page, not) {
				t.Errorf("%s offers %s:\n%s", path, not, page)
			}
		}
	}
	if w := v.do("POST", "/connect/old/9", url.Values{"_method": {"DELETE"}, "next": {"/connections"}}); w.Code != 303 {
		t.Errorf("%d", w.Code)
	}
	if page := v.do("GET", "/connections", nil).Body.String(); strings.Contains(page, "shown as old") {
		t.Errorf("it is shown still:\n%s", page)
	}
}

// Two accounts at one provider can be told apart, and what each may do is said in
// words, with what is missing and a button that asks for it.
func TestAccountsCanBeToldApart(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc, web.Options{Scopes: map[string]string{"github gist": "keep notes for you"}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := acc.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	for subject, email := range map[string]string{"1": "ana@work.example", "2": ""} {
		_, err := soc.Vault().Connect(t.Context(), u.ID, &oauth.Grant{
			ProviderID: "github", Profile: oauth.Profile{Subject: subject, DisplayName: "ana", FullName: "Ana Lee", Email: email, ImageURL: "https://github.com/" + subject + ".png"},
			RequestedScopes: []string{"read:user", "gist", "user:email"}, Token: oauth.Token{Access: "x", Scopes: []string{"read:user", "gist", "admin:org"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	v := &visitor{acc.Middleware(pages), map[string]string{}}
	v.do("POST", "/login", matt)
	changeLanguage := url.Values{"language": {"fr"}}
	v.do("POST", "/profile", changeLanguage)
	if page := v.do("GET", "/connections", nil).Body.String(); !strings.Contains(page, "Ana Lee · Identifiant 2") {
		t.Errorf("the page does not say the account's ID in French:\n%s", page)
	}
	changeLanguage.Set("language", "")
	v.do("POST", "/profile", changeLanguage)
	page := v.do("GET", "/connections", nil).Body.String()
	for _, want := range []string{
		"Ana Lee · ana@work.example", "Ana Lee · ID 2", "https://github.com/1.png", "https://github.com/2.png", "Connected since",
		"<li>see your profile</li>", "<li>keep notes for you</li>", "one more permission", "<details>", "<code>admin:org</code>",
		"Not allowed yet", "<li>see your e-mail addresses</li>", "Allow the rest", `action="/reconnect/github"`, `name="next" value="/connections"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
}

// Each reason for which a connection does not work has words of its own.
func TestTroubleIsSaidInWords(t *testing.T) {
	t.Parallel()
	soc, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	c, err := soc.Vault().Own(t.Context(), userOf(t, soc), "cfailing")
	if err != nil {
		t.Fatal(err)
	}
	for i, tc := range []struct {
		reason string
		status vault.Status
		want   string
	}{
		{"transient", vault.Failing, "does not answer"},
		{"unanswered", vault.Failing, "does not answer"},
		{"invalid", vault.Failing, "answers what cannot be accepted"},
		{"other_subject", vault.Failing, "answers what cannot be accepted"},
		{"refused", vault.Failing, "does not renew the access at the moment"},
		{"client_refused", vault.Failing, "does not accept this site"},
		{"client_unknown", vault.Failing, "does not accept this site"},
		{"api_refused", vault.Failing, "renews the access and does not accept it"},
		{"lost_rotation", vault.Failing, "could not be renewed"},
		{"revoked", vault.NeedsReauthorization, "has ended the access"},
		{"expired", vault.NeedsReauthorization, "has expired"},
		{"refused", vault.NeedsReauthorization, "no longer renews"},
	} {
		other := c
		other.ID, other.ProviderUserID, other.DisplayName, other.Rank = "t"+strconv.Itoa(i), tc.reason+string(tc.status), "account "+strconv.Itoa(i)+".", 10+i
		other.Status, other.LastError = tc.status, tc.reason
		if _, err := soc.Config().Connections.Insert(t.Context(), other, []byte("sealed")); err != nil {
			t.Fatal(err)
		}
		_, page, _ := strings.Cut(v.do("GET", "/connections", nil).Body.String(), other.DisplayName)
		page, _, _ = strings.Cut(page, "</li>")
		if !strings.Contains(page, tc.want) {
			t.Errorf("%s, %s: not %q in\n%s", tc.reason, tc.status, tc.want, page)
		}
	}
}
