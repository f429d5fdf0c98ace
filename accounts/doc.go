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
// Strangers do not learn who has an account: a log-in answers unknown and known names
// alike, in text and time. Registration is the exception: as long as no mail confirms addresses it
// has to say that one is taken. It is throttled by network
// ([Throttle.NetworkRegistrations]), and counts attempts before it looks an address up.
//
// A stranger may register with another person's address. Until the address is proved such an
// account is never linked to a provider's, and [Accounts.VerifyAndTakeOver] hands it over
// clean to the person who proves the address.
//
// A second factor is asked for wherever a session begins: the session is limited then
// ([LimitedSession]) until [Accounts.FinishFactor] has seen the factor. A page of the user's
// sets one up with [Accounts.SetUpTOTP] and [Accounts.ConfirmTOTP].
//
// Programs act for a user with an API token, which [Accounts.CreateToken] makes and
// [Accounts.Middleware] takes: see [CurrentToken] and [Accounts.RequireScope]. A request
// with one has a user and no session.
//
// An *Accounts implements the interface Users of package social, and its optional
// ones. Users, sessions and roles are in a [Store]: *sqlstore.Store, or memstore in
// tests. Each tenant has its own; see social.WithTenant.
package accounts
