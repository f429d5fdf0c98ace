package program_test

import (
	"testing"
	"time"

	"github.com/gosocial/social/socialtest"
)

// dead_refresh says in which words a provider calls a refresh token dead: for OAuth
// 2.0 and for OpenID Connect. Without it an unknown answer is a failure of the
// moment.
func TestDeadRefresh(t *testing.T) {
	t.Parallel()
	const words = "message=It is no more"
	for name, tt := range map[string]struct {
		change settings
		status int
		code   string
	}{
		"configured": {settings{"env:SOCIAL_HUB_DEAD_REFRESH": words, "env:SOCIAL_ACME_DEAD_REFRESH": words}, 409, "needs_reauthorization"},
		"unknown":    {nil, 502, "provider_failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, tt.change)
			matt := s.signedIn("matt@lp.com")
			for _, id := range []string{"hub", "acme"} {
				p := s.pretend.Provider(id)
				p.SetTokenLife(time.Second)
				matt.through("/connect/"+id, "matt").is(303)
				c := matt.only(id)
				time.Sleep(1100 * time.Millisecond)
				p.ServeWith(socialtest.EndpointToken, socialtest.Answer(400, "application/json", `{"message":"It is no more"}`))
				matt.asJSON().post("/connections/"+c.ID+"/check").problem(tt.status, tt.code)
			}
		})
	}
}
