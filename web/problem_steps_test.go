package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/text"
	"github.com/gosocial/social/web"
)

var (
	stepLink    = regexp.MustCompile(`<a class="button( primary)?" href="([^"]*)">([^<]*)</a>`)
	pageHeading = regexp.MustCompile(`<h1>([^<]*)</h1>\s*<p class="lead">([^<]*)</p>`)
)

// problemSite serves pages, and at /problem the problem of the query.
func problemSite(t *testing.T) (show func(v *visitor, p social.Problem, query string) (page string), visit func() *visitor) {
	t.Helper()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acc.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"}); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("/problem", func(rw http.ResponseWriter, r *http.Request) {
		var p social.Problem
		if err := json.Unmarshal([]byte(r.FormValue("problem")), &p); err != nil {
			t.Error(err)
		}
		if wait := r.FormValue("wait"); wait != "" {
			rw.Header().Set("Retry-After", wait)
		}
		pages.ShowProblem(rw, r, p)
	})
	show = func(v *visitor, p social.Problem, query string) string {
		body, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		w := v.do("GET", "/problem?problem="+url.QueryEscape(string(body))+query, nil)
		if w.Code != p.Status {
			t.Errorf("%s: %d, want %d", p.Code, w.Code, p.Status)
		}
		return w.Body.String()
	}
	return show, func() *visitor { return &visitor{acc.Middleware(mux), map[string]string{}} }
}

// Steps after a problem.
const (
	start         = "Back to the start /"
	signIn        = "Go to the sign-in page /login"
	toConnections = "Go to your connections /connections"
)

func stepsOf(page string) (steps []string) {
	for i, m := range stepLink.FindAllStringSubmatch(page, -1) {
		if (i == 0) != (m[1] != "") {
			steps = append(steps, "not the first is primary")
		}
		steps = append(steps, m[3]+" "+m[2])
	}
	return steps
}

// After every problem there is something to do, the likeliest first.
func TestProblemsLeadOn(t *testing.T) {
	t.Parallel()
	show, visit := problemSite(t)
	user := visit()
	user.do("POST", "/login", matt)
	english := catalog(t, text.Options{}).Default()
	for code, want := range map[string][]string{
		"callback_refused": {signIn, start}, "provider_failed": {signIn, start}, "access_denied": {signIn, start},
		"throttled": {signIn, start}, "busy": {signIn, start}, "not_found": {start}, "unknown_provider": {signIn, start},
		"no_connection": {toConnections, start}, "no_signup": {signIn, start}, "bad_token": {signIn, start}, "turned_off": {signIn, start},
		"no_session": {start}, "other_account": {start}, "method_not_allowed": {signIn, start}, "cross_site": {signIn, start},
		"malformed": {start}, "too_large": {start}, "internal": {start},
		"bad_code": {start}, // has no texts of its own
	} {
		page := show(visit(), social.Problem{Status: 418, Code: code}, "")
		if got := stepsOf(page); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
		for i := range want {
			if want[i] == signIn {
				want[i] = toConnections
			}
		}
		if got := stepsOf(show(user, social.Problem{Status: 418, Code: code}, "")); !slices.Equal(got, want) {
			t.Errorf("%s, signed in: %q, want %q", code, got, want)
		}
		args := map[string]string{"provider": "The provider", "wait": "a moment"}
		heading, known := english.Text("problem."+code+".heading", args)
		lead, _ := english.Text("problem."+code+".text", args)
		if !known {
			heading, lead = "This did not work", "Invalid code. It is wrong, or it was used before."
		}
		m := pageHeading.FindStringSubmatch(page)
		if m == nil || m[1] != heading || m[2] != lead {
			t.Errorf("%s says %q, want %q, %q", code, m, heading, lead)
		}
	}
	for name, tc := range map[string]struct {
		problem social.Problem
		want    []string
	}{
		"to try again":        {social.Problem{Status: 502, Code: "provider_failed", TryAgain: "/login?next=%2Fx"}, []string{"Try again /login?next=%2Fx", signIn, start}},
		"the same place once": {social.Problem{Status: 502, Code: "provider_failed", TryAgain: "/login"}, []string{"Try again /login", start}},
	} {
		if got := stepsOf(show(visit(), tc.problem, "")); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// A problem names its provider, and says the application's own text.
func TestProblemsSayTheirMessage(t *testing.T) {
	t.Parallel()
	show, visit := problemSite(t)
	for _, tc := range []struct {
		problem social.Problem
		want    string
	}{
		{social.Problem{Status: 502, Code: "provider_failed", Message: social.Message{Code: "provider_failed", Args: map[string]string{"provider": "Acme"}}}, "Acme did not answer as it should"},
		{social.Problem{Status: 400, Code: "own", Message: social.Text("The shop is closed.")}, "The shop is closed."},
		{social.Problem{Status: 400, Code: "own", Message: social.Message{Code: "bad_code"}}, "Invalid code. It is wrong, or it was used before."},
	} {
		if page := show(visit(), tc.problem, ""); !strings.Contains(page, tc.want) {
			t.Errorf("%+v does not say %q:\n%s", tc.problem, tc.want, page)
		}
	}
}

// How long to wait is said in minutes and hours, rounded up.
func TestProblemsSayHowLongToWait(t *testing.T) {
	t.Parallel()
	show, visit := problemSite(t)
	for wait, want := range map[string]string{
		"": "a moment", "x": "a moment", "0": "a moment", "-60": "a moment", "99999999999999999999": "a moment", "1": "a minute", "60": "a minute", "61": "2 minutes",
		"5340": "89 minutes", "5341": "2 hours", "7200": "2 hours", "7201": "3 hours",
	} {
		if page := show(visit(), social.Problem{Status: 429, Code: "throttled"}, "&wait="+wait); !strings.Contains(page, "try again in "+want+".") {
			t.Errorf("after %q the page does not say %q:\n%s", wait, want, page)
		}
	}
}
