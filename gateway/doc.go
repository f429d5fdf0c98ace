// Package gateway lets other programs act for an application's users: programs in any
// language, jobs, agents. A machine client authenticates itself, and gets users' access
// tokens, fresh ones, by RFC 8693 token exchange, and what it may know of their connections.
// It never gets a refresh token. Through the proxy it calls a provider's API with no token of
// the user's at all.
//
// Begin with [New], and serve [Gateway.Handler] at an address of its own that browsers of
// strangers do not reach; command social does both with gateway: true. Clients are made by
// [Gateway.CreateClient], or social clients create. docs/gateway.md in the repository has the
// HTTP contract.
//
// What a client may do is bounded by its [Scopes]: which tenants, which providers, and which
// powers. What is outside of the tenants and providers is as if it were not there.
package gateway
