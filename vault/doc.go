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
// the new token is stored before it is used. A refresh that fails has one of
// three reasons (see [Connection] and [Status]): the provider or the network
// fails for the moment, the application's own registration is at fault, or the
// user has to connect again, which is [ErrNeedsReauthorization].
// docs/refresh.md in the repository explains the steps, and how they are checked.
//
// A [Store] keeps the connections: package sqlstore has one, and vault/memstore
// one for tests. It gets tokens sealed under a [keyring.Ring] only. Providers are
// a fixed list, or come from a [Source] that may change at run time.
//
// Tenants share a store without seeing each other's connections. The context says
// which tenant a call is for; without one it is the default tenant. What is done
// with a [Connection], such as [Vault.Client], is done in the connection's tenant.
//
// The package needs no users and no pages: a worker or a proxy can use it
// alone, on the store that package social fills.
package vault
