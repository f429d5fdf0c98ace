package social_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func TestSecurity08_MethodsAreNotMadeUp(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.LegacyCallbacks = true })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.signedIn(matt)
	for _, request := range []string{
		"GET /connect/acme/1?_method=DELETE", "HEAD /connect/acme/1?_method=DELETE", "GET /connect/acme?_method=DELETE",
		"GET /reconnect/acme?_method=POST", "OPTIONS /connect/acme/1", "PUT /connect/acme?_method=DELETE",
	} {
		method, path, _ := strings.Cut(request, " ")
		if a := b.do(method, path, nil); a.status != http.StatusMethodNotAllowed && a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", request, a.status)
		}
	}
	for _, name := range []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"} {
		b.post("/connect/acme", nil, name, "DELETE")
		b.get("/connect/acme/1", name, "DELETE")
	}
	if len(s.rows(matt)) != 1 {
		t.Error("removed")
	}

	// A look at the callback's address, as link checkers take, spends nothing.
	callback, answer := b.begin("/reconnect/acme", "1")
	for _, method := range []string{"HEAD", "OPTIONS", "POST"} {
		b.do(method, "/callback/acme?"+answer.Encode(), nil)
	}
	if n := s.acme.requests(); n != 0 {
		t.Errorf("%d token requests", n)
	}
	if a := b.get(callback + "?" + answer.Encode()); a.status != 303 || s.acme.requests() != 1 {
		t.Errorf("%d, %d token requests", a.status, s.acme.requests())
	}
}

func TestSecurity08_OtherSitesReadNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.signedIn(s.user("matt@lp.com")).program()
	for _, path := range []string{"/connections", "/callback/acme", "/connect/acme"} {
		for name := range b.get(path, "Origin", "https://evil.example").header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s answers with %s", path, name)
			}
		}
	}
}

func TestSecurity10_WordsFromOutsideAreNotShown(t *testing.T) {
	t.Parallel()
	s := open(t)
	const words = `<script>alert("EVIL")</script>`
	for name, change := range map[string]func(url.Values){
		"error":       func(q url.Values) { q.Set("error", words) },
		"description": func(q url.Values) { q.Set("error", "access_denied"); q.Set("error_description", words) },
		"no flow":     func(q url.Values) { q.Set("error", words); q.Set("state", words) },
		"iss":         func(q url.Values) { q.Set("iss", words); q.Set("code", ""); q.Del("error") },
	} {
		for _, json := range []bool{false, true} {
			b := s.browser()
			callback, answer := b.begin("/login/acme", "1")
			answer.Del("code")
			change(answer)
			b.json = json
			a := b.get(callback + "?" + answer.Encode())
			b.json = false
			if all := fmt.Sprint(a.body, a.header, b.flash()); strings.Contains(all, "EVIL") {
				t.Errorf("%s: %s", name, all)
			}
		}
	}
	if strings.Contains(s.log.String(), "EVIL") {
		t.Error("the log has it")
	}
}

func TestSecurity23_PostedAnswerIsOfItsBrowserAndProvider(t *testing.T) {
	t.Parallel()
	second := newStub("second", "Second", oauth.ProtocolOAuth2)
	second.about.FormPost = true
	s := open(t, func(c *social.Config) { c.Providers = append(c.Providers, second) })
	s.connected(s.user("matt@lp.com"), s.posty, "1")

	// Somebody else's answer, planted from another site.
	attacker, victim := s.browser(), s.browser()
	callback, answer := attacker.begin("/login/posty", "1")
	victim.begin("/login/posty", "1")
	a := victim.posts(callback, answer)
	victim.refused(victim.get(a.location), s.posty, 0)
	if strings.Contains(victim.cookies(), "social_answer") {
		t.Error("a planted answer stays")
	}
	// The attacker's sealed cookie in place of the victim's.
	mine, theirs := attacker.posts(callback, answer), reply{}
	b := s.browser()
	callback, answer = b.begin("/login/posty", "1")
	theirs = b.posts(callback, answer)
	planted, _, _ := strings.Cut(mine.header.Get("Set-Cookie"), ";")
	var kept []string
	for pair := range strings.SplitSeq(b.cookies(), "; ") {
		if !strings.HasPrefix(pair, "social_answer") {
			kept = append(kept, pair)
		}
	}
	for _, at := range []string{theirs.location, mine.location} {
		b.refused(s.browser().get(at, "Cookie", strings.Join(append(kept, planted), "; ")), s.posty, 0)
	}
	// The name of another cookie.
	for _, other := range []string{"x", "../flow", "%00", "%0d%0aSet-Cookie:%20a=b", strings.Repeat("x", 3000)} {
		a := b.get("/callback/posty?posted=" + other)
		b.refused(a, s.posty, 0)
		if strings.Contains(fmt.Sprint(a.header["Set-Cookie"]), "a=b") {
			t.Error(a.header)
		}
	}
	if a := b.get(theirs.location); a.status != 303 || s.posty.requests() != 1 {
		t.Errorf("the true one: %d %s", a.status, a.body)
	}
	// At another provider's callback.
	s.told()
	b = s.browser()
	a = b.posts(b.begin("/login/posty", "1"))
	b.refused(b.get(strings.Replace(a.location, "posty", "second", 1)), second, 0)
}

// crowdedOwners isolate transactions no more than READ COMMITTED does: the first so
// many go on only when all of them have seen which connections a user has.
type crowdedOwners struct {
	memory
	*crowd
}

