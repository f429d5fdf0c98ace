// Package accounts keeps an application's own users: passwords, sessions and
// roles. It works without the rest of Social, and the rest works without it.
package accounts
