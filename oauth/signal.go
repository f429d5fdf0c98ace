package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/secret"

	josejson "github.com/go-jose/go-jose/v4/json"
)

// A SignalVerifier is a Client whose provider reports what has happened to its users'
// accounts, by security event tokens (RFC 8417), as in the OpenID Shared Signals Framework
// with its profiles RISC and CAEP.
type SignalVerifier interface {
	// VerifySignal checks everything of a security event token but that it was not used
	// before: for that the caller claims its ID until it expires. Errors: *ProviderError;
	// what is wrong with the token itself has the Kind Invalid and wraps a *SignalError.
	VerifySignal(ctx context.Context, raw secret.Text) (*Signal, error)
	// SignalForm returns how the provider sends its tokens.
	SignalForm() SignalForm
}

// A SignalForm is how a provider sends security event tokens.
type SignalForm struct {
	// Field is the member of a JSON object that has the token, "" where the token is the
	// body itself (RFC 8935 §2.1).
	Field string
}

// Signals are what differs in a provider's security event tokens from the standard.
type Signals struct {
	// Issuer is their iss, and that of their subjects, where it is not the provider's.
	Issuer string
	// Field is as in SignalForm.
	Field string
	// OneEvent says that the claim events is the JSON text of one event, with the members
	// type and sub, in place of an object of events.
	OneEvent bool
	// Effects are the provider's own types of events, beside those of RISC and CAEP.
	Effects map[string]SignalEffect
}

// A Signal is the content of a security event token.
type Signal struct {
	ID     string        // jti
	At     time.Time     // iat
	Expiry time.Time     // until when the token counts
	Events []SignalEvent // at least one
}

// A SignalEvent is something that has happened to an account at the provider.
type SignalEvent struct {
	Type    string       // as the provider names it: a URI, or a word of its own
	Effect  SignalEffect // what follows from it
	Subject string       // as in Profile; "" when the event names no user, or in another way
}

// A SignalEffect is what an event means for the application.
type SignalEffect string

// The effects.
const (
	// SignalNothing: it is worth knowing, and nothing has ended.
	SignalNothing SignalEffect = ""
	// SignalSessionsEnded: the user's sessions have ended at the provider, or cannot be
	// trusted any more.
	SignalSessionsEnded SignalEffect = "sessions_ended"
	// SignalTokensRevoked: the user's tokens have ended, and so have sessions.
	SignalTokensRevoked SignalEffect = "tokens_revoked"
	// SignalRemoved: the user has removed the application, or has no account there any more.
	SignalRemoved SignalEffect = "removed"
)

// A SignalError is why a security event token is refused. Code is the error code with which
// its transmitter is answered (RFC 8935 §2.4).
type SignalError struct {
	Code   string // "invalid_request", "invalid_key", "invalid_issuer" or "invalid_audience"
	Reason string
}

// Error returns the reason.
func (e *SignalError) Error() string { return e.Reason }

// effects are what the events of the standards mean: RISC 1.0 §2, CAEP 1.0 §3 and, before
// those, the event types of OAuth. The others that they have end nothing.
var effects = map[string]SignalEffect{
	"https://schemas.openid.net/secevent/risc/event-type/sessions-revoked":       SignalSessionsEnded,
	"https://schemas.openid.net/secevent/risc/event-type/account-disabled":       SignalSessionsEnded,
	"https://schemas.openid.net/secevent/risc/event-type/account-purged":         SignalRemoved,
	"https://schemas.openid.net/secevent/caep/event-type/session-revoked":        SignalSessionsEnded,
	"https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked":        SignalTokensRevoked,
	"https://schemas.openid.net/secevent/oauth/event-type/authorization-revoked": SignalRemoved,
}

const (
	opSignal = "signal"

	// maxSignalAge bounds how old a token may be, since transmitters send again for days
	// what was not taken (RFC 8935 §2.2), and so how long its ID has to be remembered.
	maxSignalAge    = 7 * 24 * time.Hour
	maxSignalEvents = 32
)

// SignalForm implements SignalVerifier.
func (c *oidcClient) SignalForm() SignalForm { return SignalForm{Field: c.p.Signals.Field} }

// VerifySignal implements SignalVerifier.
func (c *oidcClient) VerifySignal(ctx context.Context, raw secret.Text) (*Signal, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, err
	}
	cl, alg, err := c.verifyToken(ctx, s, raw, s.clients[0])
	switch {
	case err == nil && alg == "HS256":
		err = errors.New("the token is signed with a secret")
		fallthrough
	case err != nil:
		failed := c.failure(opSignal, &SignalError{"invalid_key", err.Error()})
		if f, ok := errors.AsType[*ProviderError](err); ok {
			failed = f // the keys could not be fetched
		}
		return nil, failed
	}
	signal, err := c.judgeSignal(s, cl)
	if err != nil {
		return nil, c.invalid(opSignal, err)
	}
	return signal, nil
}

