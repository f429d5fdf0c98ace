package social_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/keyring"
)

// A posted answer waits in its cookie as long as it compresses to 2,200 bytes, and in a
// row else.
func TestWherePostedAnswersWait(t *testing.T) {
	t.Parallel()
	s := open(t)
	form := "state=x&code=" + random(4000)
	// compressing returns the beginning of the form that compresses to so many bytes.
	compressing := func(want int) string {
		for n := want * 3 / 2; n <= len(form); n++ { // a character takes five bits and more
			if len(deflated(form[:n])) == want {
				return form[:n]
			}
		}
		t.Fatalf("nothing compresses to %d bytes", want)
		return ""
	}
	for name, tc := range map[string]struct {
		form string
		rows int
	}{
		"a short one":         {"state=x&code=y", 0},
		"a longer one":        {form[:1000], 0},
		"the longest":         {compressing(2200), 0},
		"one byte more":       {compressing(2201), 1},
		"one that compresses": {"state=x&code=" + strings.Repeat("y", 15_000), 0},
	} {
		before := s.waiting("answer")
		if a := s.browser().postsText(s.url+"/callback/posty", tc.form); a.status != 303 || s.waiting("answer")-before != tc.rows {
			t.Errorf("%s: %d, %d rows more", name, a.status, s.waiting("answer")-before)
		}
	}
}

// What is cut short on its way is no answer.
func TestPostedAnswerThatIsCut(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := httptest.NewRequest("POST", "/callback/posty", io.MultiReader(strings.NewReader("state=x&code=half"), broken{}))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || len(w.Header()["Set-Cookie"]) != 0 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A long answer that comes a second time takes no other one off the network's count.
func TestSecurity38_LongAnswersAreTakenOffOnce(t *testing.T) {
	t.Parallel()
	s, u := openLimited(t)
	s.connected(s.user("matt@lp.com"), s.posty, "1")
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	answer.Set("user", random(12_000))
	to := b.posts(callback, answer).location
	cookies := b.cookies()
	for range 3 {
		s.browser().get(to, "Cookie", cookies)
		if n := u.answers.Load(); n != 0 {
			t.Fatalf("%d answers count", n)
		}
	}
}

// Users without a limit take long answers, and all flows.
func TestLongAnswersWithoutALimit(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = plainUsers{c.Users} })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.posty, "1")
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	answer.Set("user", random(12_000))
	if a := b.get(b.posts(callback, answer).location); a.status != 303 || b.whoami() != matt {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A site whose keys do not seal, as with a key service that is out of reach, begins nothing
// that could not end.
func TestKeysThatDoNotSeal(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		var err error
		c.Keys, err = keyring.New(keyring.Key{Name: "down", AEAD: sealsNothing{}})
		must(t, err)
	})
	for _, long := range []string{"", strings.Repeat("n", 1000)} {
		if a := s.browser().post("/login/acme", url.Values{"next": {"/" + long}}); a.status != http.StatusInternalServerError || a.location != "" {
			t.Errorf("a flow: %d %q", a.status, a.location)
		}
	}
	for _, n := range []int{10, 1000, 10_000} {
		a := s.browser().posts(s.url+"/callback/posty", url.Values{"state": {"x"}, "code": {random(n)}})
		if a.status != http.StatusInternalServerError || a.location != "" {
			t.Errorf("an answer of %d: %d %q", n, a.status, a.location)
		}
	}
	if a := s.browser().post("/return/login", url.Values{"to": {"/there"}}); a.status != http.StatusBadRequest {
		t.Errorf("an address to return to: %d", a.status)
	}
	// Messages are not worth failing for.
	if a := s.browser().get("/callback/acme"); a.status != http.StatusBadRequest {
		t.Errorf("a callback: %d", a.status)
	}
}

type sealsNothing struct{}

func (sealsNothing) Encrypt([]byte, []byte) ([]byte, error) { return nil, errors.New("out of reach") }
func (sealsNothing) Decrypt([]byte, []byte) ([]byte, error) { return nil, errors.New("out of reach") }

// An answer inflates to no more than it may be, whatever its cookie says. It is not
// parallel: it measures what is allocated.
func TestSecurity24_AnswersDoNotInflateForLong(t *testing.T) {
	s := open(t)
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	to := b.posts(callback, answer).location
	_, name, _ := strings.Cut(to, "posted=")
	b.plants("social_answer", encoded(2, name, deflated(strings.Repeat("x", 2_800_000))))
	r := httptest.NewRequest("GET", to, nil)
	r.Header.Set("Cookie", b.cookies())
	w := httptest.NewRecorder()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.Handler().ServeHTTP(w, r)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; w.Code != http.StatusBadRequest || n > 1<<20 {
		t.Errorf("%d, %d bytes were allocated", w.Code, n)
	}
}
