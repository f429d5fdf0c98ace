package oauth_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

func TestOAuth1KindsOfFailure(t *testing.T) {
	t.Parallel()
	type want struct{ request, access, profile oauth.Kind }
	twitterSays := func(status int, code string) socialtest.Fault {
		return socialtest.Answer(status, "application/json", `{"errors":[{"code":`+code+`,"message":"secret-token-value"}]}`)
	}
	for name, tc := range map[string]struct {
		fault socialtest.Fault
		want
	}{
		"503":                 {socialtest.Unavailable(), want{oauth.Transient, oauth.Transient, oauth.Transient}},
		"429":                 {socialtest.TooManyRequests(7 * time.Second), want{oauth.Transient, oauth.Transient, oauth.Transient}},
		"420":                 {socialtest.Answer(420, "text/plain", "calm"), want{oauth.Transient, oauth.Transient, oauth.Transient}},
		"over capacity":       {twitterSays(403, "130"), want{oauth.Transient, oauth.Transient, oauth.Transient}},
		"no answer":           {socialtest.Reset(), want{oauth.Transient, oauth.Transient, oauth.Transient}},
		"a page":              {socialtest.HTML(), want{oauth.Transient, oauth.Transient, oauth.Transient}},
		"nothing":             {socialtest.Answer(200, "text/plain", ""), want{oauth.Transient, oauth.Transient, oauth.Transient}},
		"too large":           {socialtest.Bytes(3 << 20), want{oauth.Invalid, oauth.Invalid, oauth.Invalid}},
		"401":                 {socialtest.Answer(401, "text/plain", "no"), want{oauth.Operator, oauth.Rejected, oauth.Rejected}},
		"401 of Keystone":     {socialtest.Answer(401, "application/json", `{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}`), want{oauth.Operator, oauth.Operator, oauth.Rejected}},
		"401 in own words":    {socialtest.Answer(401, "application/json", `{"error":"no_such_token"}`), want{oauth.Operator, oauth.Operator, oauth.Rejected}},
		"401 page":            {socialtest.Answer(401, "text/html", "<h1>no</h1>"), want{oauth.Operator, oauth.Rejected, oauth.Rejected}},
		"401 JSON":            {socialtest.Answer(401, "application/json", `{"message":"no"}`), want{oauth.Operator, oauth.Rejected, oauth.Rejected}},
		"expired token":       {twitterSays(401, "89"), want{oauth.Rejected, oauth.Rejected, oauth.Rejected}},
		"suspended user":      {twitterSays(403, "64"), want{oauth.Rejected, oauth.Rejected, oauth.Rejected}},
		"bad signature":       {twitterSays(401, "32"), want{oauth.Operator, oauth.Rejected, oauth.Operator}},
		"clock":               {twitterSays(401, "135"), want{oauth.Operator, oauth.Operator, oauth.Operator}},
		"callback unapproved": {twitterSays(403, "415"), want{oauth.Operator, oauth.Operator, oauth.Operator}},
		"403 page":            {socialtest.Answer(403, "text/html", "<h1>blocked</h1>"), want{oauth.Operator, oauth.Transient, oauth.Transient}},
		"unknown code":        {twitterSays(403, "9999"), want{oauth.Operator, oauth.Operator, oauth.Operator}},
		"problem in the body": {socialtest.Answer(401, form, "oauth_problem=consumer_key_unknown&oauth_problem_advice=x"), want{oauth.Operator, oauth.Operator, oauth.Operator}},
		"problem, nonce":      {socialtest.Answer(401, form, "oauth_problem=nonce_used"), want{oauth.Transient, oauth.Transient, oauth.Transient}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twitter, c := pretendTwitter(t)
			p := beginOAuth1(t, c)
			answer := decide(t, p, "matt", true)
			for _, endpoint := range []socialtest.Endpoint{socialtest.EndpointRequestToken, socialtest.EndpointToken, socialtest.EndpointUserInfo} {
				twitter.ServeWith(endpoint, tc.fault)
			}
			_, requestErr := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback})
			_, accessErr := c.Complete(t.Context(), p, answer)
			_, profileErr := c.Profile(t.Context(), oauth.Token{Access: "secret-token-value", Secret: "s"})
			got := want{failure(t, requestErr).Kind, failure(t, accessErr).Kind, failure(t, profileErr).Kind}
			if got != tc.want {
				t.Errorf("%v, want %v:\n%v\n%v\n%v", got, tc.want, requestErr, accessErr, profileErr)
			}
			if name == "429" && failure(t, accessErr).RetryAfter != 7*time.Second {
				t.Errorf("RetryAfter %v", failure(t, accessErr).RetryAfter)
			}
			for _, err := range []error{requestErr, accessErr, profileErr} {
				for _, secret := range []string{"secret-token-value", p.RequestToken, p.RequestSecret.Reveal(), answer.Get("oauth_verifier")} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error tells a secret: %v", err)
					}
				}
			}
		})
	}
}