// judgeSignal checks the claims (RFC 8417 §2.2).
func (c *oidcClient) judgeSignal(s *resolved, cl *claims) (*Signal, error) {
	var more struct {
		ID      string          `json:"jti"`
		Events  json.RawMessage `json:"events"`
		Subject json.RawMessage `json:"sub_id"` // RFC 9493 §4.1
	}
	if err := josejson.Unmarshal(cl.raw, &more); err != nil {
		return nil, &SignalError{"invalid_request", shapeOnly(err).Error()}
	}
	e := c.expected("")
	if own := c.p.Signals.Issuer; own != "" {
		e.issuer, e.match = own, nil
	}
	if err := cl.checkIssuer(e); err != nil {
		return nil, &SignalError{"invalid_issuer", err.Error()}
	}
	if !slices.ContainsFunc(cl.Audience, func(a string) bool {
		return a != "" && (s.clients.find(a) != nil || slices.Contains(c.trusted, a))
	}) {
		return nil, &SignalError{"invalid_audience", "aud does not name this client"}
	}
	reason := ""
	switch at := cl.Issued.time(); {
	case !cl.Issued.set:
		reason = "iat is missing"
	case at.After(e.now.Add(e.skew)):
		reason = "iat lies in the future"
	case at.Before(e.now.Add(-maxSignalAge)):
		reason = "iat is too long ago"
	case cl.Expiry.set && !e.now.Before(cl.Expiry.time().Add(e.skew)):
		reason = "exp has passed"
	case more.ID == "" || len(more.ID) > maxSubject:
		reason = "jti is missing or too long"
	case cl.Nonce != "":
		reason = "there is a nonce: this is an ID token"
	}
	if reason != "" {
		return nil, &SignalError{"invalid_request", reason}
	}
	events, err := c.events(more.Events, more.Subject, cl)
	if err != nil {
		return nil, &SignalError{"invalid_request", err.Error()}
	}
	return &Signal{ID: more.ID, At: cl.Issued.time(), Expiry: cl.Issued.time().Add(maxSignalAge + e.skew), Events: events}, nil
}

// events reads the claim events. Their order is that of their types.
func (c *oidcClient) events(claim, whole json.RawMessage, cl *claims) ([]SignalEvent, error) {
	if c.p.Signals.OneEvent {
		one := []byte(plainText(claim))
		if !isObject(one) || plainText(at(one, "type")) == "" {
			return nil, errors.New("events is not the text of an event")
		}
		name := plainText(at(one, "type"))
		return []SignalEvent{{Type: name, Effect: c.effect(name), Subject: c.userOf(plainText(at(one, "sub")))}}, nil
	}
	var byType map[string]json.RawMessage
	if josejson.Unmarshal(claim, &byType) != nil || len(byType) == 0 || len(byType) > maxSignalEvents {
		return nil, errors.New("events is not an object with a few events")
	}
	var events []SignalEvent
	for _, name := range slices.Sorted(maps.Keys(byType)) {
		if len(name) > maxSubject || !clean(name) {
			return nil, errors.New("events names a type that is none")
		}
		subject := c.signalSubject(at(byType[name], "subject"))
		if subject == "" {
			subject = c.signalSubject(whole)
		}
		if subject == "" && whole == nil && cl.Subject != "" {
			subject = c.userOf(cl.Subject) // of the token's own issuer (RFC 8417 §2.2)
		}
		events = append(events, SignalEvent{Type: name, Effect: c.effect(name), Subject: subject})
	}
	return events, nil
}

func (c *oidcClient) effect(name string) SignalEffect {
	if own, ok := c.p.Signals.Effects[name]; ok {
		return own
	}
	return effects[name]
}

// signalSubject returns the subject of this provider that a subject identifier names by
// issuer and subject (RFC 9493 §3.2.6): plain, or as the user of a complex one. An e-mail
// address or a phone number never says who it is.
func (c *oidcClient) signalSubject(id json.RawMessage) string {
	if !isObject(id) {
		return ""
	}
	if user := at(id, "user"); isObject(user) {
		id = user
	}
	format := plainText(at(id, "format"))
	if format == "" {
		format = strings.ReplaceAll(plainText(at(id, "subject_type")), "-", "_") // older drafts
	}
	if format != "iss_sub" && format != "id_token_claims" {
		return ""
	}
	iss := plainText(at(id, "iss"))
	if iss == "" || iss != c.p.Issuer && iss != c.p.Signals.Issuer && (c.p.MatchIssuer == nil || !c.p.MatchIssuer(iss, nil)) {
		return ""
	}
	return c.userOf(plainText(at(id, "sub")))
}

// userOf returns a sub that is a Profile.Subject, else "": where that is made of other
// claims, nothing is known.
func (c *oidcClient) userOf(sub string) string {
	if c.namesSubject() || checkSubject(sub) != nil {
		return ""
	}
	return sub
}
