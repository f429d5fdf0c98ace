package providers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

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
		ScopeTexts: map[string]string{
			"read:user":   "see your profile",
			"user:email":  "see your e-mail addresses",
			"repo":        "see and change all your repositories",
			"public_repo": "see and change your public repositories",
			"gist":        "write gists for you",
		},
		// An answer names a scope that contains another instead of it.
		ScopeAliases:   map[string]string{"read:user": "user", "user:email": "user"},
		TokenAuth:      oauth.AuthPost,
		Hints:          map[string]string{"login_hint": "login", "prompt": "prompt"},
		ChooseAccount:  url.Values{"prompt": {"select_account"}},
		Reauthenticate: url.Values{"prompt": {"select_account"}}, // it has no stronger one
		APIHeader: http.Header{
			"Accept":               {"application/vnd.github+json"},
			"X-Github-Api-Version": {"2022-11-28"},
		},
		Profile: oauth.Mapping{
			Subject: "id", DisplayName: "login", FullName: "name",
			Email:      "email", // the public one, of which nothing is said
			ProfileURL: "html_url", ImageURL: "avatar_url",
		},
		ErrorCodes: githubCodes(),
		APIHosts:   []string{"uploads.github.com"},
		Revocation: oauth.Revocation{
			Method: http.MethodDelete, Auth: oauth.AuthBasic, JSON: true, Field: "access_token",
			// A 404 may also be about the client ID: it ends nothing.
			Only: "access_token", Gone: []oauth.Condition{"422"}, EndsGrant: true,
		},
		TrustEmail:  true,
		RegisterURL: "https://github.com/settings/developers",
	}
	p.CompleteProfile = func(ctx context.Context, profile *oauth.Profile, get func(context.Context, string) (json.RawMessage, error)) error {
		if p.Endpoints.Emails == "" {
			return nil
		}
		err := githubEmail(profile, p.Endpoints.Emails, func(address string) (json.RawMessage, error) { return get(ctx, address) })
		var refused *oauth.ProviderError
		if errors.As(err, &refused) && (refused.Status == http.StatusForbidden || refused.Status == http.StatusNotFound) {
			return nil // the user, or the app, did not grant the addresses: the profile's public one stays
		}
		return err
	}
	return p
}

const (
	githubLeast = 30 // the smallest page that may have a next one
	githubPages = 10
)

// githubEmail puts the primary address into the profile if it is verified. It may be on
// any page of the list.
func githubEmail(p *oauth.Profile, address string, get func(string) (json.RawMessage, error)) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("the address of the e-mail addresses is not a URL")
	}
	q := u.Query()
	q.Set("per_page", "100") // the most
	for page := 1; page <= githubPages; page++ {
		q.Set("page", strconv.Itoa(page))
		u.RawQuery = q.Encode()
		raw, err := get(u.String())
		if err != nil {
			return err
		}
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
				return nil
			}
		}
		if len(emails) < githubLeast {
			return nil
		}
	}
	return nil
}
