package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	josejson "github.com/go-jose/go-jose/v4/json"
)

var errSignedProfile = errors.New("a signed user-info answer is not supported; register the client for plain JSON")

// wantsUserInfo reports whether to call the user-info endpoint.
func (c *oidcClient) wantsUserInfo(s *resolved, cl *claims, scopes []string) bool {
	if s.p.Endpoints.UserInfo == "" {
		return false
	}
	switch c.p.UserInfo {
	case UserInfoAlways:
		return true
	case UserInfoNever:
		return false
	}
	return slices.Contains(scopes, "email") && textAt(cl.raw, standardClaims.Email) == "" ||
		slices.Contains(scopes, "profile") && textAt(cl.raw, standardClaims.FullName) == ""
}

// Profile implements Client. The user info's sub must be that of the token's
// ID token.
func (c *oidcClient) Profile(ctx context.Context, t Token) (*Profile, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, err
	}
	if s.p.Endpoints.UserInfo == "" {
		return nil, &ProviderError{Kind: Operator, ProviderID: c.p.ID, Op: opUserInfo, Err: errors.ErrUnsupported}
	}
	var cl *claims
	if t.ID != "" {
		if cl, err = peekClaims(t.ID); err != nil {
			return nil, c.invalid(opUserInfo, err)
		}
	}
	return c.profile(ctx, s, cl, t, true)
}

// profile makes the profile from the ID token's claims (nil when there is none)
// and, if ask is set, the user info.
func (c *oidcClient) profile(ctx context.Context, s *resolved, cl *claims, t Token, ask bool) (*Profile, error) {
	var raw json.RawMessage
	subject := ""
	if cl != nil {
		raw, subject = cl.raw, cl.Subject
	}
	if ask {
		body, err := s.userInfo(ctx, t)
		if err != nil {
			return nil, err
		}
		var info struct {
			Subject string `json:"sub"`
		}
		if !isObject(body) || josejson.Unmarshal(body, &info) != nil {
			return nil, c.invalid(opUserInfo, errors.New("the answer is not the JSON object it should be"))
		}
		if info.Subject == "" || subject != "" && info.Subject != subject {
			return nil, c.invalid(opUserInfo, errors.New("sub is not the ID token's"))
		}
		subject = info.Subject
		if cl == nil {
			raw = body
		} else if raw, err = overlaid(cl.raw, body); err != nil {
			return nil, c.invalid(opUserInfo, err)
		}
	}
	p, err := c.mapped(raw)
	if err != nil {
		return nil, c.invalid(opUserInfo, err)
	}
	if c.p.SubjectOf != nil {
		if cl == nil {
			return nil, c.invalid(opUserInfo, errors.New("there is no ID token for the subject"))
		}
		all, err := cl.all()
		if err != nil {
			return nil, c.invalid(opIDToken, err)
		}
		if subject, err = c.p.SubjectOf(all); err != nil {
			return nil, c.invalid(opIDToken, err)
		}
	}
	if subject == "" || !validSubject(subject) {
		return nil, c.invalid(opIDToken, errNoSubject)
	}
	p.Subject, p.Raw = subject, raw
	if err := s.complete(ctx, &p, t); err != nil {
		return nil, err
	}
	return &p, nil
}

// StandardClaims is the profile in the claims of OpenID Connect Core §5.1.
func StandardClaims() Mapping { return standardClaims }

var standardClaims = Mapping{
	Subject:       "sub",
	DisplayName:   "name|given_name family_name|preferred_username|nickname",
	FullName:      "name|given_name family_name",
	Email:         "email",
	EmailVerified: "email_verified",
	ProfileURL:    "profile",
	ImageURL:      "picture",
}

// mapped turns claims into a profile.
func (c *oidcClient) mapped(raw json.RawMessage) (Profile, error) {
	switch m := c.p.OAuth2.Profile; {
	case c.p.MapProfile != nil:
		return c.p.MapProfile(raw)
	case m != Mapping{}:
		m.Subject = standardClaims.Subject
		return m.profile(raw)
	}
	return standardClaims.profile(raw)
}

// overlaid returns the object below with the members of above. An e-mail address and
// email_verified come from the same one of them.
func overlaid(below, above json.RawMessage) (json.RawMessage, error) {
	var m, over map[string]json.RawMessage
	if err := json.Unmarshal(below, &m); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(above, &over); err != nil {
		return nil, err
	}
	if e, ok := over["email"]; ok && !bytes.Equal(e, []byte("null")) {
		delete(m, "email_verified")
	}
	for k, v := range over {
		m[k] = v
	}
	return json.Marshal(m)
}
