package oauth

import (
	"context"
	"errors"
	"net/http"
)

// Profile calls the user-info endpoint.
func (c *oauth1Client) Profile(ctx context.Context, t Token) (*Profile, error) {
	if c.p.ProfileFromToken {
		return nil, &ProviderError{Kind: Operator, ProviderID: c.p.ID, Op: opUserInfo, Err: errors.ErrUnsupported}
	}
	if t.Access == "" {
		return nil, &ProviderError{Kind: Rejected, ProviderID: c.p.ID, Op: opUserInfo, Err: ErrNoToken}
	}
	a, err := c.send(ctx, opUserInfo, http.MethodGet, c.p.Endpoints.UserInfo, c.p.UserInfoParams, t)
	if err != nil {
		return nil, err
	}
	return c.profileOf(a)
}

// profileOf makes the profile of a user-info answer.
func (c *oauth1Client) profileOf(a *answer) (*Profile, error) {
	var p Profile
	var err error
	if c.p.MapProfile != nil {
		p, err = c.p.MapProfile(a.body)
	} else {
		p, err = c.p.Profile.profile(a.body)
	}
	if errors.Is(err, errProfileJSON) {
		f := c.failed(a, opUserInfo)
		f.Err = err
		return nil, f
	}
	if err == nil {
		err = checkSubject(p.Subject)
	}
	if err != nil {
		return nil, &ProviderError{Kind: Invalid, ProviderID: c.p.ID, Op: opUserInfo, Err: err}
	}
	p.Raw = a.body
	p.tidy()
	return &p, nil
}
