package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// The pages that ask about a connection have one narrow column, the site's navigation and
// the user's name, and answer where the endpoints are.
func TestPagesThatAskAboutAConnection(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	remove := v.do("GET", "/connections/cactive/remove", nil).Body.String()
	s := openLive(t)
	s.pretend.Approve("ana")
	connect := s.asked()
	for name, page := range map[string]string{"remove": remove, "connect": connect} {
		for _, want := range []string{`<main id="main" class="narrow">`, `href="/profile"`, `action="/logout"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s has no %s:\n%s", name, want, page)
			}
		}
	}
	if n := strings.Count(connect, `action="/connections/pending"`); n != 2 {
		t.Errorf("%d of the two answers go to the endpoint:\n%s", n, connect)
	}
	if page := v.do("GET", "/connections", nil).Body.String(); !strings.Contains(page, `<main id="main">`) {
		t.Errorf("the list is narrow:\n%s", page)
	}
}

// Programs are not asked: for them the page is not there.
func TestPageToDisconnectIsNotForPrograms(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	if w := v.do("GET", "/connections/cactive/remove", nil, "Accept", "application/json"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `"code":"not_found"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A connection that works shows no trouble, and the others what it is.
func TestConnectionsShowTheirTrouble(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	for id, trouble := range map[string]bool{"cactive": false, "cfailing": true, "cneeds_reauthorization": true} {
		page := v.do("GET", "/connections/"+id+"/remove", nil).Body.String()
		main := page[strings.Index(page, "<main"):]
		if got := strings.Contains(main, `class="trouble`); got != trouble {
			t.Errorf("%s: trouble is shown: %t:\n%s", id, got, main)
		}
	}
}

// An account is shown by its best name, with what tells it from another one, once.
func TestAccountsAreToldApart(t *testing.T) {
	t.Parallel()
	soc, visit := openSite(t)
	v := visit()
	v.do("POST", "/login", matt)
	for i, tt := range []struct {
		c    vault.Connection
		want string
	}{
		{vault.Connection{DisplayName: "ann", FullName: "Ann Lee", Email: "ann@x.test"}, `<div class="name">ann<span>Ann Lee · ann@x.test</span>`},
		{vault.Connection{DisplayName: "Ann Lee", FullName: "Ann Lee", Email: "ann@x.test"}, `<div class="name">Ann Lee<span>ann@x.test</span>`},
		{vault.Connection{FullName: "Ann Lee"}, `<div class="name">Ann Lee<span>ID s3</span>`},
		{vault.Connection{Email: "ann@x.test"}, `<div class="name">ann@x.test<span>Connected`},
		{vault.Connection{DisplayName: "ann", FullName: "Ann Lee"}, `<div class="name">ann<span>Ann Lee · ID s5</span>`},
		{vault.Connection{}, `<div class="name">s6<span>Connected`},
		{vault.Connection{DisplayName: "ann", ImageURL: "https://x.test/a.png"}, `<img src="https://x.test/a.png" alt="" data-initial="A"`},
	} {
		c := tt.c
		c.ID, c.ProviderUserID = "con_"+string(rune('1'+i)), "s"+string(rune('1'+i))
		c.UserID, c.ProviderID, c.Status, c.Rank, c.CreatedAt, c.Generation = userOf(t, soc), "github", vault.Active, -1, time.Now(), 1
		if _, err := soc.Config().Connections.Insert(t.Context(), c, []byte("sealed")); err != nil {
			t.Fatal(err)
		}
		page := strings.ReplaceAll(v.do("GET", "/connections/"+c.ID+"/remove", nil).Body.String(), "\n", "")
		if !strings.Contains(page, tt.want) {
			t.Errorf("%+v: no %s in\n%s", tt.c, tt.want, page[strings.Index(page, "<main"):])
		}
	}
}
