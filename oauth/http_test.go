package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

func TestSecurity11_NewHTTPClient(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle("/from", http.RedirectHandler("/to", http.StatusFound))
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	if _, err := oauth.NewHTTPClient(oauth.HTTPOptions{}).Get(server.URL); err == nil {
		t.Error("a private address was reached")
	}
	client := oauth.NewHTTPClient(oauth.HTTPOptions{AllowPrivateAddresses: true, Timeout: 200 * time.Millisecond})
	if resp, err := client.Get(server.URL + "/from"); err != nil || resp.StatusCode != http.StatusFound {
		t.Errorf("%v, %v, want the redirect itself", resp, err)
	}
	if _, err := client.Get(server.URL + "/slow"); err == nil {
		t.Error("the timeout had no effect")
	}
}
