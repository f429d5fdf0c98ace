package web_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// completed has what browsers and password managers fill into the fields of each form (HTML
// §4.10.18.7): what is a person's has a token, and "off" what is of use once, or is a name
// that the person makes up. TOKEN, ID and PROVIDER stand for one in an address.
var completed = map[string]map[string][]string{
	"/login":                 {"email": {"username", "username webauthn"}, "password": {"current-password"}},
	"/register":              {"email": {"email"}, "username": {"username"}, "password": {"new-password"}, "password_confirm": {"new-password"}},
	"/register/PROVIDER":     {"email": {"email"}, "username": {"username"}, "password": {"new-password"}, "password_confirm": {"new-password"}},
	"/reset":                 {"email": {"email"}},
	"/reset/TOKEN":           {"username": {"username"}, "password": {"new-password"}, "password_confirm": {"new-password"}},
	"/confirm":               {"email": {"email"}},
	"/confirm/TOKEN":         {"username": {"username"}, "password": {"current-password"}},
	"/magic-link":            {"email": {"email"}},
	"/magic-link/code":       {"code": {"one-time-code"}},
	"/change-password":       {"username": {"username"}, "password": {"current-password"}, "new_password": {"new-password"}, "new_password_confirm": {"new-password"}},
	"/change-email":          {"email": {"email"}},
	"/change-username":       {"username": {"username"}},
	"/verify":                {"username": {"username"}, "password": {"current-password"}, "code": {"one-time-code"}},
	"/two-factor":            {"code": {"one-time-code"}, "recovery_code": {"off"}},
	"/security/totp/confirm": {"code": {"one-time-code"}},
	"/security/passkeys":     {"name": {"off"}},
	"/security/passkeys/ID":  {"name": {"off"}},
	"/security/tokens":       {"name": {"off"}},
	"/profile":               {"language": {"language"}},
}

var (
	addressToken    = regexp.MustCompile(`^(/reset|/confirm|/change-email|/magic-link)/[\w-]{30,}$`)
	addressProvider = regexp.MustCompile(`^/register/.+$`)
	addressID       = regexp.MustCompile(`^/security/passkeys/.+$`)
)

// wantCompleted wants every field of a person's data to say what it is to browsers and
// password managers, and every password to be one that can be looked at.
func wantCompleted(t *testing.T, pages map[string]string) {
	t.Helper()
	seen := map[string]bool{}
	for name, page := range pages {
		to := ""
		for _, x := range tags(page) {
			if x.name == "form" {
				to = addressToken.ReplaceAllString(x.attr["action"], "$1/TOKEN")
				to = addressProvider.ReplaceAllString(to, "/register/PROVIDER")
				to = addressID.ReplaceAllString(to, "/security/passkeys/ID")
			}
			field := x.attr["name"]
			if x.name == "input" && !slices.Contains([]string{"hidden", "checkbox", "radio"}, x.attr["type"]) || x.name == "select" && x.attr["autocomplete"] != "" {
				if !slices.Contains(completed[to][field], x.attr["autocomplete"]) {
					t.Errorf("%s: the field %s of %s has autocomplete=%q, want one of %q", name, field, to, x.attr["autocomplete"], completed[to][field])
				}
				seen[to+" "+field] = true
			}
			if x.attr["type"] == "password" && !strings.Contains(page, `data-shows="`+x.attr["id"]+`"`) {
				t.Errorf("%s: there is no way to see the password %s", name, field)
			}
		}
	}
	for to, fields := range completed {
		for field := range fields {
			if !seen[to+" "+field] {
				t.Errorf("no page has the field %s of %s", field, to)
			}
		}
	}
}

