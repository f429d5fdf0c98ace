package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/gosocial/social/secret"

	josejson "github.com/go-jose/go-jose/v4/json"
)

var errSignedProfile = errors.New("a signed user-info answer is OpenID Connect's; register the client for plain JSON")

// wantsUserInfo reports whether to call the user-info endpoint. requested are the scopes
// that were asked for.
func (c *oidcClient) wantsUserInfo(s *resolved, cl *claims, t *Token, requested []string) bool {
	if s.p.Endpoints.UserInfo == "" || t.Access == "" {
		return false
	}
	switch c.p.UserInfo {
	case UserInfoAlways:
		return true
	case UserInfoNever:
		return false
	}
	m := c.mapping()
	granted := func(scope string) bool {
		return slices.Contains(requested, scope) && c.about.MissingScopes([]string{scope}, t.Scopes) == nil
	}
	return granted("email") && textAt(cl.raw, m.Email) == "" || granted("profile") && textAt(cl.raw, m.FullName) == ""
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
	var documents []json.RawMessage // the better one first
	subject := ""
	if cl != nil {
		raw, subject = cl.raw, cl.Subject
		documents = append(documents, cl.raw)
	}
	if ask {
		body, err := c.userInfo(ctx, s, t)
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
		documents = append([]json.RawMessage{body}, documents...)
		if cl == nil {
			raw = body
		} else if raw, err = overlaid(cl.raw, body, c.p.Authority.Claim); err != nil {
			return nil, c.invalid(opUserInfo, err)
		}
	}
	p, err := c.mapped(raw, documents)
	if err != nil {
		return nil, c.invalid(opUserInfo, err)
	}
	if c.namesSubject() {
		if cl == nil {
			return nil, c.invalid(opUserInfo, errors.New("there is no ID token for the subject"))
		}
		if subject, err = c.subjectOf(cl); err != nil {
			return nil, c.invalid(opIDToken, err)
		}
	}
	if err := checkSubject(subject); err != nil {
		return nil, c.invalid(opIDToken, err)
	}
	p.Subject, p.Raw = subject, raw
	p.tidy()
	return &p, nil
}

// namesSubject reports whether another claim than sub identifies the user.
func (c *oidcClient) namesSubject() bool { return c.p.SubjectOf != nil || c.p.SubjectClaim != "" }

// subjectOf returns what identifies the user in an ID or logout token.
func (c *oidcClient) subjectOf(cl *claims) (string, error) {
	switch {
	case c.p.SubjectOf != nil:
		all, err := cl.all()
		if err != nil {
			return "", err
		}
		return c.p.SubjectOf(all)
	case c.p.SubjectClaim != "":
		subject, ok := subjectAt(cl.raw, c.p.SubjectClaim)
		if !ok {
			return "", fmt.Errorf("the ID token has no usable subject at %s", c.p.SubjectClaim)
		}
		return subject, nil
	}
	return cl.Subject, checkSubject(cl.Subject)
}

// userInfo fetches the user info. A signed answer is verified (OpenID Connect Core
// §5.3.2).
func (c *oidcClient) userInfo(ctx context.Context, s *resolved, t Token) (json.RawMessage, error) {
	body, err := s.userInfo(ctx, t)
	if err != nil || json.Valid(body) {
		return body, err
	}
	client, err := s.clients.of(t.ClientID, c.p.ID, opUserInfo)
	if err != nil {
		return nil, err
	}
	cl, _, err := c.verifyToken(ctx, s, secret.Text(body), client)
	if err != nil {
		return nil, c.failure(opUserInfo, err)
	}
	if err := cl.checkInfo(c.expected(client.id)); err != nil {
		return nil, c.invalid(opUserInfo, err)
	}
	return cl.raw, nil
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

// mapping returns the paths of the profile.
func (c *oidcClient) mapping() Mapping {
	if c.p.OAuth2.Profile == (Mapping{}) {
		return standardClaims
	}
	return c.p.OAuth2.Profile
}

// mapped turns claims into a profile without a subject. Address and email_verified
// are of one of the documents that the claims were merged from.
func (c *oidcClient) mapped(raw json.RawMessage, documents []json.RawMessage) (Profile, error) {
	if c.p.MapProfile != nil {
		p, err := c.p.MapProfile(raw)
		p.EmailVerified = p.EmailVerified && c.p.Authority.covers(raw, p.Email)
		return p, err
	}
	m := c.mapping()
	p := m.fields(raw)
	for _, document := range documents {
		p.Email = emailAt(document, m.Email)
		p.EmailVerified = p.Email != "" && verifiedAt(document, m.EmailVerified) && c.p.Authority.covers(document, p.Email)
		if p.Email != "" {
			break
		}
	}
	return p, nil
}

// overlaid returns the object below with the members of above. The e-mail address and
// what is said of it come from the same one of them.
func overlaid(below, above json.RawMessage, authority string) (json.RawMessage, error) {
	var m, over map[string]json.RawMessage
	if err := json.Unmarshal(below, &m); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(above, &over); err != nil {
		return nil, err
	}
	drop := over
	if emailAt(above, standardClaims.Email) != "" {
		drop = m
	}
	for _, name := range [...]string{"email", "email_verified", authority} {
		delete(drop, name)
	}
	for k, v := range over {
		m[k] = v
	}
	return json.Marshal(m)
}
