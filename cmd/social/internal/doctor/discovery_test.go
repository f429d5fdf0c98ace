package doctor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// The discovery document is read where the provider has it, as a log-in does.
func TestDiscoveryElsewhere(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	mux.HandleFunc("GET /else/discovery", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":"%s/a","token_endpoint":"%[2]s/t","jwks_uri":"%[2]s/k"}`, s.URL, s.URL)
	})
	findings := examine(t, &oauth.OIDC{DiscoveryURL: s.URL + "/else/discovery", OAuth2: oauth.OAuth2{
		ID: "widget", Issuer: s.URL, Credentials: []oauth.Credentials{{ClientID: "application", ClientSecret: "secret"}},
	}})
	if !strings.Contains(findings, "widget ok discovery at "+s.URL+"\n") {
		t.Errorf("it says\n%s", findings)
	}
}
