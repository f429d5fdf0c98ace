// Package vault keeps users' connections to providers and their tokens: sealed
// at rest, fresh when they are used, and ended at the provider when the user
// disconnects.
package vault
