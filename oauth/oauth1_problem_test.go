package oauth_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

// plainOAuth1 opens a provider whose answers are made without a network.
func plainOAuth1(t *testing.T, answer roundTrip, change ...func(*oauth.OAuth1)) oauth.Client {
	t.Helper()
	p := &oauth.OAuth1{
		ID: "plain", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
		Endpoints: oauth.Endpoints{
			RequestToken: "https://a.test/request", Authorize: "https://a.test/authorize", Token: "https://a.test/token",
			UserInfo: "https://a.test/me", Revoke: "https://a.test/revoke",
		},
		Profile: oauth.Mapping{Subject: "id"},
	}
	for _, f := range change {
		f(p)
	}
	c, err := p.Open(oauth.Env{HTTP: &http.Client{Transport: answer}, Now: func() time.Time { return testNow }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// says is a provider that gives one answer to everything.
func says(status int, authenticate, body string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		if authenticate != "" {
			h.Set("Www-Authenticate", authenticate)
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// oauth1Failures are the errors of the three calls of a log-in and of a revocation.
func oauth1Failures(t *testing.T, c oauth.Client) map[string]*oauth.ProviderError {
	t.Helper()
	token := oauth.Token{Access: "a", Secret: "s"}
	_, request := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback})
	_, access := c.Complete(t.Context(), &oauth.Pending{RequestToken: "r", RequestSecret: "rs"}, url.Values{"oauth_token": {"r"}, "oauth_verifier": {"v"}})
	_, profile := c.Profile(t.Context(), token)
	found := map[string]*oauth.ProviderError{"request token": failure(t, request), "access token": failure(t, access), "user info": failure(t, profile)}
	for op, f := range found {
		if f.Op != op || f.ProviderID != "plain" {
			t.Errorf("%s: got %+v", op, f)
		}
	}
	return found
}

// The words of the OAuth Problem Reporting extension, and what they mean for a token.
func TestOAuth1ProblemWords(t *testing.T) {
	t.Parallel()
	for kind, words := range map[oauth.Kind]string{
		oauth.Rejected: "token_rejected token_revoked token_expired token_used verifier_invalid permission_denied permission_unknown user_refused invalid_token",
		oauth.Operator: "consumer_key_unknown consumer_key_rejected signature_invalid signature_method_rejected version_rejected " +
			"parameter_absent parameter_rejected timestamp_refused",
		oauth.Transient: "consumer_key_refused nonce_used",
	} {
		for _, word := range strings.Fields(words) {
			for _, status := range []int{400, 401, 403} {
				for op, f := range oauth1Failures(t, plainOAuth1(t, says(status, "", "oauth_problem="+word))) {
					want := kind
					if word == "signature_invalid" && op == "access token" && status == 401 {
						want = oauth.Rejected // some say it of the request token
					}
					if f.Kind != want || f.Code != word || f.OwnCode != "" || f.Status != status {
						t.Errorf("%s with %d to the %s: got %+v, want %v", word, status, op, f, want)
					}
				}
			}
		}
	}
}

// What an answer without any word says.
func TestOAuth1AnswersWithoutAProblem(t *testing.T) {
	t.Parallel()
	const rejected, operator, transient = oauth.Rejected, oauth.Operator, oauth.Transient
	for _, tc := range []struct {
		status                   int
		body                     string
		request, access, profile oauth.Kind
	}{
		{200, ``, transient, transient, transient},
		{200, `{"error":"strange"}`, transient, transient, -1},
		{299, `{"error":"strange"}`, transient, transient, -1},
		{300, ``, operator, operator, operator},
		{302, ``, operator, operator, operator},
		{399, ``, operator, operator, operator},
		{400, ``, operator, transient, transient},
		{400, `{"error":"strange"}`, operator, operator, operator},
		{401, ``, operator, rejected, rejected},
		{401, `{"error":"strange"}`, operator, operator, rejected},
		{403, ``, operator, transient, transient},
		{404, ``, operator, transient, transient},
		{420, ``, transient, transient, transient},
		{429, ``, transient, transient, transient},
		{500, `{"error":"token_revoked"}`, transient, transient, transient},
	} {
		answer := says(tc.status, "", tc.body)
		for op, want := range map[string]oauth.Kind{"request token": tc.request, "access token": tc.access, "user info": tc.profile} {
			if want < 0 {
				continue // a profile without a subject
			}
			if f := oauth1Failures(t, plainOAuth1(t, answer))[op]; f.Kind != want || f.Status != tc.status {
				t.Errorf("%d %s to the %s: got %+v, want %v", tc.status, tc.body, op, f, want)
			}
		}
	}
	c := plainOAuth1(t, says(401, "", ""))
	if f := failure(t, c.(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "a"})); f.Kind != rejected || f.Op != "revoke" {
		t.Errorf("401 to a revocation: got %+v", f)
	}
}

// Where servers write the word.
func TestOAuth1WhereTheProblemStands(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ authenticate, body, want string }{
		{``, `oauth_problem=token_revoked`, "token_revoked"},
		{``, `oauth_problem_advice=x&oauth_problem=token_revoked&realm=y`, "token_revoked"},
		{``, "oauth_problem=token_revoked\r\n", "token_revoked"},
		{``, "oauth_problem=token_revoked\n", "token_revoked"},
		{`OAuth oauth_problem=token_revoked`, ``, "token_revoked"},
		{`OAuth realm="x", oauth_problem="token_revoked"`, ``, "token_revoked"},
		{`OAuth oauth_problem=token_revoked, realm="x"`, `<h1>no</h1>`, "token_revoked"},
		{`OAuth oauth_problem=token_revoked realm="x"`, ``, "token_revoked"},
		{`OAuth oauth_problem="token_revoked"`, `oauth_problem=token_expired`, "token_expired"},
		{`OAuth oauth_problem="token_revoked"`, `[]`, "token_revoked"},
		{`OAuth oauth_problem="token_revoked"`, `{"errors":[{"code":`, "token_revoked"},
		{`OAuth oauth_problem="token_revoked"`, `{"error":"token_used"}`, "token_used"},
		{``, `{"errors":[{"code":89}],"error":"x"}`, "89"},
		{``, `{"errors":[],"error":{"code":"token_used"}}`, "token_used"},
		{``, `{"errors":[{"code":`, ""},
		{``, `oauth_problem=`, ""},
		{``, `oauth_problem=&x=y`, ""},
		{``, `oauth_problem=<script>`, "error"},
		{``, `oauth_problem=` + strings.Repeat("x", 65), "error"},
		{`Basic realm="x"`, `no`, ""},
	} {
		for op, f := range oauth1Failures(t, plainOAuth1(t, says(401, tc.authenticate, tc.body))) {
			if f.Code != tc.want {
				t.Errorf("%q and %q to the %s: got %q, want %q", tc.authenticate, tc.body, op, f.Code, tc.want)
			}
		}
	}
}

// Token answers are forms, as loosely as servers write them.
func TestOAuth1TokenAnswers(t *testing.T) {
	t.Parallel()
	type read struct {
		token, secret string
		confirmed, ok bool
	}
	for body, want := range map[string]read{
		"oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true":      {"a", "b", true, true},
		" oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true\r\n": {"a", "b", true, true},
		"oauth_token=a&&oauth_token_secret=&x=y":                                {"a", "", false, true},
		"oauth%5Ftoken=a%2B+b&oauth_token_secret=%26":                           {"a+ b", "&", false, true},
		"%zz=a&oauth_token=b":                                                   {"b", "", false, true},
		"oauth_token=a&oauth_token=%zz&oauth_token_secret=b":                    {"a", "b", false, true},
		"oauth_token=%zz&oauth_token=a&oauth_token_secret=b":                    {"a", "b", false, true},
		"oauth_callback_confirmed=%zz&oauth_callback_confirmed=true":            {"", "", true, true},
		"oauth_token=a&oauth_callback_confirmed=true&oauth_callback_confirmed=": {},
		"x=1&x=2&oauth_token=a&oauth_token_secret=b":                            {"a", "b", false, true},
		"oauth_token=a&oauth_token_secret=b&oauth_token_secret=b":               {},
	} {
		var got read
		if got.token, got.secret, got.confirmed, got.ok = oauth.ParseCredentials(body); got != want {
			t.Errorf("%q: got %+v, want %+v", body, got, want)
		}
	}
}
