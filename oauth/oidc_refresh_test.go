package oauth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// What becomes of the answer of a refresh, by the ID token in it.
const (
	idKept    = "kept"
	idDropped = "dropped" // and the access and refresh tokens are kept
	idOther   = "other"   // nothing of the answer is used
)

// refreshFor refreshes and says what became of the answer.
func refreshFor(t *testing.T, c oauth.Client, before oauth.Token, subject string) string {
	t.Helper()
	fresh, dropped, err := c.(oauth.IDTokenRefresher).RefreshFor(context.Background(), before, subject)
	switch {
	case err != nil:
		if f := failure(t, err); f.Kind != oauth.Invalid || f.Code != oauth.CodeOtherSubject || f.Op != "refresh" || f.ProviderID != c.Description().ID || f.Err == nil {
			t.Errorf("got %v", err)
		}
		if fresh != nil || dropped != nil {
			t.Error("a token came along with the error")
		}
		return idOther
	case fresh.Access == before.Access || fresh.Refresh == before.Refresh || fresh.Refresh == "":
		t.Error("the new tokens were not kept")
	case dropped != nil:
		if fresh.ID != before.ID {
			t.Error("the ID token before was not kept")
		}
		return idDropped
	case fresh.ID == before.ID:
		t.Error("the new ID token was not kept")
	}
	return idKept
}

func TestVault14_RefreshedIDToken(t *testing.T) {
	t.Parallel()
	all := func(changes ...func(map[string]any)) func(map[string]any) {
		return func(claims map[string]any) {
			for _, change := range changes {
				change(claims)
			}
		}
	}
	raw := func(id any) func(map[string]any) { return func(answer map[string]any) { answer["id_token"] = id } }
	for name, test := range map[string]struct {
		claims func(map[string]any)
		answer func(map[string]any)
		want   string
	}{
		"the same":                          {nil, nil, idKept},
		"other sub":                         {set("sub", "victim"), nil, idOther},
		"other iss":                         {set("iss", "https://evil.test"), nil, idOther},
		"other sub, expired":                {all(set("sub", "victim"), set("exp", 1)), nil, idOther},
		"other sub, exp a text":             {all(set("sub", "victim"), set("exp", "soon")), nil, idOther},
		"other sub, aud an object":          {all(set("sub", "victim"), set("aud", map[string]any{})), nil, idOther},
		"other iss, no sub":                 {all(set("iss", "https://evil.test"), without("sub")), nil, idOther},
		"no sub":                            {without("sub"), nil, idDropped},
		"sub a number":                      {set("sub", 7), nil, idDropped},
		"sub null":                          {set("sub", nil), nil, idDropped},
		"sub a zero":                        {set("sub", "0"), nil, idOther},
		"no iss":                            {without("iss"), nil, idDropped},
		"other aud":                         {set("aud", "another-client"), nil, idDropped},
		"one more aud that is trusted":      {set("aud", []string{"client", "api"}), nil, idDropped},
		"one more aud that is not":          {set("aud", []string{"client", "account"}), nil, idDropped},
		"expired":                           {set("exp", 1), nil, idDropped},
		"iat 90 s ahead":                    {func(c map[string]any) { c["iat"] = c["iat"].(int64) + 90 }, nil, idDropped},
		"no iat":                            {without("iat"), nil, idDropped},
		"nbf in the future":                 {func(c map[string]any) { c["nbf"] = c["iat"].(int64) + 3600 }, nil, idDropped},
		"other nonce":                       {set("nonce", "other"), nil, idDropped},
		"other at_hash":                     {set("at_hash", atHash("other")), nil, idDropped},
		"exp a text":                        {set("exp", "1700000000"), nil, idDropped},
		"exp huge":                          {set("exp", 1e99), nil, idDropped},
		"nonce a number":                    {set("nonce", 5), nil, idDropped},
		"azp another":                       {set("azp", "another-client"), nil, idDropped},
		"no JWT":                            {nil, raw("nonsense"), idDropped},
		"an encrypted one":                  {nil, raw("e30.x.y.z.w"), idDropped},
		"a payload that is no base64":       {nil, raw("e30.%.c2ln"), idDropped},
		"a payload that is an array":        {nil, raw("e30.W10.c2ln"), idDropped},
		"longer than an ID token can be":    {nil, raw(string(make([]byte, 70<<10))), idDropped},
		"unsigned, and of the same subject": {nil, func(a map[string]any) { a["id_token"] = a["id_token"].(string) + "x" }, idDropped},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, known := range []string{"subject and ID token", "subject", "ID token"} {
				op := newOpenIDProvider(t)
				p := op.provider()
				p.TrustedAudiences = []string{"api"}
				c := op.open(t, p)
				g := mustLogin(t, op, c)
				before, subject, want := g.Token, g.Profile.Subject, test.want
				switch known {
				case "subject":
					before.ID = "" // as after an import
					if name == "one more aud that is trusted" || name == "other nonce" {
						want = idKept // there is nothing that it differs from
					}
				case "ID token":
					subject = ""
				}
				op.bend(func() {
					op.claims, op.answer = test.claims, test.answer
					op.now = op.now.Add(time.Minute)
				})
				if got := refreshFor(t, c, before, subject); got != want {
					t.Errorf("with the %s known: %s, want %s", known, got, want)
				}
			}
		})
	}
}

