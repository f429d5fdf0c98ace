// Package social lets people log in to an application with their accounts at
// Google, GitHub, Facebook and others, connect those accounts, and lets the
// application act for them through the providers' APIs.
//
// Begin with [New] and mount [Social.Handler]; package web has pages around it.
// In a handler of the application, [Social.Connection] finds the signed-in
// user's connection and [Social.Client] returns an [net/http.Client] whose
// requests are signed and whose token is refreshed when due.
//
// [Users] is what the application has to bring: who is signed in, and how to
// sign a user in. Package accounts is a ready implementation.
//
// Beside requests, run [vault.Vault.Run] in the background.
//
// # Stability
//
// There is no version 1 yet: names of every package of this module may still
// change.
package social
