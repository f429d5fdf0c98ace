// Package vault keeps users' connections to providers and their tokens: sealed
// at rest, fresh when they are used, and ended at the provider when the user
// disconnects.
//
// Begin with [New]. [Vault.Connect] keeps a grant, and [Vault.Client] is the
// HTTP client that acts for its user: it signs requests, refreshes the token
// when it is due, and lets it go to the provider's hosts only. Run [Vault.Run]
// in the background, and call [Vault.Wait] before the process ends.
//
// A token is refreshed once, however many requests and processes need it: the
// row is leased, the call runs detached from the request that caused it, and
// the new token is stored before anybody gets it. What a failed refresh means
// is told apart (see [Connection] and [Status]): the provider or the network
// fails for the moment, the application's own registration is at fault, or only
// the user can mend it, which is [ErrNeedsReauthorization].
//
// docs/refresh.md in the repository explains how, and how it is checked.
//
// Where connections are kept is a [Store]: package sqlstore has one, and
// vault/memstore one for tests. Tokens reach it sealed under a [Keyring].
//
// The package needs no users and no pages: a worker or a proxy can use it
// alone, on the store that package social fills.
package vault
