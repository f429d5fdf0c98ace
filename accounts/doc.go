// Package accounts keeps an application's own users: passwords, sessions and
// roles. It works without the rest of Social, and the rest works without it.
//
// Begin with [New], wrap the application in [Accounts.Middleware], guard what
// needs a user with [Accounts.RequireLogin], and ask [Current] who is signed in:
//
//	acc, err := accounts.New(accounts.Config{Store: store, AppURL: "https://app.example.com"})
//	mux.Handle("GET /profile", acc.RequireLogin(profile))
//	http.ListenAndServe(addr, acc.Middleware(mux))
//
// An *Accounts is what package social asks of an application's users.
// Users, sessions and roles live in a [Store]: *sqlstore.Store, or memstore for
// tests.
package accounts
