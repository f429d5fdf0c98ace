// Package api holds typed clients for the APIs of providers: a package each,
// below this one.
//
//	tw, err := twitter.API(ctx, soc) // for the signed-in user's default connection
//	post, err := tw.PostUpdate(ctx, "Hello")
//
// Where the ecosystem keeps a good library (Google, GitHub) that one is handed
// the connection's *http.Client; the others are small clients of our own.
//
// What only the vault can know comes through as its errors, to be tested with
// errors.Is: vault.ErrNoConnection when there is none,
// vault.ErrNeedsReauthorization when the user has to connect again.
package api
