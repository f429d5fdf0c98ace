package web_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// A facebookSite is a site whose user has connected an account at Facebook.
type facebookSite struct {
	soc    *social.Social
	userID string
	out    *outage
	later  *atomic.Int64                        // by how much the site's clock is ahead
	open   func(p oauth.Provider) *facebookSite // another process, with another provider
	do     func(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder
}

func openFacebook(t *testing.T, deleteAccounts bool, options ...web.Options) *facebookSite {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	const site = "http://localhost:8080"
	acc, err := accounts.New(accounts.Config{Store: accountstore.New(), AppURL: site})
	if err != nil {
		t.Fatal(err)
	}
	later, out := &atomic.Int64{}, &outage{}
	store := failingConnections{memstore.New(), out}
	u, err := acc.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Insert(t.Context(), vault.Connection{ID: "1", UserID: u.ID, ProviderID: "facebook", ProviderUserID: "218471", ClientID: "app",
		Status: vault.Active, Rank: -1, CreatedAt: time.Now().Add(-time.Hour)}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	var open func(p oauth.Provider) *facebookSite
	open = func(p oauth.Provider) *facebookSite {
		soc, err := social.New(social.Config{
			AppURL: site, Connections: store, Users: acc, Keys: keys, SignUp: social.Refuse, DeleteAccounts: deleteAccounts,
			Providers: []oauth.Provider{p}, Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) },
		})
		if err != nil {
			t.Fatal(err)
		}
		pages, err := web.New(soc, acc, options...)
		if err != nil {
			t.Fatal(err)
		}
		return &facebookSite{soc, u.ID, out, later, open, func(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, site+path, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 0; i+1 < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			w := httptest.NewRecorder()
			acc.Middleware(pages).ServeHTTP(w, r)
			return w
		}}
	}
	return open(providers.Facebook(oauth.Credentials{ClientID: "app", ClientSecret: "app secret"}))
}

// signedRequest is what Facebook sends about the user.
func signedRequest() url.Values {
	payload := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"algorithm":"HMAC-SHA256","issued_at":%d,"user_id":"218471"}`, time.Now().Unix()))
	mac := hmac.New(sha256.New, []byte("app secret"))
	mac.Write([]byte(payload))
	return url.Values{"signed_request": {base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + "." + payload}}
}

// statusPage asks for the deletion of the data, and returns the path of its status.
func (s *facebookSite) statusPage(t *testing.T) string {
	t.Helper()
	var answer struct {
		URL  string `json:"url"`
		Code string `json:"confirmation_code"`
	}
	w := s.do("POST", "/data-deletion/facebook", signedRequest())
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || answer.URL != "http://localhost:8080/data-deletion/"+answer.Code {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return "/data-deletion/" + answer.Code
}

// A user has the data deleted at Facebook, and reads how that went.
func TestAccounts12_DataDeletionPage(t *testing.T) {
	t.Parallel()
	for _, whole := range []bool{false, true} {
		s := openFacebook(t, whole)
		path := s.statusPage(t)
		if w := s.do("POST", "/deauthorize/facebook", signedRequest()); w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if left, err := s.soc.Vault().Connections(t.Context(), s.userID, ""); err != nil || len(left) != 0 {
			t.Errorf("%v, %v", left, err)
		}
		page := s.do("GET", path, nil)
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "you asked Facebook") || !strings.Contains(page.Body.String(), "It is deleted") ||
			strings.Contains(page.Body.String(), "Your account is deleted too") != whole || page.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s", page.Code, page.Body)
		}
		if w := s.do("GET", "/data-deletion/other", nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "There is nothing here") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

// The page is one of the site's, and says when the request came and what is under way still.
func TestDataDeletionPageSaysHowItGoes(t *testing.T) {
	t.Parallel()
	s := openFacebook(t, true)
	path := s.statusPage(t)
	page := func(s *facebookSite) string { return s.do("GET", path, nil).Body.String() }
	has(t, "the page", page(s), `<main id="main" class="narrow">`, `href="/login"`, time.Now().UTC().Format("2 January 2006"), "you asked Facebook", "Your account is deleted too")
	s.out.beginAt("OneTime")
	if w := s.do("GET", path, nil); w.Code != http.StatusInternalServerError {
		t.Errorf("while the store is down: %d", w.Code)
	}
	s.out.end()
	gone := s.open(providers.GitHub(oauth.Credentials{ClientID: "app", ClientSecret: "app secret"}))
	has(t, "without the provider", page(gone), "you asked facebook")
	s.later.Store(int64(60 * 24 * time.Hour))
	if text := page(s); strings.Contains(text, "Your account is deleted too") || !strings.Contains(text, "It is deleted") {
		t.Errorf("once all is deleted:\n%s", text)
	}
}
