package social_test

import (
	"net/http"
	"strings"
	"testing"
)

// Whatever arrives at a callback without the state of a flow is refused, and
// asks nothing of the provider.
func FuzzCallback(f *testing.F) {
	for _, query := range []string{
		"", "state=x&code=y", "state=&code=", "state=a&state=b&code=c", "code=a&error=b&state=c", "error=access_denied&state=x",
		"oauth_token=a&oauth_verifier=b", "denied=a", "posted=x", "posted=x&state=y", "%zz=1", "a;b", "state=%00", "iss=a&iss=b",
		"state=" + strings.Repeat("A", 5000), "state=x&code=y&legacy=\xff", "&&&===", "state[]=x",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		s := open(t)
		b := s.browser()
		b.begin("/login/acme", "1")
		for _, provider := range []string{"acme", "posty", "bird"} {
			r, err := http.NewRequest("GET", b.url+"/callback/"+provider, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.URL.RawQuery = query
			if r.URL.RequestURI() == "" || strings.ContainsFunc(query, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
				t.Skip("not a request that HTTP can carry")
			}
			response, err := b.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			// A header beyond the server's limit never reaches the endpoint.
			if response.StatusCode != http.StatusBadRequest && response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("%s: status %d for %q", provider, response.StatusCode, query)
			}
		}
		if n := s.acme.requests(); n != 0 {
			t.Errorf("%d token requests for %q", n, query)
		}
		if who := b.whoami(); who != "" {
			t.Errorf("%q signed somebody in", query)
		}
	})
}
