// Package storetest tells whether a store keeps the contracts of packages vault
// and accounts.
package storetest
