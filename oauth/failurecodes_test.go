package oauth_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// standardCodes are the error codes of the standards, each with what it means.
var standardCodes = map[string]oauth.Kind{
	"invalid_grant": oauth.Rejected, "access_denied": oauth.Rejected,
	"invalid_client": oauth.Operator, "unauthorized_client": oauth.Operator, "invalid_request": oauth.Operator, "invalid_scope": oauth.Operator,
	"unsupported_grant_type": oauth.Operator, "unsupported_response_type": oauth.Operator,
	"temporarily_unavailable": oauth.Transient, "server_error": oauth.Transient,
	"invalid_token": oauth.Rejected, "insufficient_scope": oauth.Operator,
	"unsupported_token_type": oauth.Operator, "invalid_redirect_uri": oauth.Operator, "invalid_target": oauth.Operator,
	"expired_token": oauth.Rejected, "slow_down": oauth.Transient,
	"interaction_required": oauth.Rejected, "login_required": oauth.Rejected, "consent_required": oauth.Rejected,
	"account_selection_required": oauth.Rejected,
}

// Each code means the same wherever it comes, and a provider's own may mean it.
func TestErrorCodesOfTheStandards(t *testing.T) {
	t.Parallel()
	for code, kind := range standardCodes {
		s := newStrictProvider(t)
		d := s.provider()
		d.ErrorCodes = map[string]string{"mine": code}
		c := s.open(t, d)
		for _, own := range []string{code, "mine"} {
			_, err := c.Complete(t.Context(), &oauth.Pending{State: testState}, url.Values{"state": {testState}, "error": {own}})
			var f *oauth.ProviderError
			switch {
			case code == "access_denied":
				if !errors.Is(err, oauth.ErrDenied) {
					t.Errorf("callback with %s: %v", own, err)
				}
			case !errors.As(err, &f) || f.Kind != kind || f.Code != code || f.ProviderID != "strict":
				t.Errorf("callback with %s, meaning %s: %v", own, code, err)
			}
			s.answer = func(w http.ResponseWriter) { refuse(w, http.StatusBadRequest, own) }
			s.refresh["r"] = true
			_, err = c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "r"})
			if f := failure(t, err); f.Kind != kind || f.Code != code || (f.OwnCode == "mine") != (own == "mine") || f.ProviderID != "strict" {
				t.Errorf("refresh with %s, meaning %s: %v", own, code, err)
			}
		}
	}
}

// The status decides where there is no code, and where a server is busy.
func TestVault09_StatusesOfRefusals(t *testing.T) {
	t.Parallel()
	const dead, unknown, page = `{"error":"invalid_grant"}`, `{"error":"of_its_own"}`, " \n<html>"
	for _, tt := range []struct {
		status int
		body   string
		kind   oauth.Kind
	}{
		{400, dead, oauth.Rejected}, {401, dead, oauth.Rejected}, {403, dead, oauth.Rejected},
		{408, dead, oauth.Transient}, {425, dead, oauth.Transient}, {429, dead, oauth.Transient}, {500, dead, oauth.Transient}, {503, dead, oauth.Transient},
		{200, unknown, oauth.Transient}, {299, unknown, oauth.Transient}, {300, unknown, oauth.Operator}, {400, unknown, oauth.Operator}, {401, unknown, oauth.Operator},
		{400, "", oauth.Operator}, {400, "{}", oauth.Operator}, {400, page, oauth.Transient},
		{401, "", oauth.Operator}, {403, "", oauth.Transient}, {404, "", oauth.Transient}, {403, page, oauth.Transient},
	} {
		s := newStrictProvider(t)
		s.answer = func(w http.ResponseWriter) { w.WriteHeader(tt.status); io.WriteString(w, tt.body) }
		s.refresh["r"] = true
		_, err := s.open(t, s.provider()).(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "r"})
		if f := failure(t, err); f.Kind != tt.kind || f.Status != tt.status {
			t.Errorf("%d %s: %v, want %v", tt.status, tt.body, err, tt.kind)
		}
	}
	// Without a word 400 speaks of the client at refreshes alone, and a dead refresh
	// token's words are about refreshing.
	for body, kind := range map[string]oauth.Kind{"": oauth.Transient, `{"error":"invalid_request","error_description":"Value passed for the token was invalid."}`: oauth.Operator} {
		s := newStrictProvider(t)
		s.revocation = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400); io.WriteString(w, body) }
		if f := revoke(t, s.open(t, s.provider()), oauth.Token{Access: "a"}); f == nil || f.Kind != kind {
			t.Errorf("a revocation, %s: %v", body, f)
		}
	}
}

// A code is of letters, digits and a few signs, and not long: it ends up in logs.
func TestErrorCodesAreCodes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 64)
	for value, want := range map[string]string{
		`"az_AZ-09.x"`: "az_AZ-09.x", `"` + long + `"`: long, `"` + long + `x"`: "error",
		`"` + "a`" + `"`: "error", `"a{"`: "error", `"a@"`: "error", `"a["`: "error", `"a/"`: "error", `"a:"`: "error",
		`"a b"`: "error", `"<script>"`: "error", `"a\u0000"`: "error", `"é"`: "error",
		`""`: "", `null`: "", `[]`: "", `17`: "", `true`: "",
		`{}`: "error", `{"message":"x"}`: "error",
		`{"code":190,"type":"x"}`: "190", `{"code":0,"status":"DENIED"}`: "DENIED", `{"code":"","error_code":"e-1"}`: "e-1",
		`{"error_code":"e","status":"s"}`: "e", `{"status":"s","type":"t"}`: "s", `{"type":"t"}`: "t", `{"code":"<b>"}`: "error",
	} {
		if _, code, _, ok := oauth.ParseToken([]byte(`{"error":` + value + `}`)); code != want || !ok {
			t.Errorf("%s: got %q, want %q", value, code, want)
		}
	}
	for form, want := range map[string]string{"error=a%3Cb": "error", "error=mine&x=1": "mine"} {
		if _, code, _, ok := oauth.ParseToken([]byte(form)); code != want || !ok {
			t.Errorf("%s: got %q, want %q", form, code, want)
		}
	}
}

// What is wrong with a provider's own words is said with the field's name.
func TestWordsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*oauth.OAuth2){
		"Denied: ":          func(p *oauth.OAuth2) { p.Denied = []oauth.Condition{"no"} },
		"Refused: ":         func(p *oauth.OAuth2) { p.Refused = []oauth.Condition{"no"} },
		"DeadRefresh: ":     func(p *oauth.OAuth2) { p.DeadRefresh = []oauth.Condition{"no"} },
		"Revocation.Gone: ": func(p *oauth.OAuth2) { p.Revocation.Gone = []oauth.Condition{"no"} },
		"ErrorCodes: mine cannot mean yours": func(p *oauth.OAuth2) {
			p.ErrorCodes = map[string]string{"mine": "yours"}
		},
	} {
		p := newStrictProvider(t).provider()
		change(p)
		if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
