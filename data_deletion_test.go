package social_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// signs adds a provider that signs requests, with two clients.
func signs(c *social.Config) {
	c.Providers = append(c.Providers, &oauth.OAuth2{
		ID: "signer", Name: "Signer", SignedRequests: true,
		Credentials: []oauth.Credentials{{ClientID: "one", ClientSecret: "first"}, {ClientID: "two", ClientSecret: "second"}},
		Endpoints:   oauth.Endpoints{Authorize: "https://signer.test/a", Token: "https://signer.test/t", UserInfo: "https://signer.test/u", Revoke: "https://signer.test/r"},
		Profile:     oauth.Mapping{Subject: "id"},
	})
}

func (s *site) signed(key, subject string, at time.Time) url.Values {
	payload := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"algorithm":"HMAC-SHA256","issued_at":%d,"user_id":%q}`, at.Unix(), subject))
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(payload))
	return url.Values{"signed_request": {base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + "." + payload}}
}

// signedConnection adds a connection to the provider that signs.
func (s *site) signedConnection(tenant, userID, client, subject string) {
	s.t.Helper()
	_, err := s.store.Insert(context.Background(), vault.Connection{
		ID: tenant + userID + subject, Tenant: tenant, UserID: userID, ProviderID: "signer", ProviderUserID: subject, ClientID: client,
		Status: vault.Active, Rank: -1, CreatedAt: s.now().Add(-time.Hour), DisplayName: "Matt of the Signer",
	}, []byte("x"))
	must(s.t, err)
}

// A user who removes the application at the provider loses that connection, also the last
// way in, and the sessions that began through it; nobody else does.
func TestAccounts12_Deauthorize(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"without transactions": open, "with transactions": openTx} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, signs)
			matt, ana := s.user("matt@lp.com", without), s.user("ana@lp.com")
			s.signedConnection("", matt, "one", "1")
			s.signedConnection("", ana, "one", "2")
			s.signedConnection("", ana, "two", "3")
			s.signedConnection("blue", "theirs", "one", "1")
			s.told()
			b := s.browser()
			for what, form := range map[string]url.Values{
				"nothing":         {},
				"forged":          s.signed("guessed", "1", s.now()),
				"too old":         s.signed("first", "1", s.now().Add(-2*time.Hour)),
				"twice":           {"signed_request": {s.signed("first", "1", s.now()).Get("signed_request"), "x"}},
				"before it began": s.signed("first", "1", s.now().Add(-61*time.Minute)),
			} {
				if a := b.post("/deauthorize/signer", form); a.status != http.StatusBadRequest || a.body != `{"error":"invalid_request"}`+"\n" && a.body != `{"error":"invalid_request"}` {
					t.Errorf("%s: %d %s", what, a.status, a.body)
				}
			}
			for what, form := range map[string]url.Values{
				"another client's":     s.signed("second", "1", s.now()),
				"an unknown user's":    s.signed("first", "9", s.now()),
				"another client's too": s.signed("first", "3", s.now()),
			} {
				if a := b.post("/deauthorize/signer", form); a.status != http.StatusOK {
					t.Errorf("%s: %d %s", what, a.status, a.body)
				}
			}
			if len(s.rows(matt)) != 1 || len(s.rows(ana)) != 2 || s.told() != "" {
				t.Fatal("a connection is gone")
			}
			gone := s.rows(matt)[0].ID
			form := s.signed("first", "1", s.now())
			if a := b.post("/deauthorize/signer", form); a.status != http.StatusOK || a.body != "{}\n" && a.body != "{}" {
				t.Errorf("%d %s", a.status, a.body)
			}
			want := []social.Event{
				social.ConnectionRemoved{UserID: matt, ProviderID: "signer", ConnectionID: gone},
				social.Deauthorized{UserID: matt, ProviderID: "signer", ConnectionID: gone},
			}
			if told := s.happened(); !reflect.DeepEqual(told, want) {
				t.Errorf("told %+v", told)
			}
			if len(s.rows(matt)) != 0 || len(s.rows(ana)) != 2 || len(s.rowsIn("blue", "theirs")) != 1 {
				t.Errorf("left: %d, %d, %d", len(s.rows(matt)), len(s.rows(ana)), len(s.rowsIn("blue", "theirs")))
			}
			if n, err := s.Vault().RevokeDue(context.Background()); n != 0 || err != nil {
				t.Errorf("%d tokens were revoked, %v", n, err)
			}
			// It is sent again after the user has connected again.
			_, err := s.store.Insert(context.Background(), vault.Connection{ID: "again", UserID: matt, ProviderID: "signer", ProviderUserID: "1",
				ClientID: "one", Status: vault.Active, Rank: -1, CreatedAt: s.now().Add(2 * time.Second)}, []byte("x"))
			must(t, err)
			if a := b.post("/deauthorize/signer", form); a.status != http.StatusOK || len(s.rows(matt)) != 1 {
				t.Errorf("replayed: %d, %d connections", a.status, len(s.rows(matt)))
			}
			// Providers that do not sign have no such address.
			for _, id := range []string{"acme", "bird", "nobody"} {
				if a := b.post("/deauthorize/"+id, form); a.status != http.StatusNotFound {
					t.Errorf("%s: %d", id, a.status)
				}
				if a := b.post("/data-deletion/"+id, form); a.status != http.StatusNotFound {
					t.Errorf("%s: %d", id, a.status)
				}
			}
		})
	}
}

// A request to delete data removes the connection with its profile, and leads to a page of
// its status. A user who is not known gets the same answer.
func TestAccounts12_DataDeletion(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"without transactions": open, "with transactions": openTx} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, signs)
			matt := s.user("matt@lp.com")
			s.signedConnection("", matt, "one", "1")
			s.told()
			b := s.browser()
			var first, unknown struct {
				URL  string `json:"url"`
				Code string `json:"confirmation_code"`
			}
			if a := b.post("/data-deletion/signer", s.signed("guessed", "1", s.now())); a.status != http.StatusBadRequest || len(s.rows(matt)) != 1 {
				t.Errorf("forged: %d %s", a.status, a.body)
			}
			form := s.signed("first", "1", s.now())
			decode(t, b.post("/data-deletion/signer", form), &first)
			decode(t, b.post("/data-deletion/signer", s.signed("first", "unknown", s.now())), &unknown)
			if len(first.Code) != 32 || len(unknown.Code) != 32 || first.Code == unknown.Code || first.URL != s.url+"/data-deletion/"+first.Code || strings.ContainsFunc(first.Code, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
				t.Errorf("%+v, %+v", first, unknown)
			}
			if told := s.told(); told != "connection_removed data_deletion_requested" {
				t.Errorf("told %q", told)
			}
			if len(s.rows(matt)) != 0 {
				t.Error("the connection stays")
			}
			if _, err := s.acc.User(context.Background(), matt); err != nil {
				t.Errorf("the account: %v", err)
			}
			again := first
			decode(t, b.post("/data-deletion/signer", form), &again)
			if again != first || s.told() != "" {
				t.Errorf("replayed: %+v, was %+v", again, first)
			}
			for _, code := range []string{first.Code, unknown.Code} {
				if a := b.program().get("/data-deletion/" + code); a.status != http.StatusOK || !strings.Contains(a.body, `"status":"done"`) || !strings.Contains(a.body, `"provider_id":"signer"`) || strings.Contains(a.body, matt) {
					t.Errorf("%d %s", a.status, a.body)
				}
				if a := s.browser().in("blue").program().get("/data-deletion/" + code); a.status != http.StatusNotFound {
					t.Errorf("in another tenant: %d", a.status)
				}
			}
			if a := b.program().get("/data-deletion/" + strings.Repeat("a", 32)); a.status != http.StatusNotFound {
				t.Errorf("a guess: %d", a.status)
			}
			s.pass(91 * 24 * time.Hour)
			if a := b.program().get("/data-deletion/" + first.Code); a.status != http.StatusNotFound {
				t.Errorf("after three months: %d", a.status)
			}
		})
	}
}

// With DeleteAccounts the account goes too, after its grace, and the page says so.
func TestAccounts12_DataDeletionOfAccounts(t *testing.T) {
	t.Parallel()
	s := openTx(t, signs, func(c *social.Config) { c.DeleteAccounts = true })
	matt := s.user("matt@lp.com")
	s.signedConnection("", matt, "one", "1")
	s.signedConnection("", "gone", "one", "2") // its user is not there any more
	b := s.signedIn(matt)
	var answer struct {
		Code string `json:"confirmation_code"`
	}
	decode(t, s.browser().post("/data-deletion/signer", s.signed("first", "1", s.now())), &answer)
	if b.whoami() != "" || len(s.rows(matt)) != 0 {
		t.Error("the account is used still")
	}
	u, err := s.acc.User(context.Background(), matt)
	if err != nil || u.DeletionAt.IsZero() {
		t.Errorf("%+v, %v", u.DeletionAt, err)
	}
	if a := b.program().get("/data-deletion/" + answer.Code); !strings.Contains(a.body, `"status":"under_way"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.pass(15 * 24 * time.Hour)
	if a := b.program().get("/data-deletion/" + answer.Code); !strings.Contains(a.body, `"status":"done"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.browser().post("/data-deletion/signer", s.signed("first", "2", s.now())); a.status != http.StatusOK || len(s.rows("gone")) != 0 {
		t.Errorf("of a user who is gone: %d %s", a.status, a.body)
	}
	m := newMemory()
	_, err = social.New(social.Config{AppURL: "http://localhost", Connections: m, Keys: s.keys, Users: plainUsers{s.acc}, DeleteAccounts: true})
	if err == nil || !strings.Contains(err.Error(), "DeleteAccounts") {
		t.Errorf("users that cannot: %v", err)
	}
}

// One request that arrives many times at once is done once, with one answer.
func TestAccounts12_DataDeletionsRace(t *testing.T) {
	t.Parallel()
	s := openTx(t, signs)
	matt := s.user("matt@lp.com")
	s.signedConnection("", matt, "one", "1")
	s.told()
	form := s.signed("first", "1", s.now())
	var wg sync.WaitGroup
	bodies := make([]string, 20)
	for i := range bodies {
		wg.Go(func() {
			a := s.browser().post("/data-deletion/signer", form)
			if bodies[i] = a.body; a.status != http.StatusOK {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	wg.Wait()
	for _, body := range bodies {
		if body != bodies[0] {
			t.Errorf("%s, and %s", body, bodies[0])
		}
	}
	if told := s.told(); strings.Count(told, "connection_removed") != 1 {
		t.Errorf("told %q", told)
	}
}

// Forged requests and guessed codes count against the network's limit; good ones do not.
func TestAccounts12_SignedRequestsAreThrottled(t *testing.T) {
	t.Parallel()
	s := openTx(t, signs)
	b := s.browser()
	good := func() int { return b.post("/deauthorize/signer", s.signed("first", "9", s.now())).status }
	for range 310 {
		if status := good(); status != http.StatusOK {
			t.Fatalf("a good request is %d", status)
		}
	}
	refused := 0
	for range 330 {
		if b.post("/deauthorize/signer", s.signed("guessed", "1", s.now())).status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 10 || refused > 60 {
		t.Errorf("%d of 330 are refused", refused)
	}
	if a := b.program().get("/data-deletion/x"); a.status != http.StatusTooManyRequests {
		t.Errorf("a guessed code: %d", a.status)
	}
}

// A request from before the user authorized the connection anew, by a reconnect or a log-in,
// is answered, and keeps the connection.
func TestAccounts12_OutdatedRequests(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(*site, vault.Connection, *oauth.Grant) (vault.Connection, error){
		"reconnect": func(s *site, c vault.Connection, g *oauth.Grant) (vault.Connection, error) {
			return s.Vault().Renew(context.Background(), c, g)
		},
		"log-in": func(s *site, c vault.Connection, g *oauth.Grant) (vault.Connection, error) {
			return s.Vault().RenewByLogIn(context.Background(), c, g)
		},
		"log-in with fewer scopes": func(s *site, c vault.Connection, g *oauth.Grant) (vault.Connection, error) {
			g.Token.Scopes = []string{"basic"}
			return s.Vault().RenewByLogIn(context.Background(), c, g)
		},
	} {
		for store, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"without transactions": open, "with transactions": openTx} {
			t.Run(name+" "+store, func(t *testing.T) {
				t.Parallel()
				s := open(t, signs)
				matt := s.user("matt@lp.com")
				grant := &oauth.Grant{ProviderID: "signer", Profile: oauth.Profile{Subject: "1"}, RequestedScopes: []string{"basic", "more"},
					Token: oauth.Token{Access: "a", ClientID: "one", Scopes: []string{"basic", "more"}}}
				c, err := s.Vault().Connect(t.Context(), matt, grant)
				must(t, err)
				s.pass(time.Minute)
				form := s.signed("first", "1", s.now())
				s.pass(10 * time.Second)
				_, err = again(s, c, grant)
				must(t, err)
				s.told()
				b := s.browser()
				if a := b.post("/deauthorize/signer", form); a.status != http.StatusOK || len(s.rows(matt)) != 1 || s.told() != "" {
					t.Errorf("%d %s, %d connections", a.status, a.body, len(s.rows(matt)))
				}
				if !strings.Contains(s.log.String(), "word is outdated") {
					t.Errorf("logged: %s", s.log.String())
				}
				var d struct {
					Code string `json:"confirmation_code"`
				}
				decode(t, b.post("/data-deletion/signer", form), &d)
				if status := b.program().get("/data-deletion/" + d.Code); len(s.rows(matt)) != 1 || !strings.Contains(status.body, `"status":"done"`) {
					t.Errorf("%d connections, %s", len(s.rows(matt)), status.body)
				}
				logged := s.log.String()
				if a := b.post("/deauthorize/signer", s.signed("first", "1", s.now())); a.status != http.StatusOK || len(s.rows(matt)) != 0 {
					t.Errorf("one that is not outdated: %d %s, %d connections", a.status, a.body, len(s.rows(matt)))
				}
				if more := s.log.String()[len(logged):]; strings.Contains(more, "outdated") {
					t.Errorf("logged: %s", more)
				}
			})
		}
	}
}
