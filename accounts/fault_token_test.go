package accounts_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
)

// token makes an API token of matt's.
func (s *faultySite) token() (token apitoken.Token) {
	check(s.t, s.quietly(func() (err error) {
		_, token, err = s.CreateTokenFor(s.t.Context(), s.matt.ID, accounts.NewToken{Name: "deploy"})
		return err
	}))
	return token
}

// At any call about API tokens the store may fail: see failAtAnyCall.
func TestStoreFailsAtAnyCallAboutTokens(t *testing.T) {
	t.Parallel()
	failAtAnyCall(t, map[string]faultyCall{
		"CreateToken": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			check(s.t, s.quietly(func() error { b.enroll(); return s.Grant(s.t.Context(), s.matt.ID, "admin") }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				text, _, err := s.CreateToken(r, accounts.NewToken{Name: "deploy"})
				if text != "" != (err == nil) {
					s.t.Errorf("a token, and %v", err)
				}
				return err
			}, s.cookie)
		},
		"Tokens": func(s *faultySite, ctx context.Context) error { _, err := s.Tokens(ctx, s.matt.ID); return err },
		"DeleteToken": func(s *faultySite, _ context.Context) error {
			token := s.token()
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.DeleteToken(r, token.ID) }, s.cookie)
		},
		"EndTokens": func(s *faultySite, ctx context.Context) error {
			s.token()
			_, err := s.EndTokens(ctx, s.matt.ID)
			return err
		},
		"SetActive with a token": func(s *faultySite, ctx context.Context) error {
			s.token()
			return s.SetActive(ctx, s.matt.ID, false)
		},
	})
}
