package oauth_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestSecurity32_NoncesAreUnique(t *testing.T) {
	t.Parallel()
	_, c := pretendTwitter(t)
	const workers, each = 8, 500
	nonces := make(chan string, workers*each)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				req, _ := http.NewRequest("GET", "https://a.test/", nil)
				if err := c.Sign(req, oauth.Token{Access: "a", Secret: "s"}); err != nil {
					t.Error(err)
					return
				}
				_, nonce, _ := strings.Cut(req.Header.Get("Authorization"), `oauth_nonce="`)
				nonce, _, _ = strings.Cut(nonce, `"`)
				nonces <- nonce
			}
		})
	}
	wg.Wait()
	close(nonces)
	seen := map[string]bool{}
	for nonce := range nonces {
		if len(nonce) < 22 || seen[nonce] {
			t.Fatalf("nonce %q: short, or used before", nonce)
		}
		seen[nonce] = true
	}
	if len(seen) != workers*each {
		t.Errorf("%d nonces", len(seen))
	}
}

// RFC 5849 §3.3 leaves the form of a nonce open; some servers take hexadecimal digits
// alone, 30 of them.
func TestSecurity32_NoncesAre30HexDigits(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`oauth_nonce="([0-9a-f]{30})"`)
	_, c := pretendTwitter(t)
	seen := map[string]bool{}
	for range 200 {
		req, err := http.NewRequest(http.MethodGet, "https://api.test/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Sign(req, oauth.Token{Access: "a", Secret: "s"}); err != nil {
			t.Fatal(err)
		}
		nonce := form.FindStringSubmatch(req.Header.Get("Authorization"))
		if nonce == nil || seen[nonce[1]] {
			t.Fatalf("got %s", req.Header.Get("Authorization"))
		}
		seen[nonce[1]] = true
	}
}

func TestOAuth1SignNamesTheApplication(t *testing.T) {
	t.Parallel()
	c := plainOAuth1(t, nil, func(p *oauth.OAuth1) { p.UserAgent = "notes/1.0" })
	for own, want := range map[string]string{"": "notes/1.0", "mine/2": "mine/2"} {
		req, _ := http.NewRequest("GET", "https://a.test/x", nil)
		if own != "" {
			req.Header.Set("User-Agent", own)
		}
		if err := c.Sign(req, oauth.Token{Access: "a", Secret: "s"}); err != nil || req.Header.Get("User-Agent") != want {
			t.Errorf("a request by %q: %v, %v", own, req.Header, err)
		}
	}
}
