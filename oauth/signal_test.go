package oauth_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

const (
	sessionsRevoked = "https://schemas.openid.net/secevent/risc/event-type/sessions-revoked"
	tokensRevoked   = "https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked"
	janeSubject     = "248289761001"
)

func signalClaims(op *openIDProvider) map[string]any {
	return map[string]any{
		"iss": op.URL, "aud": "client", "jti": "one", "iat": op.now.Unix(),
		"sub_id": map[string]any{"format": "iss_sub", "iss": op.URL, "sub": janeSubject},
		"events": map[string]any{sessionsRevoked: map[string]any{}},
	}
}

func verifySignal(t *testing.T, op *openIDProvider, p *oauth.OIDC, claims map[string]any) (*oauth.Signal, error) {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return op.open(t, p).(oauth.SignalVerifier).VerifySignal(t.Context(), secret.Text(op.sign(payload)))
}

// refusedAs checks that a token itself is refused, with the code.
func refusedAs(t *testing.T, err error, code string) {
	t.Helper()
	refusal, ok := errors.AsType[*oauth.SignalError](err)
	if !ok || refusal.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
	wantKind(t, err, oauth.Invalid)
}

func TestSecurity27_SignalClaims(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * 3600
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Unix()
	for name, tt := range map[string]struct {
		bend func(map[string]any)
		code string // "" for none
	}{
		"good":               {func(map[string]any) {}, ""},
		"other iss":          {set("iss", "https://evil.test"), "invalid_issuer"},
		"no iss":             {without("iss"), "invalid_issuer"},
		"other aud":          {set("aud", "another-client"), "invalid_audience"},
		"no aud":             {without("aud"), "invalid_audience"},
		"an empty aud":       {set("aud", ""), "invalid_audience"},
		"one aud of several": {set("aud", []string{"another-client", "client"}), ""},
		"a trusted aud":      {set("aud", "app-id"), ""},
		"no iat":             {without("iat"), "invalid_request"},
		"from the future":    {set("iat", now+61), "invalid_request"},
		"a minute ahead":     {set("iat", now+60), ""},
		"a week old":         {set("iat", now-week), ""},
		"older":              {set("iat", now-week-1), "invalid_request"},
		"expired":            {set("exp", now-60), "invalid_request"},
		"just not expired":   {set("exp", now-59), ""},
		"no jti":             {without("jti"), "invalid_request"},
		"jti of 255 bytes":   {set("jti", strings.Repeat("j", 255)), ""},
		"jti of 256 bytes":   {set("jti", strings.Repeat("j", 256)), "invalid_request"},
		"jti a number":       {set("jti", 7), "invalid_request"},
		"an ID token":        {set("nonce", "n"), "invalid_request"},
		"no events":          {without("events"), "invalid_request"},
		"events empty":       {set("events", map[string]any{}), "invalid_request"},
		"events a list":      {set("events", []string{sessionsRevoked}), "invalid_request"},
		"events a text":      {set("events", `{"type":"x","sub":"y"}`), "invalid_request"},
		"a type to obey":     {set("events", map[string]any{"\x1b[2J": map[string]any{}}), "invalid_request"},
		"a long type":        {set("events", map[string]any{strings.Repeat("t", 256): map[string]any{}}), "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			p := op.provider()
			p.TrustedAudiences = []string{"app-id"}
			claims := signalClaims(op)
			tt.bend(claims)
			got, err := verifySignal(t, op, p, claims)
			if tt.code != "" {
				refusedAs(t, err, tt.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			e := got.Events[0]
			if got.ID != claims["jti"] || e.Subject != janeSubject || e.Effect != oauth.SignalSessionsEnded || e.Type != sessionsRevoked ||
				got.Expiry.Sub(got.At) != week*time.Second+time.Minute {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestSecurity27_SignalSignature(t *testing.T) {
	t.Parallel()
	long := secret.Text("s3cret-of-the-client-that-is-long-enough")
	for name, sign := range map[string]func([]byte) string{
		"alg none":  rawJWS(`{"alg":"none"}`, func([]byte) []byte { return nil }),
		"other key": signer(jose.RS256, otherRSA, "rsa-1", nil),
		"a secret":  signer(jose.HS256, []byte(long), "", nil),
		"not a JWS": func([]byte) string { return "x" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.sign = sign
			p := op.provider()
			p.Algorithms = []string{"RS256", "HS256"} // as ID tokens may be
			p.Credentials[0].ClientSecret = long
			_, err := verifySignal(t, op, p, signalClaims(op))
			refusedAs(t, err, "invalid_key")
		})
	}
	t.Run("keys out of reach", func(t *testing.T) {
		t.Parallel()
		op := newOpenIDProvider(t)
		op.fail["/keys"] = 503
		_, err := verifySignal(t, op, op.provider(), signalClaims(op))
		if _, refused := errors.AsType[*oauth.SignalError](err); refused || err == nil {
			t.Errorf("got %v: the provider would not send it again", err)
		}
	})
}

func TestSignalSubject(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	issSub := func(iss, sub string) map[string]any {
		return map[string]any{"format": "iss_sub", "iss": iss, "sub": sub}
	}
	for name, tt := range map[string]struct {
		whole any // sub_id
		event any // subject
		sub   any // of the token
		want  string
	}{
		"of the token":             {whole: issSub(op.URL, "a"), want: "a"},
		"of the event":             {event: issSub(op.URL, "b"), want: "b"},
		"the event's own first":    {whole: issSub(op.URL, "a"), event: issSub(op.URL, "b"), want: "b"},
		"as of old":                {event: map[string]any{"subject_type": "iss-sub", "iss": op.URL, "sub": "c"}, want: "c"},
		"claims of an ID token":    {event: map[string]any{"subject_type": "id_token_claims", "iss": op.URL, "sub": "d", "email": "x@y.test"}, want: "d"},
		"of a complex one":         {event: map[string]any{"format": "complex", "user": issSub(op.URL, "e"), "session": map[string]any{"format": "opaque", "id": "s"}}, want: "e"},
		"sub of the token":         {sub: "f", want: "f"},
		"of another issuer":        {whole: issSub("https://evil.test", "a"), want: ""},
		"of no issuer":             {whole: issSub("", "a"), want: ""},
		"an e-mail address":        {whole: map[string]any{"format": "email", "email": "jane@example.com"}, want: ""},
		"an e-mail address, sub":   {whole: map[string]any{"format": "email", "email": "jane@example.com"}, sub: "f", want: ""},
		"a token":                  {event: map[string]any{"subject_type": "oauth_token", "token": "x"}, want: ""},
		"a subject that is none":   {whole: issSub(op.URL, "null"), want: ""},
		"nothing":                  {want: ""},
		"one that is no object":    {event: "a", want: ""},
		"a user that is no object": {event: map[string]any{"format": "complex", "user": "a"}, want: ""},
	} {
		claims := signalClaims(op)
		delete(claims, "sub_id")
		if tt.whole != nil {
			claims["sub_id"] = tt.whole
		}
		if tt.sub != nil {
			claims["sub"] = tt.sub
		}
		event := map[string]any{}
		if tt.event != nil {
			event["subject"] = tt.event
		}
		claims["events"] = map[string]any{tokensRevoked: event}
		got, err := verifySignal(t, op, op.provider(), claims)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if e := got.Events[0]; e.Subject != tt.want || e.Effect != oauth.SignalTokensRevoked {
			t.Errorf("%s: got %+v, want %q", name, e, tt.want)
		}
	}
	// Where other claims make the subject, sub says nothing.
	p := op.provider()
	p.SubjectClaim = "oid"
	if got, err := verifySignal(t, op, p, signalClaims(op)); err != nil || got.Events[0].Subject != "" {
		t.Errorf("with another claim for a subject: %+v, %v", got, err)
	}
}

// Several events have the order of their types, and too many are refused.
func TestSignalEvents(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	claims := signalClaims(op)
	claims["events"] = map[string]any{"z": map[string]any{}, "a": map[string]any{}, sessionsRevoked: map[string]any{}}
	got, err := verifySignal(t, op, op.provider(), claims)
	if err != nil || len(got.Events) != 3 || got.Events[0].Type != "a" || got.Events[0].Effect != oauth.SignalNothing || got.Events[2].Type != "z" {
		t.Errorf("got %+v, %v", got, err)
	}
	many := map[string]any{}
	for i := range 33 {
		many[strings.Repeat("x", i+1)] = map[string]any{}
	}
	claims["events"] = many
	_, err = verifySignal(t, op, op.provider(), claims)
	refusedAs(t, err, "invalid_request")
}

// A provider's own form: one event as text, and an issuer of its own.
func TestSignalsOfAProvider(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	p := op.provider()
	p.Signals = oauth.Signals{Issuer: "https://signals.test", OneEvent: true, Effects: map[string]oauth.SignalEffect{"gone": oauth.SignalRemoved}}
	claims := signalClaims(op)
	claims["iss"] = "https://signals.test"
	for text, want := range map[string]oauth.SignalEvent{
		`{"type":"gone","sub":"a"}`:  {Type: "gone", Effect: oauth.SignalRemoved, Subject: "a"},
		`{"type":"other","sub":"a"}`: {Type: "other", Subject: "a"},
		`{"type":"gone"}`:            {Type: "gone", Effect: oauth.SignalRemoved},
	} {
		claims["events"] = text
		if got, err := verifySignal(t, op, p, claims); err != nil || len(got.Events) != 1 || got.Events[0] != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	for _, text := range []any{`{}`, `[]`, ``, map[string]any{"type": "gone"}, `{"sub":"a"}`} {
		claims["events"] = text
		_, err := verifySignal(t, op, p, claims)
		refusedAs(t, err, "invalid_request")
	}
	claims["iss"] = op.URL
	_, err := verifySignal(t, op, p, claims)
	refusedAs(t, err, "invalid_issuer")
}
