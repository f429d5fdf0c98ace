package providers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

const githubUser = `{
	"login": "octocat", "id": 583231, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4",
	"url": "https://api.github.com/users/octocat", "html_url": "https://github.com/octocat", "type": "User", "name": "The Octocat",
	"blog": "", "email": "public@github.com", "hireable": null, "two_factor_authentication": true
}`

func TestGitHubEmail(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
		email  string
		fails  bool
	}{
		"primary is not verified": {200, `[{"email":"a@x.test","primary":true,"verified":false},{"email":"b@x.test","primary":false,"verified":true}]`, "public@github.com", false},
		"none":                    {200, `[]`, "public@github.com", false},
		"not granted":             {404, `{"message":"Not Found"}`, "public@github.com", false},
		"forbidden":               {403, `{"message":"Resource not accessible by integration"}`, "public@github.com", false},
		"down":                    {502, `<html>`, "", true},
		"not a list":              {200, `{"a":1}`, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPretend(t)
			p.gives("GET api.github.com/user", githubUser, nil)
			p.HandleFunc("GET api.github.com/user/emails", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				w.Write([]byte(tc.body))
			})
			got, err := p.open(providers.GitHub(credentials)).Profile(t.Context(), oauth.Token{Access: "at-1"})
			if (err != nil) != tc.fails {
				t.Fatal(err)
			}
			if err == nil && (got.Email != tc.email || got.EmailVerified) {
				t.Errorf("got %q, %v", got.Email, got.EmailVerified)
			}
		})
	}
}

// The primary address may stand on any page, however long the pages are.
func TestGitHubEmailOnALaterPage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		size, at int // of a page, and where the primary one is; 0 for nowhere
		calls    int
		found    bool
	}{
		"second page of 100":           {100, 150, 3, true},
		"fourth page of the default":   {30, 100, 7, true},
		"first":                        {100, 1, 3, true},
		"nowhere":                      {100, 0, 3, false},
		"all on one page":              {250, 17, 1, true},
		"behind more than is sensible": {30, 2000, 10, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPretend(t)
			p.gives("GET api.github.com/user", githubUser, nil)
			calls := 0
			p.HandleFunc("GET api.github.com/user/emails", func(w http.ResponseWriter, r *http.Request) {
				calls++
				if r.URL.Query().Get("per_page") != "100" {
					t.Errorf("query %q", r.URL.RawQuery)
				}
				page, _ := strconv.Atoi(r.URL.Query().Get("page"))
				total := max(tc.at, 200)
				list := []map[string]any{}
				if tc.size > 200 {
					total = 20 // as most people have
				}
				for i := (page-1)*tc.size + 1; i <= min(page*tc.size, total); i++ {
					list = append(list, map[string]any{"email": fmt.Sprintf("a%d@x.test", i), "primary": i == tc.at, "verified": true})
				}
				json.NewEncoder(w).Encode(list)
			})
			got, err := p.open(providers.GitHub(credentials)).Profile(t.Context(), oauth.Token{Access: "at-1"})
			if err != nil {
				t.Fatal(err)
			}
			want := "public@github.com"
			if tc.found {
				want = fmt.Sprintf("a%d@x.test", tc.at)
			}
			if got.Email != want || got.EmailVerified != tc.found || calls != tc.calls {
				t.Errorf("got %q, %t in %d calls", got.Email, got.EmailVerified, calls)
			}
		})
	}
}

// Documented for the end of a grant are 204 and, for a token that is none, 422.
func TestGitHubRevocationThatDidNotHappen(t *testing.T) {
	t.Parallel()
	for status, done := range map[int]bool{204: true, 200: true, 422: true, 404: false, 401: false, 403: false, 429: false, 500: false} {
		p := newPretend(t)
		p.HandleFunc("DELETE api.github.com/applications/key/grant", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			if status != 204 {
				w.Write([]byte(`{"message":"Not Found","documentation_url":"https://docs.github.com/rest"}`))
			}
		})
		err := p.open(providers.GitHub(credentials)).(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "at-1"})
		if (err == nil) != done {
			t.Errorf("status %d: %v", status, err)
		}
	}
}