func TestVault14_RefreshedIDTokenOfAnotherIssuerThatIsAccepted(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	p := op.provider()
	p.MatchIssuer = func(iss string, _ map[string]any) bool { return iss == "https://alias.test" }
	c := op.open(t, p)
	g := mustLogin(t, op, c)
	op.bend(func() { op.claims = set("iss", "https://alias.test"); op.now = op.now.Add(time.Minute) })
	mustLogin(t, op, c)
	if got := refreshFor(t, c, g.Token, g.Profile.Subject); got != idOther {
		t.Errorf("the issuer changed: %s", got)
	}
	alias := mustLogin(t, op, c)
	op.bend(func() { op.now = op.now.Add(time.Minute) })
	if got := refreshFor(t, c, alias.Token, alias.Profile.Subject); got != idKept {
		t.Errorf("the alias stayed: %s", got)
	}
	op.bend(func() { op.claims = nil })
	if got := refreshFor(t, c, alias.Token, alias.Profile.Subject); got != idKept {
		t.Errorf("the issuer's own name came back: %s", got)
	}
	op.bend(func() { op.claims = set("iss", "https://alias.test") })
	g.Token.ID = ""
	if got := refreshFor(t, c, g.Token, g.Profile.Subject); got != idKept {
		t.Errorf("without an ID token: %s", got)
	}
}

// The subject is compared as log-in makes it of the claims.
func TestVault14_RefreshedIDTokenOfASubjectOfSeveralParts(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*oauth.OIDC){
		"a hook": func(p *oauth.OIDC) {
			p.SubjectOf = func(claims map[string]any) (string, error) {
				tenant, ok := claims["tid"].(string)
				if !ok {
					return "nobody", errors.New("there is no tid")
				}
				return tenant + "/" + claims["sub"].(string), nil
			}
		},
		"claims": func(p *oauth.OIDC) { p.SubjectClaim = "{tid}/{sub}" },
	}
	type want struct{ all, subject, token, nothing string } // by what is known
	for name, test := range map[string]struct {
		claims func(map[string]any)
		answer func(map[string]any)
		want   want
	}{
		"the same":                      {set("tid", "one"), nil, want{idKept, idKept, idKept, idKept}},
		"of another tenant":             {set("tid", "two"), nil, want{idOther, idOther, idKept, idKept}},
		"of no tenant":                  {nil, nil, want{idDropped, idDropped, idDropped, idDropped}},
		"of no tenant, and another sub": {set("sub", "victim"), nil, want{idOther, idDropped, idOther, idDropped}},
		"of no sub":                     {func(m map[string]any) { m["tid"] = "one"; delete(m, "sub") }, nil, want{idDropped, idDropped, idDropped, idDropped}},
		"a payload that is no JSON":     {nil, set("id_token", "e30.eyJh.c2ln"), want{idDropped, idDropped, idDropped, idDropped}},
	} {
		for way, identify := range ways {
			for known, want := range map[string]string{"all": test.want.all, "subject": test.want.subject, "ID token": test.want.token, "nothing": test.want.nothing} {
				op := newOpenIDProvider(t)
				p := op.provider()
				identify(p)
				op.claims = set("tid", "one")
				c := op.open(t, p)
				g := mustLogin(t, op, c)
				before, subject := g.Token, g.Profile.Subject
				if known == "subject" || known == "nothing" {
					before.ID = "" // as after an import
				}
				if known == "ID token" || known == "nothing" {
					subject = ""
				}
				op.bend(func() { op.claims, op.answer, op.now = test.claims, test.answer, op.now.Add(time.Minute) })
				if got := refreshFor(t, c, before, subject); got != want {
					t.Errorf("%s, by %s, with %s known: %s, want %s", name, way, known, got, want)
				}
			}
		}
	}
}

func TestVault14_RefreshWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.fail["/.well-known/openid-configuration"] = http.StatusServiceUnavailable
	c := op.open(t, op.provider())
	fresh, dropped, err := c.(oauth.IDTokenRefresher).RefreshFor(t.Context(), oauth.Token{Access: "a", Refresh: "r"}, "1")
	if f := failure(t, err); f.Kind != oauth.Transient || fresh != nil || dropped != nil {
		t.Errorf("got %+v, %v, %v", fresh, dropped, err)
	}
	if op.count("/token") != 0 {
		t.Error("the refresh token was spent")
	}
	op = newOpenIDProvider(t)
	op.fail["/token"] = http.StatusServiceUnavailable
	fresh, dropped, err = op.open(t, op.provider()).(oauth.IDTokenRefresher).RefreshFor(t.Context(), oauth.Token{Access: "a", Refresh: "r"}, "1")
	if f := failure(t, err); f.Kind != oauth.Transient || f.Op != "refresh" || fresh != nil || dropped != nil {
		t.Errorf("no answer: got %+v, %v, %v", fresh, dropped, err)
	}
}

