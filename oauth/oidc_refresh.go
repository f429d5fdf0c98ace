package oauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

// CodeOtherSubject is the Code of a *ProviderError of kind Invalid: a refresh was
// answered with an ID token of another issuer or subject, and nothing of the answer
// was used.
const CodeOtherSubject = "other_subject"

// Refresh implements Refresher.
func (c *oidcClient) Refresh(ctx context.Context, t Token) (*Token, error) {
	fresh, _, err := c.RefreshFor(ctx, t, "")
	return fresh, err
}

// RefreshFor implements IDTokenRefresher. The old refresh token is spent once the
// answer is there, so that a defect of its ID token must not cost the new one: the
// tokens came from the token endpoint itself.
func (c *oidcClient) RefreshFor(ctx context.Context, t Token, subject string) (fresh *Token, dropped, err error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, nil, err
	}
	if fresh, err = s.Refresh(ctx, t); err != nil {
		return nil, nil, err
	}
	if fresh.ID == t.ID { // none came along, or the same
		return fresh, nil, nil
	}
	old, _ := peekClaims(t.ID) // nil when there is none, or none that can be read
	if err := c.sameSubject(fresh, old, subject); err != nil {
		return nil, nil, &ProviderError{Kind: Invalid, ProviderID: c.p.ID, Op: opRefresh, Code: CodeOtherSubject, Err: err}
	}
	if err := c.checkRefreshed(ctx, s, fresh, old, subject); err != nil {
		fresh.ID = t.ID
		return fresh, c.failure(opIDToken, err), nil
	}
	return fresh, nil, nil
}

// sameSubject compares the issuer and the subject that a refreshed ID token names,
// whether it is valid or not, with those of the token before. One that names none
// passes.
func (c *oidcClient) sameSubject(fresh *Token, old *claims, subject string) error {
	payload, _ := peekPayload(fresh.ID)
	cl := claims{raw: payload}
	all, err := cl.all()
	if err != nil {
		return nil
	}
	// Claims of other types are not judged here: an odd date must not hide a subject.
	cl.Issuer, _ = all["iss"].(string)
	cl.Subject, _ = all["sub"].(string) // hooks may rely on a text
	if cl.Issuer != "" {
		accepted := cl.checkIssuer(c.expected(fresh.ClientID)) == nil
		if !accepted || cl.Issuer != c.p.Issuer && old != nil && old.Issuer != cl.Issuer {
			return errors.New("the refreshed ID token names another issuer")
		}
	}
	named := cl.Subject
	if c.p.SubjectClaim != "" || c.p.SubjectOf != nil && cl.Subject != "" {
		if named, err = c.subjectOf(&cl); err != nil {
			named = ""
		}
	}
	if named == "" || subject == "" { // sub does it too, if there is one to compare
		named, subject = cl.Subject, ""
		if old != nil {
			subject = old.Subject
		}
	}
	if named != "" && subject != "" && named != subject {
		return errors.New("the refreshed ID token names another subject")
	}
	return nil
}

// checkRefreshed checks the ID token of a refresh (OpenID Connect Core §12.2).
func (c *oidcClient) checkRefreshed(ctx context.Context, s *resolved, fresh *Token, old *claims, subject string) error {
	cl, alg, err := c.verifyToken(ctx, s, fresh.ID, s.clients.find(fresh.ClientID))
	if err != nil {
		return err
	}
	if err := cl.check(c.expected(fresh.ClientID)); err != nil {
		return err
	}
	if named, err := c.subjectOf(cl); err != nil || subject != "" && named != subject {
		return cmp.Or(err, errors.New("the refreshed ID token does not name one subject"))
	}
	if old != nil {
		if err := cl.keeps(old); err != nil {
			return fmt.Errorf("the refreshed ID token %w", err)
		}
	}
	return cl.checkAccess(alg, fresh.Access)
}
