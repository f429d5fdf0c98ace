package social_test

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

// plants gives the browser a cookie as another version of the site could have sealed it.
func (b *browser) plants(name string, value []byte) {
	b.t.Helper()
	w := httptest.NewRecorder()
	must(b.t, cookie.New(b.keys, b.url, false, b.now).Set(w, name, value, 10*time.Minute))
	u, err := url.Parse(b.url)
	must(b.t, err)
	b.client.Jar.SetCookies(u, w.Result().Cookies())
}

// opened returns the flow cookies' names and what is sealed in them.
func (b *browser) opened() map[string][]byte {
	b.t.Helper()
	values := map[string][]byte{}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", b.cookies())
	for _, c := range cookie.New(b.keys, b.url, false, b.now).All(r, "social_flow_") {
		values[c.Name] = c.Value
	}
	return values
}

// The one name of a flow cookie that the browser has.
func (b *browser) flowName() string {
	b.t.Helper()
	flows := b.opened()
	for name := range flows {
		if len(flows) == 1 {
			return name
		}
	}
	b.t.Fatalf("%d flow cookies", len(flows))
	return ""
}

// deflated compresses a text.
func deflated(text string) string { return compressed(text, (*flate.Writer).Close) }

// flushed compresses a text that could go on.
func flushed(text string) string { return compressed(text, (*flate.Writer).Flush) }

func compressed(text string, end func(*flate.Writer) error) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil {
		err = end(w)
	}
	if err != nil {
		panic(err)
	}
	return b.String()
}

// encoded encodes what a cookie holds.
func encoded(parts ...any) []byte {
	var e keyring.Encoder
	for _, part := range parts {
		switch part := part.(type) {
		case int:
			e.Byte(byte(part))
		case string:
			e.Text(part)
		case time.Time:
			e.Time(part)
		}
	}
	return e
}