func TestVault14_RefreshWithoutAnIDTokenKeepsTheOneBefore(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	g := mustLogin(t, op, c)
	op.bend(func() { op.answer = func(m map[string]any) { delete(m, "id_token"); delete(m, "refresh_token") } })
	fresh, dropped, err := c.(oauth.IDTokenRefresher).RefreshFor(context.Background(), g.Token, g.Profile.Subject)
	if err != nil || dropped != nil {
		t.Fatal(err, dropped)
	}
	if fresh.ID != g.Token.ID || fresh.Refresh != g.Token.Refresh {
		t.Error("the ID or refresh token before was not kept")
	}
}

// A provider that rotates refresh tokens has spent the old one by the time that its
// keys turn out to be out of reach, or another than the one that signs.
func TestVault14_RefreshedIDTokenWithoutItsKey(t *testing.T) {
	t.Parallel()
	for name, bend := range map[string]func(*openIDProvider){
		"out of reach": func(op *openIDProvider) {
			op.fail["/keys"] = http.StatusBadGateway
			op.sign = signer(jose.RS256, otherRSA, "new", nil)
		},
		"not in the set": func(op *openIDProvider) { op.sign = signer(jose.RS256, otherRSA, "new", nil) },
		"another one":    func(op *openIDProvider) { op.sign = signer(jose.RS256, otherRSA, "rsa-1", nil) },
	} {
		for _, warm := range []bool{true, false} {
			op := newOpenIDProvider(t)
			c := op.open(t, op.provider())
			g := mustLogin(t, op, c)
			if !warm {
				c = op.open(t, op.provider())
			}
			op.bend(func() { bend(op); op.now = op.now.Add(time.Minute) })
			if got := refreshFor(t, c, g.Token, g.Profile.Subject); got != idDropped {
				t.Errorf("%s, key set loaded before: %v: %s", name, warm, got)
			}
			op.bend(func() { op.claims = set("sub", "victim") })
			if got := refreshFor(t, c, g.Token, g.Profile.Subject); got != idOther {
				t.Errorf("%s, of another subject: %s", name, got)
			}
		}
	}
}

// What changes in a refreshed ID token though it must not (OpenID Connect Core §12.2)
// costs that ID token, also where something else names the user.
func TestVault14_RefreshedIDTokensKeepTheirClaims(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before, after map[string]any
		want          string
	}{
		"nothing":                        {nil, nil, idKept},
		"sub beside another claim":       {nil, map[string]any{"sub": "other"}, idDropped},
		"aud in another order":           {map[string]any{"aud": []string{"client", "api"}}, map[string]any{"aud": []string{"api", "client"}}, idKept},
		"one aud less":                   {map[string]any{"aud": []string{"client", "api"}}, nil, idDropped},
		"one aud more":                   {nil, map[string]any{"aud": []string{"client", "api"}}, idDropped},
		"the nonce stays":                {map[string]any{}, map[string]any{"nonce": "same"}, idKept},
		"another nonce":                  {map[string]any{}, map[string]any{"nonce": "other"}, idDropped},
		"a nonce, before there was none": {map[string]any{"nonce": nil}, map[string]any{"nonce": "new"}, idKept},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			p := op.provider()
			p.SubjectClaim, p.TrustedAudiences = "oid", []string{"api"}
			c := op.open(t, p)
			claims := map[string]any{
				"iss": op.URL, "sub": "248289761001", "oid": "o-1", "aud": "client", "nonce": "same",
				"exp": op.now.Add(time.Hour).Unix(), "iat": op.now.Unix(),
			}
			for k, v := range tt.before {
				claims[k] = v
			}
			payload, err := json.Marshal(claims)
			if err != nil {
				t.Fatal(err)
			}
			before := oauth.Token{Access: "a", Refresh: "r", ID: secret.Text(op.sign(payload))}
			op.claims = func(m map[string]any) {
				m["oid"] = "o-1"
				for k, v := range tt.after {
					m[k] = v
				}
			}
			if got := refreshFor(t, c, before, "o-1"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A claim that names the user is not looked for in what is no JSON.
func TestVault14_RefreshedIDTokensThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{`{"oid":"o`, `{"oid"`, `{`, `[]`, ``, `x`, "null"} {
		op := newOpenIDProvider(t)
		p := op.provider()
		p.SubjectClaim = "oid"
		op.answer = set("id_token", "h."+base64.RawURLEncoding.EncodeToString([]byte(payload))+".s")
		if got := refreshFor(t, op.open(t, p), oauth.Token{Access: "a", Refresh: "r"}, "o-1"); got != idDropped {
			t.Errorf("%s: got %s", payload, got)
		}
	}
}
