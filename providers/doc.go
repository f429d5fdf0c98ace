// Package providers is the catalog of providers, as data for package oauth: each entry is at
// one place, in a file by the first letter of its ID.
//
// In Go, take a provider's own function, or [Find] where it has none, and change
// fields before it is first opened:
//
//	google := providers.Google(oauth.Credentials{ClientID: key, ClientSecret: secret})
//	google.Scopes = append(google.Scopes, "https://www.googleapis.com/auth/calendar.readonly")
//
// A program with a configuration file takes [Find] and [Settings], and [Custom]
// for providers that the catalog does not have.
package providers
