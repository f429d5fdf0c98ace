package social_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A check answers with what the provider says now and the status that follows from it.
func TestCheckSaysWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	for _, verified := range []bool{true, false} {
		s := open(t, func(c *social.Config) {
			c.Providers = append(c.Providers, &profiled{newStub("op", "OP", oauth.ProtocolOIDC), oauth.Profile{
				Subject: "1", DisplayName: "display", FullName: "full", Email: "matt@lp.com", EmailVerified: verified,
				ProfileURL: "https://op.test/1", ImageURL: "https://op.test/1.png", Raw: []byte(`{"secret":1}`),
			}})
		})
		matt := s.user("matt@lp.com")
		c, err := s.Vault().Connect(context.Background(), matt, &oauth.Grant{ProviderID: "op", Profile: oauth.Profile{Subject: "1"}, Token: oauth.Token{Access: "access"}})
		must(t, err)
		c.Status, c.LastError = vault.Failing, "api_refused"
		must(t, s.store.Update(context.Background(), c, nil))
		a := s.signedIn(matt).program().post("/connections/"+c.ID+"/check", nil)
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		sameJSON(t, a.body, `{"status": "active", "profile": {"provider_user_id": "1", "display_name": "display", "full_name": "full",
			"email": "matt@lp.com", "email_verified": `+strconv.FormatBool(verified)+`, "profile_url": "https://op.test/1", "image_url": "https://op.test/1.png"}}`)
	}
}

// profiled is a stub whose profiles are what the test says.
type profiled struct {
	*stub
	profile oauth.Profile
}

func (p *profiled) Open(oauth.Env) (oauth.Client, error) {
	return profiledClient{stubClient{p.stub}, p}, nil
}

type profiledClient struct {
	stubClient
	p *profiled
}

func (c profiledClient) Profile(context.Context, oauth.Token) (*oauth.Profile, error) {
	return &c.p.profile, nil
}

// After a check and a removal people go to next if that is on this site, else back where
// they came from, else to PostLogin. A message says what came of it.
func TestWhereACheckLeads(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.PostLogin = "/home" })
	matt := s.user("matt@lp.com")
	works, differs := s.connected(matt, s.acme, "1"), s.connected(matt, s.acme, "2") // the stub is "1" for every token
	s.told()
	b := s.signedIn(matt)
	check := "/connections/" + works.ID + "/check"
	for _, tc := range []struct {
		next, referer, to string
	}{
		{"/there", s.url + "/here?a=b", "/there"}, {"", s.url + "/here?a=b", "/here?a=b"}, {"//evil.example", s.url + "/here", "/here"},
		{"https://evil.example/", "", "/home"}, {"", "https://evil.example/", "/home"}, {"", "", "/home"},
	} {
		b.ends(t, b.post(check, url.Values{"next": {tc.next}}, "Referer", tc.referer), ending{303, tc.to, "success: Connection to Acme works", ""})
		b.ends(t, b.do("DELETE", "/connect/acme/9?next="+url.QueryEscape(tc.next), nil, "Referer", tc.referer),
			ending{303, tc.to, "error: Unable to remove connection to Acme", ""})
	}
	// What succeeds tells no error.
	b.ends(t, b.post(check, url.Values{"next": {"/there"}, "failure": {"query"}}), ending{303, "/there", "success: Connection to Acme works", ""})

	// Another account at the provider is the provider's fault, as far as people can tell.
	pages := &recordingPages{}
	s.pages = pages
	if a := b.post("/connections/"+differs.ID+"/check", url.Values{"next": {"/there"}}); a.status != http.StatusBadGateway || pages.last.TryAgain != "/there" || pages.last.Code != social.CodeProviderFailed {
		t.Errorf("another account: %d %+v", a.status, pages.last)
	}
	s.acme.set(func(p *stub) {
		p.fail = &oauth.ProviderError{ProviderID: "acme", Op: "user info", Status: 401, Kind: oauth.Rejected}
	})
	s.told()
	b.ends(t, b.post(check, url.Values{"next": {"/there"}}), ending{303, "/there", "error: Connection to Acme has to be renewed", "reauthorization_needed"})

	b.ends(t, b.post("/connect/acme/2", url.Values{"_method": {"DELETE"}, "next": {"/there"}, "failure": {"query"}}),
		ending{303, "/there", "info: Connection to Acme removed", "connection_removed"})
}

// A store that fails is no provider that fails.
func TestCheckWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t)
	matt := s.user("matt@lp.com")
	c := s.connected(matt, s.acme, "1")
	b := s.signedIn(matt).program()
	store.fail("Token")
	if a := b.post("/connections/"+c.ID+"/check", nil); a.status != http.StatusInternalServerError || a.problem() != social.CodeInternal {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// While refreshing pauses for a provider that rejects everybody, a check says that the
// provider failed, and the connection stays as it is.
func TestCheckWhileRefreshingPauses(t *testing.T) {
	t.Parallel()
	op := &rejecting{newStub("op", "OP", oauth.ProtocolOAuth2)}
	s := asUser(t, func(c *social.Config) { c.Providers = append(c.Providers, op) })
	connect := func(userID, subject string) vault.Connection {
		g := op.grant(subject)
		g.Token.Expiry = s.now().Add(-time.Hour)
		c, err := s.Vault().Connect(context.Background(), userID, g)
		must(t, err)
		return c
	}
	for i := range 11 {
		c := connect("user"+strconv.Itoa(i), "subject"+strconv.Itoa(i))
		if _, err := s.Vault().Check(context.Background(), c); err == nil {
			t.Fatal("it is not rejected")
		}
	}
	c := connect("7", "1")
	pages := &recordingPages{}
	s.pages = pages
	a := s.browser().post("/connections/"+c.ID+"/check", url.Values{"next": {"/there"}})
	if a.status != http.StatusBadGateway || pages.last.Code != social.CodeProviderFailed || pages.last.TryAgain != "/there" || !strings.Contains(s.log.String(), vault.ErrPaused.Error()) {
		t.Errorf("%d %+v\n%s", a.status, pages.last, s.log)
	}
	if rows := s.rows("7"); rows[0].Status != vault.Active {
		t.Errorf("%+v", rows)
	}
}

// rejecting is a stub that rejects every refresh token.
type rejecting struct{ *stub }

func (p *rejecting) Open(oauth.Env) (oauth.Client, error) {
	return rejectingClient{stubClient{p.stub}}, nil
}

type rejectingClient struct{ stubClient }

func (c rejectingClient) Refresh(context.Context, oauth.Token) (*oauth.Token, error) {
	return nil, &oauth.ProviderError{Kind: oauth.Rejected, ProviderID: c.p.about.ID, Op: "refresh", Status: 400, Code: "invalid_grant"}
}
