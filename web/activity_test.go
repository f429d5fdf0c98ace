package web_test

import (
	"context"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/text"
	"github.com/gosocial/social/web"
)

// recording returns a log, and what configures accounts that record in it.
func recording(t *testing.T) (*audit.Log, func(*accounts.Config)) {
	t.Helper()
	store := memstore.New()
	log, err := audit.New(audit.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return log, func(c *accounts.Config) {
		c.Store = store
		c.Record = func(ctx context.Context, e accounts.Event) error { return log.Record(ctx, e) }
	}
}

// An activity is the answer of GET /security/activity.
type activity struct {
	Activity []struct {
		ID, Event, Text, By, Device, Address string
		Details                              map[string]any
	}
	Before *string
}

func (v *visitor) activity(t *testing.T, query string) (a activity) {
	t.Helper()
	w := v.do("GET", "/security/activity"+query, nil, "Accept", "application/json")
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return a
}

// Users see what happened to their own account, and to no other.
func TestActivity(t *testing.T) {
	t.Parallel()
	log, configure := recording(t)
	acc, visit := visitorsOf(t, configure, web.Options{Audit: log})
	ctx := t.Context()
	joe, err := acc.Create(ctx, accounts.NewUser{Email: "joe@lp.com", Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := acc.Find(ctx, "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	v := visit()
	v.do("POST", "/login", map[string][]string{"email": {"matt@lp.com"}, "password": {"CANARY"}}, "User-Agent", edge)
	v.do("POST", "/login", matt, "User-Agent", firefox)
	if err := acc.CreateRole(ctx, accounts.Role{Name: "editor"}); err != nil {
		t.Fatal(err)
	}
	admin := audit.WithActor(ctx, audit.Actor{Kind: audit.ActorUser, ID: joe.ID})
	if err := acc.Grant(admin, u.ID, "editor"); err != nil {
		t.Fatal(err)
	}
	got := v.activity(t, "")
	var lines []string
	for _, e := range got.Activity {
		lines = append(lines, e.Event+" "+e.By+" "+e.Device+" "+e.Text)
	}
	want := []string{
		"user_role_granted administrator  You were given the role editor.",
		"user_logged_in you Firefox on Linux You signed in (password).",
		"user_login_failed visitor Edge on Windows A sign-in failed (password).",
		"user_created system  The account was created.",
	}
	if !slices.Equal(lines, want) || got.Before != nil {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
	page := v.do("GET", "/security/activity", nil).Body.String()
	for _, s := range []string{"You were given the role editor.", "By an administrator", "By someone who was not signed in", "Edge on Windows", got.Activity[1].Address} {
		if !strings.Contains(page, s) {
			t.Errorf("%q is not on the page:\n%s", s, page)
		}
	}
	for _, s := range []string{joe.ID, "CANARY", "joe@lp.com"} {
		if strings.Contains(page+string(mustJSON(t, got)), s) {
			t.Errorf("the user learns %q", s)
		}
	}
	if page := v.do("GET", "/security", nil).Body.String(); !strings.Contains(page, `href="/security/activity"`) {
		t.Error("/security has no link")
	}
	other := visit()
	other.do("POST", "/login", map[string][]string{"email": {"joe@lp.com"}, "password": {"correct horse"}})
	for _, e := range other.activity(t, "").Activity {
		if strings.Contains(e.Text, "editor") {
			t.Errorf("another user sees %+v", e)
		}
	}
	if w := visit().do("GET", "/security/activity", nil, "Accept", "application/json"); w.Code != 401 {
		t.Errorf("a visitor: %d", w.Code)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Without a log there is no page and no link.
func TestActivityOff(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t)
	v := visit()
	v.do("POST", "/login", matt)
	if w := v.do("GET", "/security/activity", nil, "Accept", "application/json"); w.Code != 404 || !strings.Contains(w.Body.String(), "turned_off") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if page := v.do("GET", "/security", nil).Body.String(); strings.Contains(page, "/security/activity") {
		t.Error("/security has a link")
	}
}

// Pages follow each other without a gap.
func TestActivityPages(t *testing.T) {
	t.Parallel()
	log, configure := recording(t)
	acc, visit := visitorsOf(t, configure, web.Options{Audit: log})
	u, err := acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	v := visit()
	v.do("POST", "/login", matt)
	for i := range 60 {
		if err := acc.SetVerifiedKeepingAccess(t.Context(), u.ID, i%2 == 1); err != nil {
			t.Fatal(err)
		}
	}
	const total = 62
	for query, size := range map[string]int{"": 25, "limit=7": 7, "limit=0": 1, "limit=1000": total, "limit=x": 25, "limit=62": total} {
		seen, pages, next := map[string]bool{}, 0, "?"+query
		for pages < 100 {
			a := v.activity(t, next)
			pages++
			for _, e := range a.Activity {
				seen[e.ID] = true
			}
			if len(a.Activity) > size {
				t.Errorf("%q: %d on a page", query, len(a.Activity))
			}
			if a.Before == nil {
				break
			}
			next = "?" + query + "&before=" + *a.Before
		}
		if want := (total + size - 1) / size; len(seen) != total || pages != want {
			t.Errorf("%q: %d events on %d pages, want %d on %d", query, len(seen), pages, total, want)
		}
	}
	older := regexp.MustCompile(`href="(/security/activity\?before=[0-9a-z]+)"`)
	path, items := "/security/activity", 0
	for n := 1; ; n++ {
		page := v.do("GET", path, nil).Body.String()
		items += strings.Count(page, "<li>\n<div")
		if (n > 1) != strings.Contains(page, "The latest") {
			t.Errorf("page %d: the link to the first one", n)
		}
		next := older.FindStringSubmatch(page)
		if next == nil {
			if n != 3 || items != total {
				t.Errorf("%d pages with %d events", n, items)
			}
			break
		}
		path = next[1]
	}
}

// Every event that the log may have of a user has a sentence, in every language.
func TestActivityHasTexts(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	ofNoUser := []string{"role_created", "role_permission_granted", "role_permission_revoked", "login_failed", "breaker_opened", "client_refused", "client_changed", "client_token_refused", "tenant_changed", "webhook_changed", "provider_app_changed"}
	c := catalog(t, text.Options{Languages: []string{"en", "de", "es", "fr", "ar"}})
	n := 0
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|.*\\| (yes|refused) \\|$").FindAllStringSubmatch(string(doc), -1) {
		event := row[1]
		if slices.Contains(ofNoUser, event) {
			continue
		}
		n++
		for _, l := range c.Languages() {
			if _, ok := l.Text("activity."+event, map[string]string{"via": "x", "kind": "x", "provider": "x", "role": "x", "count": "1"}); !ok {
				t.Errorf("%v: no text activity.%s", l, event)
			}
		}
	}
	if n < 40 {
		t.Errorf("%d events were found", n)
	}
}

// Dates and sentences are in the browser's language.
func TestActivityInALanguage(t *testing.T) {
	t.Parallel()
	log, configure := recording(t)
	_, visit := visitorsOf(t, configure, web.Options{Audit: log})
	v := visit()
	v.do("POST", "/login", matt)
	page := v.do("GET", "/security/activity", nil, "Accept-Language", "de").Body.String()
	for _, s := range []string{"Was mit Ihrem Konto geschehen ist", "Sie haben sich angemeldet (Passwort).", "Durch die Anwendung"} {
		if !strings.Contains(page, s) {
			t.Errorf("%q is not on the page:\n%s", s, page)
		}
	}
}

// What is shown of a row: in words what happened, who did it, and from where.
func TestActivityInWords(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	log, err := audit.New(audit.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	acc, visit := visitorsOf(t, func(c *accounts.Config) { c.Store = store }, web.Options{Audit: log})
	u, err := acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	v := visit()
	v.do("POST", "/login", matt)
	user := audit.Actor{Kind: audit.ActorUser, ID: u.ID}
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.FixedZone("", 3600))
	for i, tc := range []struct {
		row              audit.Entry
		text, by, byText string
	}{
		{audit.Entry{Event: "user_logged_in", Actor: user, Details: []byte(`{"via":"password"}`), Address: "192.0.2.1", UserAgent: firefox}, "You signed in (password).", "you", ""},
		{audit.Entry{Event: "user_logged_in", Actor: user, Details: []byte(`{"via":"mail"}`)}, "You signed in (mailed link).", "you", ""},
		{audit.Entry{Event: "user_logged_in", Actor: user, Details: []byte(`{"via":"passkey"}`)}, "You signed in (passkey).", "you", ""},
		{audit.Entry{Event: "user_logged_in", Actor: user, Provider: "github", Details: []byte(`{"via":"github"}`)}, "You signed in (GitHub).", "you", ""},
		{audit.Entry{Event: "user_logged_in", Actor: user, Details: []byte(`{"via":"gone"}`)}, "You signed in (gone).", "you", ""},
		{audit.Entry{Event: "user_factor_added", Actor: user, Details: []byte(`{"kind":"totp"}`)}, "A second factor was added (authenticator app).", "you", ""},
		{audit.Entry{Event: "user_factor_failed", Actor: audit.Actor{Kind: audit.ActorVisitor}, Details: []byte(`{"kind":"recovery_code"}`)}, "A wrong second factor was shown (recovery code).", "visitor", "By someone who was not signed in"},
		{audit.Entry{Event: "user_sessions_ended", Actor: user, Details: []byte(`{"count":12345678}`)}, "Browsers were signed out: 12345678.", "you", ""},
		{audit.Entry{Event: "user_role_granted", Actor: audit.Actor{Kind: audit.ActorUser, ID: "admin"}, Details: []byte(`{"role":"editor"}`)}, "You were given the role editor.", "administrator", "By an administrator"},
		{audit.Entry{Event: "user_role_revoked", Actor: audit.Actor{Kind: audit.ActorProgram, ID: "root"}, Details: []byte(`{"role":"editor"}`)}, "The role editor was taken from you.", "administrator", "By an administrator"},
		{audit.Entry{Event: "connection_created", Actor: user, Provider: "github", ConnectionID: "c1"}, "GitHub was connected.", "you", ""},
		{audit.Entry{Event: "connection_deauthorized", Actor: audit.Actor{Kind: audit.ActorProvider, ID: "github"}, Provider: "github", ConnectionID: "c1"}, "You ended the connection at GitHub.", "provider", "By GitHub"},
		{audit.Entry{Event: "token_given", Actor: audit.Actor{Kind: audit.ActorToken, ID: "t1"}, Provider: "github"}, "A program got access to your GitHub account.", "token", "By an API token"},
		{audit.Entry{Event: "proxy_used", Actor: audit.Actor{Kind: audit.ActorClient, ID: "ci"}, Provider: "gone"}, "A program used your gone account.", "client", "By a program that acts for the application"},
		{audit.Entry{Event: "user_created", Actor: audit.Actor{Kind: audit.ActorSystem}}, "The account was created.", "system", "By the application"},
		{audit.Entry{Event: "of_tomorrow", Actor: user, Details: []byte(`not JSON`)}, "Other: of_tomorrow", "you", ""},
	} {
		tc.row.ID, tc.row.UserID, tc.row.At = audit.NewID(time.Now().Add(time.Duration(i)*time.Second)), u.ID, at
		if err := store.InsertAudit(t.Context(), tc.row); err != nil {
			t.Fatal(err)
		}
		device := ""
		if tc.row.UserAgent != "" {
			device = "Firefox on Linux"
		}
		if string(tc.row.Details) != "not JSON" { // which is no answer
			var got map[string]any
			w := v.do("GET", "/security/activity?limit=1", nil, "Accept", "application/json")
			if err := json.Unmarshal(w.Body.Bytes(), &struct {
				Activity []*map[string]any `json:"activity"`
			}{[]*map[string]any{&got}}); err != nil || got == nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			var details map[string]any
			json.Unmarshal(tc.row.Details, &details)
			want := map[string]any{
				"id": tc.row.ID, "at": "2026-03-01T08:30:00Z", "event": tc.row.Event, "text": tc.text, "by": tc.by, "provider": tc.row.Provider,
				"connection_id": tc.row.ConnectionID, "device": device, "address": tc.row.Address, "details": got["details"],
			}
			if !reflect.DeepEqual(got, want) || details != nil && !reflect.DeepEqual(got["details"], any(details)) {
				t.Errorf("as JSON: %v\nwant     %v", got, want)
			}
		}
		page := v.do("GET", "/security/activity", nil).Body.String()
		_, row, _ := strings.Cut(page, "<li>")
		row, _, _ = strings.Cut(row, "</li>")
		want := `<div class="name">` + tc.text + "\n<span>1 March 2026, 08:30 UTC"
		if tc.row.Address != "" {
			want += ", from " + tc.row.Address
		}
		want += "</span>"
		for _, more := range []string{device, tc.byText} {
			if more != "" {
				want += "<span>" + more + "</span>"
			}
		}
		if got := strings.TrimSpace(row); got != want+"</div>" {
			t.Errorf("the row is\n%s\nwant\n%s", got, want)
		}
		if strings.Count(page, `<h1>`) != 1 || !strings.Contains(page, "matt@lp.com") {
			t.Errorf("the page has no layout:\n%s", page)
		}
	}
}

// The ways to prove who one is are called as the language calls them.
func TestActivityNamesWays(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	log, err := audit.New(audit.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	acc, visit := visitorsOf(t, func(c *accounts.Config) { c.Store = store }, web.Options{Audit: log})
	u, err := acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	v := visit()
	v.do("POST", "/login", matt)
	for via, want := range map[string]string{"password": "Passwort", "mail": "Link per E-Mail", "passkey": "Passkey", "totp": "Authenticator-App", "recovery_code": "Wiederherstellungscode", "github": "GitHub"} {
		row := audit.Entry{ID: audit.NewID(time.Now()), UserID: u.ID, At: time.Now(), Event: "user_logged_in", Details: []byte(`{"via":"` + via + `"}`)}
		if err := store.InsertAudit(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		if page := v.do("GET", "/security/activity", nil, "Accept-Language", "de").Body.String(); !strings.Contains(page, "("+want+")") {
			t.Errorf("%s is not called %q:\n%s", via, want, page)
		}
	}
}

// A listed store keeps how many rows it was last asked for.
type listed struct {
	*memstore.Store
	most int
}

func (s *listed) ListAudit(ctx context.Context, f audit.Filter) ([]audit.Entry, error) {
	s.most = f.Limit
	return s.Store.ListAudit(ctx, f)
}

// A program chooses how many rows an answer has, up to 100; a page has 25.
func TestActivityLimits(t *testing.T) {
	t.Parallel()
	store := &listed{Store: memstore.New()}
	log, err := audit.New(audit.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	acc, visit := visitorsOf(t, func(c *accounts.Config) { c.Store = store }, web.Options{Audit: log})
	u, err := acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	v := visit()
	v.do("POST", "/login", matt)
	if w := v.do("GET", "/security/activity", nil, "Accept", "application/json"); strings.TrimSpace(w.Body.String()) != `{"activity":[],"before":null}` {
		t.Errorf("none: %s", w.Body)
	}
	for i := range 101 {
		row := audit.Entry{ID: audit.NewID(time.Now().Add(time.Duration(i) * time.Second)), UserID: u.ID, At: time.Now(), Event: "user_created", Actor: audit.Actor{Kind: audit.ActorSystem}}
		if err := store.InsertAudit(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[string]int{"1000": 100, "101": 100, "100": 100, "99": 99, "1": 1, "-1": 1} {
		if got := v.activity(t, "?limit="+limit); len(got.Activity) != want || got.Before == nil || *got.Before != got.Activity[want-1].ID {
			t.Errorf("limit %s: %d rows, and before is %v", limit, len(got.Activity), got.Before)
		}
		if store.most != want+1 {
			t.Errorf("limit %s: the store is asked for %d rows", limit, store.most)
		}
	}
	if page := v.do("GET", "/security/activity?limit=1", nil).Body.String(); strings.Count(page, "<li>\n<div") != 25 {
		t.Errorf("the page has %d rows", strings.Count(page, "<li>\n<div"))
	}
}
