// Package socialtest has pretend providers: servers in this process that speak
// the real protocols, strictly. They serve the demo, this module's tests, and
// the tests of applications.
//
// [Start] runs a [Server] for a test. It hosts several providers, each under a
// path of its own: a pretend Facebook, Twitter, foursquare and Google, a generic
// OpenID provider ("acme") and a generic OAuth 2.0 one ("hub").
//
//	srv := socialtest.Start(t)
//	google := srv.Provider("google")
//	creds := google.Register(socialtest.App{RedirectURIs: []string{callback}})
//
//	p := providers.Google(creds)
//	p.Issuer, p.Endpoints = google.Issuer(), google.Endpoints()
//
// They are on this machine, so the application's configuration says
// AllowPrivateAddresses.
//
// The providers verify signatures, PKCE, redirect URIs, client authentication
// and the single use of codes, and their errors say what was wrong. A person at
// the consent page is played by [Consent]; [Provider.Approve] answers without a
// page. [Provider.ServeWith] switches faults on.
//
// Everything is kept in memory. None of it is fit to guard anything real.
package socialtest
