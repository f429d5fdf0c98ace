package program_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// oathtool returns the code of an authenticator that others wrote, so many steps from now.
func oathtool(t *testing.T, secret string, later int) string {
	t.Helper()
	at := time.Now().Add(time.Duration(later) * 30 * time.Second).UTC().Format("2006-01-02 15:04:05 UTC")
	out, err := exec.CommandContext(t.Context(), "oathtool", "--totp", "--base32", "--now="+at, secret).Output()
	if err != nil {
		t.Fatalf("oathtool (scripts/need oathtool): %v", err)
	}
	return strings.TrimSpace(string(out))
}

// A second factor is set up, asked for after each log-in, by the codes of another program,
// and reset by an operator. The database has neither its secret nor its recovery codes.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.user("matt@lp.com")
	owner := s.visitor()
	owner.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	owner.through("/connect/hub", "matt").to(303, "/profile")
	var setup struct{ Secret, URI, QR string }
	owner.asJSON().post("/security/totp").is(201).into(&setup)
	if !strings.HasPrefix(setup.QR, "<svg ") || !strings.HasPrefix(setup.URI, "otpauth://totp/") {
		t.Errorf("%+v", setup)
	}
	owner.asJSON().post("/security/totp/confirm", "code", "000000").problem(401, "bad_code")
	var made struct {
		Codes []string `json:"recovery_codes"`
	}
	owner.asJSON().post("/security/totp/confirm", "code", oathtool(t, setup.Secret, 0)).is(200).into(&made)
	if len(made.Codes) != 10 {
		t.Fatalf("%v", made)
	}
	owner.asJSON().get("/session").is(200).says(`"two_factor":true`)

	v := s.visitor()
	v.asJSON().post("/login", "email", "matt@lp.com", "password", password).is(200).says(`{"two_factor":["totp","recovery_code"]}`)
	v.asJSON().get("/session").problem(401, "not_signed_in")
	code := oathtool(t, setup.Secret, 1)
	v.asJSON().post("/two-factor", "code", code).is(200).says(`"user":`)
	v = s.visitor()
	v.through("/login/hub", "matt", "next", "/connections").to(303, "/two-factor?next=%2Fconnections")
	v.asJSON().post("/two-factor", "code", code).problem(401, "bad_code")
	v.post("/two-factor", "recovery_code", made.Codes[0]).to(303, "/connections")

	for file, content := range s.files() {
		for _, secret := range append(made.Codes, setup.Secret, strings.ReplaceAll(made.Codes[1], "-", "")) {
			if strings.Contains(string(content), secret) {
				t.Errorf("%s has %s", file, secret)
			}
		}
	}
	if strings.Contains(s.process.Log(), setup.Secret) {
		t.Error("the log has the secret")
	}
	succeeds(t, "users", "reset-factors", "matt@lp.com", "--config", s.file)
	if !s.process.Logged("second factor was removed") {
		t.Error("no mail about it")
	}
	s.visitor().post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	if n := s.count(`SELECT count(*) FROM social_factors`); n != 0 {
		t.Errorf("%d factors are left", n)
	}
}

// two_factor: required and two_factor_roles lead to setting one up, and off closes it.
func TestSecondFactorSettings(t *testing.T) {
	t.Parallel()
	for i, c := range []settings{{"two_factor": "required"}, {"two_factor_roles": []string{"admin"}}} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s := serve(t, c)
			s.user("matt@lp.com")
			succeeds(t, "roles", "create", "admin", "--config", s.file)
			succeeds(t, "roles", "grant", "matt@lp.com", "admin", "--config", s.file)
			v := s.visitor()
			v.post("/login", "email", "matt@lp.com", "password", password).to(303, "/security/totp")
			v.get("/profile").to(303, "/security/totp?next=%2Fprofile")
			s.visitor().asJSON().post("/login", "email", "matt@lp.com", "password", password).is(200).says(`{"two_factor_setup":true}`)
			var setup struct{ Secret string }
			v.asJSON().post("/security/totp").is(201).into(&setup)
			v.asJSON().post("/security/totp/confirm", "code", oathtool(t, setup.Secret, 0)).is(200)
			v.get("/profile").is(200)
			v.asJSON().do("DELETE", "/security/totp").problem(403, "two_factor_required")
		})
	}
	t.Run("off", func(t *testing.T) {
		t.Parallel()
		s := serve(t, settings{"two_factor": "off"})
		s.signedIn("matt@lp.com").asJSON().post("/security/totp").problem(404, "turned_off")
	})
}
