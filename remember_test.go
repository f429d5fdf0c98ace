package social_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/identity"
)

// A log-in through a provider is remembered when that is asked for, also when a form
// or a second factor comes between.
func TestLogInThroughAProviderIsRemembered(t *testing.T) {
	t.Parallel()
	for _, remember := range []string{"y", "", "0"} {
		for name, log := range map[string]func(b *browser){
			"at once": func(b *browser) { b.flow("/login/acme", "1", "remember", remember) },
			"a form": func(b *browser) {
				b.flow("/login/acme", "2", "remember", remember)
				b.post("/register/acme", url.Values{"email": {"new@lp.com"}})
			},
			"a factor": func(b *browser) { b.flow("/login/acme", "3", "remember", remember); b.post("/finish/factor", nil) },
			"both": func(b *browser) {
				b.flow("/login/acme", "4", "remember", remember)
				b.post("/register/acme", url.Values{"email": {"other@lp.com"}})
				b.post("/finish/", nil)
			},
		} {
			var got []identity.SignIn
			s := open(t, func(c *social.Config) {
				c.SignUp = social.Form
				c.Users = rememberingUsers{factored{Users: c.Users, Registrar: c.Users.(social.Registrar), newcomers: name == "both"}, &got}
			})
			s.connected("1", s.acme, "1")
			s.connected("factor", s.acme, "3")
			log(s.browser())
			if len(got) != 1 || got[0].Remember != (remember == "y") || got[0].Via != "acme" {
				t.Errorf("%s, remember=%q: %+v", name, remember, got)
			}
		}
	}
}

// rememberingUsers keep how users are signed in.
type rememberingUsers struct {
	factored
	got *[]identity.SignIn
}

func (u rememberingUsers) SignIn(_ http.ResponseWriter, _ *http.Request, in identity.SignIn) error {
	*u.got = append(*u.got, in)
	return nil
}

// factored want a second factor of the user "factor", and of newcomers.
type factored struct {
	social.Users
	social.Registrar
	newcomers bool
}

func (u factored) RequireFactor(_ context.Context, userID string) (string, error) {
	if userID == "factor" || userID == "" && u.newcomers {
		return "/factor", nil
	}
	return "", nil
}