// A callback that does not hold spends nothing at the provider, and the page, the log
// and the problem document say why.
func TestSecurity02_RefusedCallbacksSayWhy(t *testing.T) {
	t.Parallel()
	long := "/" + strings.Repeat("n", 1000)
	type back func(b *browser, callback string, answer url.Values) reply
	with := func(more string) back {
		return func(b *browser, callback string, answer url.Values) reply {
			return b.get(callback + "?" + answer.Encode() + more)
		}
	}
	posted := func(more string) back {
		return func(b *browser, callback string, answer url.Values) reply {
			return b.get(b.posts(callback, answer).location + more)
		}
	}
	// replaced posts the true answer and puts another cookie in place of what is kept.
	replaced := func(parts ...any) back {
		return func(b *browser, callback string, answer url.Values) reply {
			to := b.posts(callback, answer).location
			_, name, _ := strings.Cut(to, "posted=")
			parts := slices.Clone(parts)
			if i := slices.Index(parts, any("NAME")); i >= 0 {
				parts[i] = name
			}
			b.plants("social_answer", encoded(parts...))
			return b.get(to)
		}
	}
	// other begins a second flow and puts what is kept of it in place of the first.
	other := func(path, next string) back {
		return func(b *browser, callback string, answer url.Values) reply {
			name := b.flowName()
			b.begin(path, "1", "next", next)
			for n, value := range b.opened() {
				if n != name {
					b.plants(name, value)
				}
			}
			return b.get(callback + "?" + answer.Encode())
		}
	}
	kept := func(parts ...any) back {
		return func(b *browser, callback string, answer url.Values) reply {
			b.plants(b.flowName(), encoded(parts...))
			return b.get(callback + "?" + answer.Encode())
		}
	}
	// deflates posts the true answer and puts what it compresses to in place of it.
	deflates := func(compress func(answer string) string) back {
		return func(b *browser, callback string, answer url.Values) reply {
			to := b.posts(callback, answer).location
			_, name, _ := strings.Cut(to, "posted=")
			b.plants("social_answer", encoded(2, name, compress(answer.Encode())))
			return b.get(to)
		}
	}
	changes := func(change func(flow []byte) []byte) back {
		return func(b *browser, callback string, answer url.Values) reply {
			name := b.flowName()
			b.plants(name, change(b.opened()[name]))
			return b.get(callback + "?" + answer.Encode())
		}
	}
	const (
		twice     = "a parameter came twice"
		both      = "it says both yes and no"
		noState   = "the state is missing"
		gone      = "the provider's answer is gone"
		changed   = "the provider's answer was changed"
		tampered  = "its cookie was changed"
		tooLate   = "it began too long ago"
		elsewhere = "it began in another browser, or too long ago"
	)
	now := time.Now()
	for name, tc := range map[string]struct {
		path   string
		back   back
		reason string
	}{
		"state twice":              {"/login/acme", with("&state=x"), twice},
		"code twice":               {"/login/acme", with("&code=x"), twice},
		"error twice":              {"/login/acme", with("&error=x&error=x"), twice},
		"iss twice":                {"/login/acme", with("&iss=x&iss=x"), twice},
		"oauth_token twice":        {"/login/bird", with("&oauth_token=x"), twice},
		"oauth_verifier twice":     {"/login/bird", with("&oauth_verifier=x"), twice},
		"denied twice":             {"/login/bird", with("&denied=x&denied=x"), twice},
		"posted twice":             {"/login/acme", with("&posted=x&posted=x"), twice},
		"twice where it posts":     {"/login/posty", with("&code=x"), twice},
		"code and error":           {"/login/acme", with("&error=access_denied"), both},
		"verifier and denied":      {"/login/bird", with("&denied=x"), both},
		"no state":                 {"/login/acme", func(b *browser, callback string, _ url.Values) reply { return b.get(callback + "?code=x") }, noState},
		"a state of nobody":        {"/login/acme", func(b *browser, callback string, _ url.Values) reply { return b.get(callback + "?code=x&state=x") }, elsewhere},
		"an answer that is a GET":  {"/login/posty", with(""), "the provider posts its answers"},
		"a posted answer and more": {"/login/posty", posted("&code=x"), "there are two answers"},
		"a posted answer and no":   {"/login/posty", posted("&error=access_denied"), "there are two answers"},
		"a posted answer, twice": {"/login/posty", func(b *browser, callback string, answer url.Values) reply {
			return b.postsText(callback, answer.Encode()+"&state=x")
		}, twice},
		"a posted answer without state": {"/login/posty", func(b *browser, callback string, _ url.Values) reply {
			return b.postsText(callback, "code=x")
		}, noState},
		"a posted answer that is long": {"/login/posty", func(b *browser, callback string, answer url.Values) reply {
			return b.postsText(callback, answer.Encode()+"&x="+strings.Repeat("x", 16<<10))
		}, "the provider's answer is too long"},
		"a posted answer without end": {"/login/posty", func(b *browser, callback string, answer url.Values) reply {
			return b.postsText(callback, answer.Encode()+"&x="+strings.Repeat("x", 200_000))
		}, "the provider's answer is too long"},
		"a posted answer, a minute later": {"/login/posty", func(b *browser, callback string, answer url.Values) reply {
			to := b.posts(callback, answer).location
			b.pass(time.Minute)
			return b.get(to)
		}, gone},
		"a posted answer, no cookie": {"/login/posty", func(b *browser, callback string, answer url.Values) reply {
			return b.site.browser().get(b.posts(callback, answer).location)
		}, gone},
		"the answer of another provider": {"/login/posty", func(b *browser, callback string, answer url.Values) reply {
			to := b.posts(callback, answer).location
			return b.get(strings.Replace(to, "posty", "posty2", 1))
		}, changed},
		"an answer that was changed": {"/login/posty", func(b *browser, callback string, answer url.Values) reply {
			a := b.posts(callback, answer)
			line, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
			return b.site.browser().get(a.location, "Cookie", line+"A")
		}, changed},
		"an answer of another layout":      {"/login/posty", replaced(9, "NAME", "code=x"), gone},
		"an answer of a longer layout":     {"/login/posty", replaced(1, "NAME", "state=x&code=x", "more"), gone},
		"an answer that does not inflate":  {"/login/posty", replaced(2, "NAME", "state=x&code=x"), changed},
		"an answer that inflates for long": {"/login/posty", replaced(2, "NAME", deflated(strings.Repeat("x", 16<<10+1))), changed},
		"an answer that inflates to more": {"/login/posty", deflates(func(answer string) string {
			return deflated(answer + "&x=" + strings.Repeat("x", 16<<10))
		}), changed},
		"an answer with a broken end": {"/login/posty", deflates(func(answer string) string {
			return flushed(answer) + "\xff"
		}), changed},
		"an answer whose row is gone":      {"/login/posty", replaced(3, "NAME", "unknown"), gone},
		"an answer kept with a name twice": {"/login/posty", replaced(1, "NAME", "state=x&state=x&code=x"), twice},
		"another answer under the name":    {"/login/posty", replaced(1, "NAME", "state=x&code=x"), changed},
		"another answer in the place":      {"/login/posty", replaced(1, "other", "state=x&code=x"), gone},
		"a changed cookie": {"/login/acme", func(b *browser, callback string, answer url.Values) reply {
			return b.site.browser().get(callback+"?"+answer.Encode(), "Cookie", b.cookies()+"A")
		}, tampered},
		"two cookies": {"/login/acme", func(b *browser, callback string, answer url.Values) reply {
			return b.site.browser().get(callback+"?"+answer.Encode(), "Cookie", b.cookies()+"; "+b.cookies())
		}, "two flows have the same name"},
		"after ten minutes": {"/login/acme", func(b *browser, callback string, answer url.Values) reply {
			b.pass(10 * time.Minute)
			return b.get(callback + "?" + answer.Encode())
		}, tooLate},
		"a flow that began long ago":   {"/login/acme", kept(2, now.Add(-10*time.Minute), "token"), tooLate},
		"a flow whose row is gone":     {"/login/acme", kept(2, now, "token"), tooLate},
		"a flow of another layout":     {"/login/acme", kept(9, now, "token"), tampered},
		"a flow of a longer layout":    {"/login/acme", kept(2, now, "token", "more"), tampered},
		"a flow that is cut":           {"/login/acme", kept(1, 1), tampered},
		"nothing in its place":         {"/login/acme", kept(), tampered},
		"a flow and more":              {"/login/acme", changes(func(flow []byte) []byte { return append(flow, 0) }), tampered},
		"a flow for nothing":           {"/login/acme", changes(func(flow []byte) []byte { flow[1] = 0; return flow }), tampered},
		"a flow for what there is not": {"/login/acme", changes(func(flow []byte) []byte { flow[1] = 5; return flow }), tampered},
		"a flow that is kept for longer": {"/login/acme", func(b *browser, callback string, answer url.Values) reply {
			name := b.flowName()
			flow := b.opened()[name]
			b.pass(9 * time.Minute)
			b.plants(name, flow)
			b.pass(time.Minute)
			return b.get(callback + "?" + answer.Encode())
		}, tooLate},
		"a provider's flow at another": {"/login/acme", func(b *browser, callback string, _ url.Values) reply {
			name := b.flowName()
			_, answer := b.begin("/login/posty", "1")
			for n, flow := range b.opened() {
				if n != name {
					hash := sha256.Sum256([]byte("social flow\x00acme\x00" + answer.Get("state")))
					b.plants("social_flow_"+hex.EncodeToString(hash[:12]), flow)
				}
			}
			return b.get(callback + "?" + answer.Encode())
		}, tampered},
		"a flow that is done, of nobody":    {"/login/acme", kept(3, now, "", "/there"), "it was completed before"},
		"another flow in its place":         {"/login/acme", other("/login/acme", ""), tampered},
		"another long flow in its place":    {"/login/acme", other("/login/acme", long), tampered},
		"the flow of another provider":      {"/login/acme", other("/login/bird", ""), tampered},
		"the long flow of another provider": {"/login/acme", other("/login/posty", long), tampered},
		"another tenant": {"/login/acme", func(b *browser, callback string, answer url.Values) reply {
			return b.in("north").get(callback + "?" + answer.Encode())
		}, tampered},
		"a code that is missing": {"/login/acme", func(b *browser, callback string, answer url.Values) reply {
			return b.get(callback + "?state=" + answer.Get("state"))
		}, "the code is missing"},
		"nobody is signed in any more": {"/connect/acme", func(b *browser, callback string, answer url.Values) reply {
			b.post("/sign-out", nil)
			return b.get(callback + "?" + answer.Encode())
		}, "somebody else is signed in now"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *social.Config) {
				second := newStub("posty2", "Second", oauth.ProtocolOAuth2)
				second.about.FormPost = true
				c.Providers = append(c.Providers, second)
			})
			pages := &recordingPages{}
			s.pages = pages
			b := s.browser()
			if strings.HasPrefix(tc.path, "/connect/") {
				b.signIn(s.user("matt@lp.com"))
			}
			callback, answer := b.begin(tc.path, "1")
			a := tc.back(b, callback, answer)
			if n := s.acme.requests() + s.bird.requests() + s.posty.requests(); a.status != http.StatusBadRequest || a.location != "" || n != 0 {
				t.Errorf("%d %q, %d token requests", a.status, a.location, n)
			}
			p := pages.last
			if p.Code != social.CodeCallbackRefused || p.Message.Code != p.Code || p.Message.Args["reason"] != tc.reason || len(p.RequestID) != 16 {
				t.Errorf("the page has %+v, want the reason %q", p, tc.reason)
			}
			provider := strings.Split(callback, "/callback/")[1]
			if strings.Contains(name, "another provider") && provider == "posty" {
				provider = "posty2"
			}
			want := `msg="social: callback refused" request_id=` + p.RequestID + " provider=" + provider + ` reason="` + tc.reason + `"`
			if !strings.Contains(s.log.String(), "level=INFO "+want) {
				t.Errorf("the log has not\n%s\n%s", want, s.log)
			}
			if told := s.told(); told != "" {
				t.Error(told)
			}
		})
	}
}

