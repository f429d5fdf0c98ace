//go:build soak

package program_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// The time of an answer does not tell whether an account exists, is active or is confirmed:
// two hundred requests of each kind in turn have medians that are alike. The tests of accounts
// count the work in place of the time.
func TestSecurity38_AnswersTakeAsLong(t *testing.T) {
	const rounds, warm = 200, 10
	s := serve(t, settings{"confirm_email": true, "magic_link": true, "mail_to_log": true, "throttle": settings{
		"login_account": 0, "login_network": 0, "registration_network": 0, "reset_account": 0, "reset_network": 0,
		"magic_link_account": 0, "magic_link_network": 0,
	}})
	s.user("known@lp.com")
	s.user("inactive@lp.com")
	succeeds(t, "users", "deactivate", "inactive@lp.com", "--config", s.file)
	visitor := s.visitor().asJSON()
	visitor.post("/register", "email", "unconfirmed@lp.com", "password", password, "password_confirm", password).is(202)
	kinds := []string{"unknown", "known", "inactive", "unconfirmed"}
	for _, tt := range []struct {
		path   string
		status int
		fields []string
	}{
		{"/login", 401, []string{"password", "not the password"}},
		{"/reset", 202, nil},
		{"/magic-link", 202, nil},
		{"/confirm", 202, nil},
		{"/register", 202, []string{"password", password, "password_confirm", password}},
	} {
		took := map[string][]time.Duration{}
		for i := range warm + rounds {
			for j := range kinds {
				kind := kinds[(i+j)%len(kinds)] // another one comes first in each round
				address := kind + "@lp.com"
				if kind == "unknown" {
					address = fmt.Sprintf("unknown%d@lp.com", i)
				}
				v := s.visitor().asJSON()
				v.client.Transport = visitor.client.Transport
				begin := time.Now()
				r := v.post(tt.path, append([]string{"email", address}, tt.fields...)...)
				if d := time.Since(begin); i >= warm {
					took[kind] = append(took[kind], d)
				}
				r.is(tt.status)
			}
		}
		var all []time.Duration
		for _, kind := range kinds {
			all = append(all, took[kind]...)
		}
		usual := median(all)
		bound := usual*15/100 + 50*time.Microsecond
		for _, kind := range kinds {
			m := median(took[kind])
			t.Logf("%s, %s: %v, of all %v", tt.path, kind, m, usual)
			if m < usual-bound || m > usual+bound {
				t.Errorf("%s: an account that is %s is answered after %v, the others after %v", tt.path, kind, m, usual)
			}
		}
	}
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
