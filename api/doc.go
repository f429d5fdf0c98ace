// Package api has what the typed clients of providers' APIs share. Each provider's
// client is a package below this one:
//
//	tw, err := twitter.API(ctx, soc) // for the signed-in user's default connection
//	post, err := tw.PostUpdate(ctx, "Hello")
//
// For Google and GitHub the client is that of a well-kept library, on the
// connection's *http.Client; the others are small clients of our own.
//
// The vault's errors can be tested with errors.Is: vault.ErrNoConnection when the
// user has no connection, vault.ErrNeedsReauthorization when the user has to
// connect again.
package api