// What cannot be written or read is a failure, and no refusal.
func TestCallbackFailures(t *testing.T) {
	t.Parallel()
	long := random(12_000)
	for name, tc := range map[string]struct {
		call string
		post bool // it fails when the answer is posted
	}{
		"keeping the answer": {"PutOneTime", true},
		"taking the answer":  {"TakeOneTime", false},
	} {
		s, store := openBroken(t)
		s.connected(s.user("matt@lp.com"), s.posty, "1")
		b := s.browser()
		callback, answer := b.begin("/login/posty", "1")
		answer.Set("user", long)
		if tc.post {
			store.fail(tc.call)
		}
		a := b.posts(callback, answer)
		if !tc.post {
			store.fail(tc.call)
			a = b.get(a.location)
		}
		if a.status != http.StatusInternalServerError || s.posty.requests() != 0 || !strings.Contains(s.log.String(), errBroken.Error()) {
			t.Errorf("%s: %d %q, %d token requests", name, a.status, a.location, s.posty.requests())
		}
	}
}

// A posted answer of the greatest length comes through, in a row that lasts a minute; and
// also when the browser has gone by then.
func TestLongestPostedAnswer(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t)
	s.connected(s.user("matt@lp.com"), s.posty, "1")
	for _, fill := range []string{strings.Repeat("u", 16<<10), random(16 << 10)} {
		b := s.browser()
		callback, answer := b.begin("/login/posty", "1")
		form := answer.Encode() + "&user="
		a := b.postsText(callback, form+fill[:16<<10-len(form)])
		if a.status != 303 {
			t.Fatalf("%d", a.status)
		}
		if rows, err := s.store.DueOneTime(context.Background(), "answer", s.now().Add(61*time.Second), 10); err != nil || len(rows) != s.waiting("answer") {
			t.Errorf("%d rows end in time, of %d: %v", len(rows), s.waiting("answer"), err)
		}
		store.ask(func(ctx context.Context, call string) error {
			if call == "TakeOneTime" && ctx.Done() != nil {
				t.Error("taken for as long as the browser waits")
			}
			return nil
		})
		if a := b.get(a.location); a.status != 303 || b.whoami() == "" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}
