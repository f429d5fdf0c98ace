// Package accounts keeps an application's own users: passwords, sessions and
// roles. It works without the rest of Social, and the rest works without it.
//
// Begin with [New], wrap the application in [Accounts.Middleware], guard what needs a
// user with [Accounts.RequireLogin], and get the signed-in user from [Current]:
//
//	acc, err := accounts.New(accounts.Config{Store: store, AppURL: "https://app.example.com"})
//	mux.Handle("GET /profile", acc.RequireLogin(profile))
//	http.ListenAndServe(addr, acc.Middleware(mux))
//
// An *Accounts implements the interface Users of package social, and its optional
// ones. Users, sessions and roles are in a [Store]: *sqlstore.Store, or memstore in
// tests. Each tenant has its own; see social.WithTenant.
package accounts
