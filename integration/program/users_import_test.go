package program_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// foreignHashes are hashes that other systems made, by system and scheme.
func foreignHashes(t *testing.T, system string) (list []struct{ System, Scheme, Password, Hash, Salt string }) {
	t.Helper()
	data, err := os.ReadFile("../../accounts/internal/importedhash/testdata/hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ System, Scheme, Password, Hash, Salt string }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, h := range all {
		if strings.HasPrefix(h.System, system) && len(h.Password) < 72 {
			list = append(list, h)
		}
	}
	if len(list) == 0 {
		t.Fatalf("no hashes of %s", system)
	}
	return list
}

// A table of Flask-Security's users, exported to CSV, becomes users who log in with their
// passwords.
func TestUsersImportOfFlaskSecurity(t *testing.T) {
	t.Parallel()
	hashes := foreignHashes(t, "Flask-Security")
	s := serve(t, settings{"password_salt": hashes[0].Salt})
	file := filepath.Join(t.TempDir(), "users.csv")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	w.Write([]string{"\ufeffid", "email", "username", "password", "active", "confirmed_at", "last_login_at", "current_login_at", "last_login_ip", "current_login_ip", "login_count", "fs_uniquifier", "roles"})
	email := func(i int) string { return string(rune('a'+i)) + "@lp.com" }
	for i, h := range hashes {
		active, roles := "t", "admin editor"
		if i == 1 {
			active, roles = "f", ""
		}
		w.Write([]string{"10" + string(rune('0'+i)), email(i), "", h.Hash, active, "2019-03-04 05:06:07.89", "", `\N`, "192.0.2.1", "", "12", "abc", roles})
	}
	w.Write([]string{"200", "plain", "", "", "t", "", "", "", "", "", "", "", ""})
	w.Flush()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	run := func(want string, args ...string) program.Output {
		t.Helper()
		out := program.Run(t, nil, "", append([]string{"users", "import", file, "--config", s.file}, args...)...)
		if out.Code != 1 || !strings.Contains(out.Stdout, want) {
			t.Errorf("%v: status %d, %s%s, want %q", args, out.Code, out.Stdout, out.Stderr, want)
		}
		for _, h := range hashes {
			if strings.Contains(out.Stdout+out.Stderr, h.Hash) {
				t.Error("a hash is printed")
			}
		}
		return out
	}
	out := run("1 would be imported, 0 existed already, 8 failed", "--dry-run")
	if !strings.Contains(out.Stderr, "line 2: accounts: no such role: \"admin\": create it with social roles create") ||
		!strings.Contains(out.Stderr, "line 10: accounts: the e-mail address is not valid") || strings.Count(out.Stderr, `"fs_uniquifier" is left out`) != 1 {
		t.Error(out.Stderr)
	}
	run("8 would be imported, 0 existed already, 1 failed", "--dry-run", "--create-roles")
	var n int
	if s.query(&n, `SELECT count(*) FROM social_users`); n != 0 {
		t.Errorf("a dry run imported %d", n)
	}
	run("8 imported, 0 existed already, 1 failed", "--create-roles")
	run("0 imported, 8 existed already, 1 failed")

	for i, h := range hashes {
		v := s.visitor()
		v.asJSON().post("/login", "email", email(i), "password", h.Password+"x").problem(401, "bad_credentials")
		if i == 1 {
			v.asJSON().post("/login", "email", email(i), "password", h.Password).problem(401, "inactive")
			continue
		}
		v.post("/login", "email", email(i), "password", h.Password).to(303, "/profile")
	}
	var roles, logins int
	s.query(&roles, `SELECT count(*) FROM social_user_roles WHERE user_id = '100'`)
	s.query(&logins, `SELECT logins FROM social_users WHERE id = '100' AND email_verified_at = 1551675967890000`)
	if roles != 2 || logins != 13 {
		t.Errorf("%d roles, %d log-ins", roles, logins)
	}
}

