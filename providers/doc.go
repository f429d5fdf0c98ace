// Package providers is the catalog: one short file a provider, nothing but data
// for package oauth and a profile mapping.
//
// In Go, take a provider's own function and change fields before it is first
// opened:
//
//	google := providers.Google(oauth.Credentials{ClientID: key, ClientSecret: secret})
//	google.Scopes = append(google.Scopes, "https://www.googleapis.com/auth/calendar.readonly")
//
// A program with a configuration file takes [Find] and [Settings], and [Custom]
// for providers that the catalog does not have.
package providers