func TestOAuth1AnswersThatDoNotHold(t *testing.T) {
	t.Parallel()
	twitter, c := pretendTwitter(t)
	for name, body := range map[string]string{
		"token twice":  "oauth_token=a&oauth_token=b&oauth_token_secret=c",
		"secret twice": "oauth_token=a&oauth_token_secret=b&oauth_token_secret=c",
		"no token":     "oauth_token_secret=c",
		"empty token":  "oauth_token=&oauth_token_secret=c",
		"no secret":    "oauth_token=a",
	} {
		p := beginOAuth1(t, c)
		answer := decide(t, p, "matt", true)
		twitter.ServeWith(socialtest.EndpointToken, socialtest.Answer(200, form, body))
		if g, err := c.Complete(t.Context(), p, answer); g != nil || failure(t, err).Op != "access token" {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
	twitter.ServeWith(socialtest.EndpointToken)
	for name, fault := range map[string]socialtest.Fault{
		"no subject":    socialtest.WithoutField("id"),
		"null subject":  socialtest.Field("id", nil),
		"zero subject":  socialtest.Field("id", 0),
		"float subject": socialtest.Field("id", 1.5),
		"empty object":  socialtest.Answer(200, "application/json", `{}`),
	} {
		p := beginOAuth1(t, c)
		answer := decide(t, p, "matt", true)
		twitter.ServeWith(socialtest.EndpointUserInfo, fault)
		if g, err := c.Complete(t.Context(), p, answer); g != nil || failure(t, err).Kind != oauth.Invalid {
			t.Errorf("%s: %v, %v", name, g, err)
		}
		twitter.ServeWith(socialtest.EndpointUserInfo)
	}
}

func TestSecurity21_OAuth1SubjectOfAHookIsJudgedToo(t *testing.T) {
	t.Parallel()
	twitter, _ := pretendTwitter(t)
	app := twitter.Register(socialtest.App{RedirectURIs: []string{oauth1Callback}})
	token := twitter.Grant(app.ClientID, "matt")
	for subject, good := range map[string]bool{"tenant/7": true, "": false, "0": false, " 7": false, "7\x00": false} {
		p := &oauth.OAuth1{
			ID: "twitter", Credentials: []oauth.Credentials{app}, Endpoints: twitter.Endpoints(),
			MapProfile: func(json.RawMessage) (oauth.Profile, error) { return oauth.Profile{Subject: subject}, nil },
		}
		c, err := p.Open(oauth.Env{HTTP: http.DefaultClient})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Profile(t.Context(), token)
		if good {
			if err != nil || got.Subject != subject || len(got.Raw) == 0 {
				t.Errorf("%q: %+v, %v", subject, got, err)
			}
		} else if failure(t, err).Kind != oauth.Invalid {
			t.Errorf("%q: %v", subject, err)
		}
	}
}

func TestOAuth1OpenNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := func() *oauth.OAuth1 {
		return &oauth.OAuth1{
			ID: "t", Credentials: []oauth.Credentials{{ClientID: "c", ClientSecret: "canary"}},
			Endpoints: oauth.Endpoints{RequestToken: "https://a.test/r", Authorize: "https://a.test/a?x=1", Token: "https://a.test/t", UserInfo: "https://a.test/u"},
			Profile:   oauth.Mapping{Subject: "id"},
		}
	}
	if _, err := good().Open(oauth.Env{}); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*oauth.OAuth1){
		"ID is missing":              func(p *oauth.OAuth1) { p.ID = "" },
		"Credentials is empty":       func(p *oauth.OAuth1) { p.Credentials = nil },
		"ClientID is missing":        func(p *oauth.OAuth1) { p.Credentials[0].ClientID = "" },
		"ClientSecret is missing":    func(p *oauth.OAuth1) { p.Credentials[0].ClientSecret = "" },
		"Endpoints.RequestToken":     func(p *oauth.OAuth1) { p.Endpoints.RequestToken = "" },
		"Endpoints.Authorize":        func(p *oauth.OAuth1) { p.Endpoints.Authorize = "/a" },
		"oauth_token":                func(p *oauth.OAuth1) { p.Endpoints.Authorize += "&oauth_token=x" },
		"Endpoints.Token":            func(p *oauth.OAuth1) { p.Endpoints.Token = "ftp://a.test" },
		"Endpoints.UserInfo":         func(p *oauth.OAuth1) { p.Endpoints.UserInfo = "" },
		"Endpoints.Revoke":           func(p *oauth.OAuth1) { p.Endpoints.Revoke = "x" },
		"UserInfoParams":             func(p *oauth.OAuth1) { p.UserInfoParams = url.Values{"oauth_nonce": {"x"}} },
		"Profile.Subject":            func(p *oauth.OAuth1) { p.Profile = oauth.Mapping{} },
		"Endpoints.Token is missing": func(p *oauth.OAuth1) { p.ProfileFromToken, p.Endpoints.Token = true, "" },
		"ErrorCodes":                 func(p *oauth.OAuth1) { p.ErrorCodes = map[string]string{"1": "no_word_of_any_standard"} },
		"ChooseAccount":              func(p *oauth.OAuth1) { p.ChooseAccount = url.Values{"oauth_token": {"x"}} },
		"Reauthenticate":             func(p *oauth.OAuth1) { p.Reauthenticate = url.Values{"oauth_token": {"x"}} },
		"of Hints":                   func(p *oauth.OAuth1) { p.Hints = map[string]string{"login_hint": "OAuth_token"} },
		"APIHosts":                   func(p *oauth.OAuth1) { p.APIHosts = []string{"https://x"} },
	} {
		p := good()
		change(p)
		c, err := p.Open(oauth.Env{})
		if c != nil || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
	p := good()
	p.Endpoints.UserInfo = "https://a.test/u"
	c, _ := p.Open(oauth.Env{})
	if err := c.Sign(request(t, "GET", "https://a.test/", "", ""), oauth.Token{}); err == nil {
		t.Error("signed without a token")
	}
	if got, want := c.Description(), p.Description(); !reflect.DeepEqual(got, want) || got.Name != "t" {
		t.Errorf("%+v, want %+v", got, want)
	}
}