func (s crowdedOwners) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return f(ctx)
}

func (s crowdedOwners) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	all, err := s.memory.ByUser(ctx, tenant, userID, providerID)
	s.wait()
	return all, err
}

func TestSecurity33_TwoSubjectsAtOnce(t *testing.T) {
	t.Parallel()
	s := openTx(t, func(c *social.Config) {
		c.LinkVerifiedEmail = true
		c.Providers[0].(*stub).about.TrustEmail = true
		c.Connections = crowdedOwners{c.Connections.(memory), newCrowd(10)}
		c.Record = func(context.Context, social.Event) error { return nil } // its transactions are none
	})
	matt := s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", true))
	var wg sync.WaitGroup
	for i := range 10 {
		b := s.browser()
		callback, answer := b.begin("/login/acme", fmt.Sprint(i+1))
		wg.Go(func() {
			if a := b.get(callback + "?" + answer.Encode()); a.status != 303 {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	wg.Wait()
	if n := len(s.rows(matt)); n != 1 {
		t.Errorf("%d subjects of one provider are linked", n)
	}
}

func TestSecurity35_FormsInParallel(t *testing.T) {
	t.Parallel()
	s := openTx(t, func(c *social.Config) { c.SignUp = social.Form })
	var wg sync.WaitGroup
	statuses := make([]int, 20)
	for i := range statuses {
		b := s.browser()
		b.flow("/login/acme", "1")
		wg.Go(func() {
			statuses[i] = b.post("/register/acme", url.Values{"email": {fmt.Sprintf("new%d@lp.com", i)}}).status
		})
	}
	wg.Wait()
	all, err := s.acc.Users(context.Background(), "", 50)
	must(t, err)
	made := strings.Count(fmt.Sprint(statuses), "201")
	if len(all) != 1 || made != 1 || strings.Count(fmt.Sprint(statuses), "409") != 19 || len(s.rows(all[0].ID)) != 1 {
		t.Errorf("%d users; %v", len(all), statuses)
	}
}

func TestSecurity11_NoPrivateAddressUnlessAllowed(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		var calls atomic.Int64
		local := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
		defer local.Close()
		s := open(t, func(c *social.Config) {
			c.AllowPrivateAddresses = allowed
			c.Providers = append(c.Providers, &oauth.OAuth2{
				ID: "local", Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "CANARY-client"}},
				Endpoints: oauth.Endpoints{Authorize: local.URL, Token: local.URL, UserInfo: local.URL},
				Profile:   oauth.Mapping{Subject: "id"},
			})
		})
		if a := s.browser().flow("/login/local", "1"); a.status != 502 || calls.Load() > 0 != allowed {
			t.Errorf("allowed %t: %d, %d calls", allowed, a.status, calls.Load())
		}
	}
}

func TestSecurity43_SocialDoesNotPrint(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.Providers = append(c.Providers, &oauth.OAuth2{
			ID: "local", Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "CANARY-client"}},
			Endpoints: oauth.Endpoints{Authorize: "https://op.test", Token: "https://op.test", UserInfo: "https://op.test"},
			Profile:   oauth.Mapping{Subject: "id"},
		})
	})
	for _, v := range []any{s.Social, s.Config().Providers[3]} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "CANARY") {
				t.Errorf("%s of %T: %s", verb, v, text)
			}
		}
	}
}

func TestSecurity44_NothingThatAProfileNamesIsFetched(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	pictures := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer pictures.Close()
	s := open(t, auto, func(c *social.Config) { c.AllowPrivateAddresses = true })
	s.acme.set(func(p *stub) {
		p.profile = func(profile *oauth.Profile) {
			profile.Email, profile.EmailVerified = "new@lp.com", true
			profile.ProfileURL, profile.ImageURL = pictures.URL+"/me", pictures.URL+"/me.png"
		}
	})
	b := s.browser()
	b.flow("/login/acme", "1")
	b.flow("/connect/acme", "1")
	rows := s.rows(b.whoami())
	if len(rows) != 1 || rows[0].ImageURL != pictures.URL+"/me.png" {
		t.Fatalf("%+v", rows)
	}
	b.post("/connections/"+rows[0].ID+"/check", nil)
	b.get("/connections")
	if n := calls.Load(); n != 0 {
		t.Errorf("%d requests to what the profile names", n)
	}
}

// A retrying store does each transaction twice, as a database that ran into a
// conflict would.
type retrying struct{ memory }

var errConflict = errors.New("conflict")

func (s retrying) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if s.Joined(ctx) {
		return f(ctx)
	}
	err := s.memory.InTx(ctx, func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return errConflict
	})
	if !errors.Is(err, errConflict) {
		return err
	}
	return s.memory.InTx(ctx, f)
}

func TestSecurity25_TheSessionBeforeEndsAlsoWhenTheLogInIsTriedTwice(t *testing.T) {
	t.Parallel()
	s := openTx(t, func(c *social.Config) { c.Connections = retrying{c.Connections.(memory)} })
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	b.signIn(joe)
	before := b.cookies()
	if a := b.get(callback + "?" + answer.Encode()); a.status != 303 || b.whoami() != matt {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if who := s.browser().get("/whoami", "Cookie", before).body; who != "" {
		t.Error("joe's session goes on")
	}
	if sessions, err := s.acc.Sessions(context.Background(), matt); err != nil || len(sessions) != 1 {
		t.Errorf("%d sessions of matt's, %v", len(sessions), err)
	}
}
