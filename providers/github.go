package providers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

// GitHub is an OAuth or GitHub App, OAuth 2.0.
func GitHub(credentials ...oauth.Credentials) *oauth.OAuth2 {
	p := &oauth.OAuth2{
		ID: "github", Name: "GitHub", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://github.com/login/oauth/authorize",
			Token:     "https://github.com/login/oauth/access_token",
			UserInfo:  "https://api.github.com/user",
			Emails:    "https://api.github.com/user/emails",
			Revoke:    "https://api.github.com/applications/{client_id}/grant",
			API:       "https://api.github.com",
		},
		Scopes: []string{"read:user", "user:email"},
		// An answer names a scope that contains another instead of it.
		ScopeAliases:  map[string]string{"read:user": "user", "user:email": "user"},
		TokenAuth:     oauth.AuthPost,
		Hints:         map[string]string{"login_hint": "login", "prompt": "prompt"},
		ChooseAccount: url.Values{"prompt": {"select_account"}},
		APIHeader: http.Header{
			"Accept":               {"application/vnd.github+json"},
			"X-Github-Api-Version": {"2022-11-28"},
		},
		Profile: oauth.Mapping{
			Subject: "id", DisplayName: "login", FullName: "name",
			ProfileURL: "html_url", ImageURL: "avatar_url",
		},
		ErrorCodes: githubCodes(),
		APIHosts:   []string{"uploads.github.com"},
		Revocation: oauth.Revocation{
			Method: http.MethodDelete, Auth: oauth.AuthBasic, JSON: true, Field: "access_token",
			Only: "access_token", Gone: []oauth.Condition{"404", "422"}, EndsGrant: true,
		},
		TrustEmail:  true,
		RegisterURL: "https://github.com/settings/developers",
	}
	p.CompleteProfile = func(ctx context.Context, profile *oauth.Profile, get func(context.Context, string) (json.RawMessage, error)) error {
		if p.Endpoints.Emails == "" {
			return nil
		}
		raw, err := get(ctx, p.Endpoints.Emails)
		var refused *oauth.ProviderError
		if errors.As(err, &refused) && (refused.Status == http.StatusForbidden || refused.Status == http.StatusNotFound) {
			return nil // the user, or the app, did not grant the addresses
		}
		if err != nil {
			return err
		}
		return githubEmail(profile, raw)
	}
	return p
}

func githubEmail(p *oauth.Profile, raw json.RawMessage) error {
	var emails []struct {
		Email    string `json:"email"`
		Primary  bool   `json:"primary"`
		Verified bool   `json:"verified"`
	}
	if err := json.Unmarshal(raw, &emails); err != nil {
		return errors.New("the e-mail addresses are not the list they should be")
	}
	for _, e := range emails {
		if e.Primary && e.Verified {
			p.Email, p.EmailVerified = e.Email, true
		}
	}
	return nil
}
