package program_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/socialtest"
)

// However many callers ask two processes for a token that is due, it is refreshed once, and all
// of them get the new one.
func TestTokenEndpointRefreshesOnce(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, change ...settings) {
		gateways := []string{server.FreeAddress(t), server.FreeAddress(t)}
		s := serve(t, append(change, settings{"gateway": true, "gateway_listen": gateways[0]})...)
		second, _, err := program.Start(t, []string{"SOCIAL_LISTEN=127.0.0.1:0", "SOCIAL_GATEWAY_LISTEN=" + gateways[1]}, "Social serves ", "serve", "--config", s.file)
		if err != nil {
			t.Fatal(err)
		}
		second.StopWithTest()
		hub := s.pretend.Provider("hub")
		hub.SetTokenLife(2 * time.Second)
		owner := s.signedIn("matt@lp.com")
		owner.through("/connect/hub", "matt")
		var mine struct{ User struct{ ID string } }
		owner.asJSON().get("/session").into(&mine)
		var made struct{ ID, Secret string }
		if err := json.Unmarshal([]byte(succeeds(t, "clients", "create", "jobs", "--scopes", "tenant:default provider:hub token", "--json", "--config", s.file)), &made); err != nil {
			t.Fatal(err)
		}
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {made.ID}, "client_secret": {made.Secret},
			"subject_token": {mine.User.ID}, "subject_token_type": {"urn:gosocial:user-id"}, "audience": {"hub"}}
		time.Sleep(2 * time.Second) // until the token has expired
		hub.SetTokenLife(time.Hour)
		before := hub.Calls(socialtest.EndpointToken)

		const callers = 200
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}, Timeout: time.Minute}
		defer client.CloseIdleConnections()
		tokens := make([]string, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				resp, err := client.PostForm("http://"+gateways[i%2]+"/oauth/token", form)
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				var answer struct {
					Token string `json:"access_token"`
				}
				if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK || answer.Token == "" {
					t.Errorf("%d, %v", resp.StatusCode, err)
				}
				tokens[i] = answer.Token
			})
		}
		all.Wait()
		if n := hub.Calls(socialtest.EndpointToken) - before; n != 1 {
			t.Errorf("%d refreshes, want 1", n)
		}
		for _, token := range tokens {
			if token != tokens[0] {
				t.Fatal("callers got different tokens")
			}
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, settings{"database": startPostgreSQL(t).URL(t)})
	})
}