// Users in JSON lines and on standard input, with names of Django and Devise.
func TestUsersImportOfOddEntries(t *testing.T) {
	t.Parallel()
	s := serve(t)
	run := func(input string, args ...string) program.Output {
		return program.Run(t, nil, input, append([]string{"users", "import", "--config", s.file}, args...)...)
	}
	hash := foreignHashes(t, "Django")[0]
	line := func(members map[string]any) string {
		text, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	out := run(line(map[string]any{"id": 7, "username": "django@lp.com", "email": "django@lp.com", "password": hash.Hash, "is_active": true, "date_joined": "2019-03-04 05:06:07+00", "is_superuser": false}) +
		line(map[string]any{"email": "unusable@lp.com", "password": "!abc", "is_active": "1"}) +
		line(map[string]any{"email": "plain@lp.com", "plain_password": "pw"}) +
		line(map[string]any{"email": "bad@lp.com", "password": "pw"}) +
		line(map[string]any{"email": "when@lp.com", "created_at": "yesterday"}) +
		line(map[string]any{"email": "active@lp.com", "active": "perhaps"}) +
		line(map[string]any{"email": "memory@lp.com", "password": "$argon2id$v=19$m=1048576,t=3,p=4$ZMzZG0NorfV+r5Xyvre2dg$OedfeVFBSWnSM8Mjwog2PQ"}) +
		"[]\n")
	for _, want := range []string{"line 4: accounts: the password hash is not", "line 5: created_at: want a time", "line 6: active: want true or false",
		"line 7: accounts: the password hash takes 1073741824 bytes of memory", "set hash_memory to 1024 (MiB) or more", "line 8: not a JSON object", "5 entries were not imported"} {
		if !strings.Contains(out.Stderr, want) {
			t.Errorf("no %q in %s", want, out.Stderr)
		}
	}
	if out.Code != 1 || !strings.Contains(out.Stdout, "3 imported, 0 existed already, 5 failed") {
		t.Errorf("status %d, %s", out.Code, out.Stdout)
	}
	s.visitor().post("/login", "email", "django@lp.com", "password", hash.Password).to(303, "/profile")
	s.visitor().post("/login", "email", "plain@lp.com", "password", "pw").to(303, "/profile")
	s.visitor().asJSON().post("/login", "email", "unusable@lp.com", "password", "!abc").problem(401, "bad_credentials")

	for _, test := range []struct {
		input string
		args  []string
		want  string
		code  int
	}{
		{"email,plain_password\ncsv@lp.com,correct horse\n", nil, "1 imported", 0},
		{"Email , roles\nother@lp.com,\n", []string{"--new-ids"}, "1 imported", 0},
		{"email,active\nshort@lp.com\n", nil, "0 imported, 0 existed already, 1 failed", 1},
		{"name,phone\nx,y\n", nil, "neither a column email nor username", 1},
		{"matt@lp.com,$2b$\n", nil, "neither a column email nor username", 1},
		{"", nil, "0 imported", 0},
		{"{}\n", []string{"--format", "json"}, "neither an e-mail address nor a username", 1},
		{"x", []string{"--format", "xml"}, "--format must be csv or json", 1},
	} {
		if out := run(test.input, test.args...); out.Code != test.code || !strings.Contains(out.Stdout+out.Stderr, test.want) {
			t.Errorf("%q %v: status %d, %s%s", test.input, test.args, out.Code, out.Stdout, out.Stderr)
		}
	}
	s.visitor().post("/login", "email", "csv@lp.com", "password", "correct horse").to(303, "/profile")
}

// A user whose authenticator app is imported is asked for its code. A secret that the old
// application has sealed is refused, and not printed.
func TestUsersImportOfAuthenticators(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const (
		secret = "HKDVAKVF2TNBXQ4YGPDLRF5SCZROYPJH"
		sealed = `{"enckey":{"c":14,"k":"S2AI72K76HMT322BYEIDOD7WRYTOBQHU","s":"GTTDZR2YJMEUCCHBPQHQ","t":"1","v":1},"type":"totp","v":1}`
	)
	line := func(email, secret string) string {
		text, err := json.Marshal(map[string]string{"email": email, "plain_password": password, "totp_secret": secret})
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	out := program.Run(t, nil, line("ana@lp.com", secret)+line("jun@lp.com", sealed)+line("kim@lp.com", "no secret"), "users", "import", "--config", s.file)
	if !strings.HasPrefix(out.Stdout, "1 imported, 0 existed already, 2 failed") || !strings.Contains(out.Stderr, "line 2: the secret of the authenticator application is sealed") ||
		!strings.Contains(out.Stderr, "line 3: accounts: the secret of the authenticator application is not 10 to 64 bytes") {
		t.Errorf("%+v", out)
	}
	if text := out.Stdout + out.Stderr; strings.Contains(text, secret) || strings.Contains(text, "S2AI72K76HMT322BYEIDOD7WRYTOBQHU") {
		t.Errorf("a secret is printed: %s", text)
	}
	v := s.visitor()
	v.asJSON().post("/login", "email", "ana@lp.com", "password", password).is(200).says(`{"two_factor":["totp"]}`)
	v.asJSON().post("/two-factor", "code", oathtool(t, secret, 0)).is(200).says(`"user":`)
	for file, content := range s.files() {
		if strings.Contains(string(content), secret) {
			t.Errorf("%s has the secret", file)
		}
	}
}
