package program_test

import "testing"

// A proof that is too long ago is asked for again, and counted when it is wrong.
func TestVerify(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"throttle": settings{"verify_account": 2}})
	s.user("matt@lp.com")
	v := s.visitor()
	v.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	v.through("/connect/google", "matt").to(303, "/profile")
	c := s.configuration()
	c["fresh_for"] = "1ns"
	s.restart(c)
	v.asJSON().post("/connect/hub").problem(401, "reauthentication_required")
	v.post("/connect/hub", "next", "/connections").to(303, "/verify?next=%2Fconnections")
	v.asJSON().do("DELETE", "/connect/google").problem(401, "reauthentication_required")
	v.post("/connect/google", "_method", "DELETE", "header:Referer", s.url+"/connections").to(303, "/verify?next=%2Fconnections")
	v.get("/verify?next=/connections").is(200).says(`action="/verify"`, `action="/verify/google"`)
	v.through("/verify/google", "matt", "next", "/connections").to(303, "/connections")
	v.asJSON().post("/verify", "password", password).is(200).says(`{"fresh_until":"`)
	v.asJSON().post("/verify", "password", "wrong horse").problem(401, "bad_credentials")
	v.asJSON().post("/verify", "password", "wrong horse").problem(401, "bad_credentials")
	v.asJSON().post("/verify", "password", password).problem(429, "throttled")
	s.visitor().get("/verify").to(303, "/login?next=%2Fverify")
}