// A form in which everything is wrong says so of each field at once: beside the field in a
// browser, and by name to programs.
func TestAllWrongFieldsAreNamed(t *testing.T) {
	t.Parallel()
	signedIn := func(s *liveSite) (*guest, string) {
		g := s.guest()
		g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
		return g, ""
	}
	for name, test := range map[string]struct {
		open   func(s *liveSite) (g *guest, path string)
		path   string
		fields []string          // with their values
		codes  map[string]string // of the problems, by field
		code   string            // of the whole
		status int
	}{
		"register": {
			func(s *liveSite) (*guest, string) { return s.guest(), "" }, "/register",
			[]string{"email", "x", "username", "-", "password", "short", "password_confirm", "other"},
			map[string]string{"email": "email_invalid", "username": "username_start", "password": "password_short", "password_confirm": "passwords_differ"}, "invalid_email", 422,
		},
		"register empty": {
			func(s *liveSite) (*guest, string) { return s.guest(), "" }, "/register",
			[]string{"email", "", "username", "", "password", "", "password_confirm", "other"},
			map[string]string{"email": "email_missing", "password": "password_missing", "password_confirm": "passwords_differ"}, "invalid_email", 422,
		},
		"sign up": {
			func(s *liveSite) (*guest, string) {
				s.pretend.Approve("ana")
				g := s.guest()
				g.do("POST", "/login/google")
				return g, ""
			}, "/register/google",
			[]string{"email", "x", "username", "-", "password", "short", "password_confirm", "other"},
			map[string]string{"email": "email_invalid", "username": "username_start", "password": "password_short", "password_confirm": "passwords_differ"}, "invalid_email", 422,
		},
		"reset": {
			func(s *liveSite) (*guest, string) {
				g := s.guest()
				g.do("POST", "/reset", "email", "matt@lp.com")
				return g, s.mailed(mail.KindReset, "matt@lp.com")
			}, "",
			[]string{"password", "short", "password_confirm", "other"},
			map[string]string{"password": "password_short", "password_confirm": "passwords_differ"}, "weak_password", 422,
		},
		"change password": {
			signedIn, "/change-password",
			[]string{"password", "wrong", "new_password", "short", "new_password_confirm", "other"},
			map[string]string{"password": "password_wrong", "new_password": "password_short", "new_password_confirm": "passwords_differ"}, "bad_credentials", 401,
		},
		"change password, the current one is right": {
			signedIn, "/change-password",
			[]string{"password", "correct horse", "new_password", "matt@lp.com", "new_password_confirm", "other"},
			map[string]string{"new_password": "password_name", "new_password_confirm": "passwords_differ"}, "weak_password", 422,
		},
		"change password, passwords differ": {
			signedIn, "/change-password",
			[]string{"password", "wrong", "new_password", "battery staple", "new_password_confirm", "other"},
			map[string]string{"password": "password_wrong", "new_password_confirm": "passwords_differ"}, "bad_credentials", 401,
		},
		"change e-mail": {
			signedIn, "/change-email", []string{"email", "x"}, map[string]string{"email": "email_invalid"}, "invalid_email", 422,
		},
		"change username": {
			signedIn, "/change-username", []string{"username", "-"}, map[string]string{"username": "username_start"}, "invalid_username", 422,
		},
		"new token": {
			signedIn, "/security/tokens", []string{"name", "", "scopes", "other", "expires_in", "x"},
			map[string]string{"name": "token_name_missing", "scopes": "token_scope", "expires_in": "token_expiry"}, "invalid_name", 422,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openLiveWith(t, func(c *accounts.Config) { c.Throttle.NetworkRegistrations = accounts.Limit{Count: -1} })
			g, path := test.open(s)
			path += test.path
			_, page := g.do("POST", path, test.fields...)
			wrong := map[string]bool{}
			all := tags(page)
			for _, x := range all {
				if field := x.attr["name"]; x.attr["aria-invalid"] == "true" || x.name == "fieldset" && x.attr["aria-describedby"] != "" {
					if x.name == "fieldset" {
						field = "scopes"
					}
					wrong[field] = true
					described := strings.Fields(x.attr["aria-describedby"])
					if i := slices.IndexFunc(described, func(id string) bool { return strings.HasSuffix(id, "-wrong") }); i < 0 ||
						!regexp.MustCompile(`<p class="wrong" id="`+described[i]+`">[^<]{8,}</p>`).MatchString(page) {
						t.Errorf("nothing says beside %s what is wrong:\n%s", field, page)
					}
				}
			}
			for field := range test.codes {
				if !wrong[field] {
					t.Errorf("%s is not marked:\n%s", field, page)
				}
			}
			if n := strings.Count(page, `class="wrong"`); n != len(test.codes) || len(wrong) != n {
				t.Errorf("%d texts and %d fields, want %d:\n%s", n, len(wrong), len(test.codes), page)
			}

			object := map[string]string{}
			for i := 0; i < len(test.fields); i += 2 {
				object[test.fields[i]] = test.fields[i+1]
			}
			body, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			status, answer, text := g.json("POST", path, string(body))
			if status != test.status || answer["code"] != test.code {
				t.Errorf("as JSON: %d %s", status, text)
			}
			codes := map[string]string{}
			list, _ := answer["errors"].([]any)
			for _, e := range list {
				e := e.(map[string]any)
				codes[e["field"].(string)] = e["code"].(string)
				if detail, _ := e["detail"].(string); detail == "" {
					t.Errorf("as JSON: %s has no text: %s", e["field"], text)
				}
			}
			for field, code := range test.codes {
				if codes[field] != code {
					t.Errorf("as JSON: %s is %q, want %q: %s", field, codes[field], code, text)
				}
			}
			if len(codes) != len(test.codes) {
				t.Errorf("as JSON: %s", text)
			}
		})
	}
}
