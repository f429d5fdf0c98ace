// Package mail sends the mails of an application's accounts: links and codes, and
// notices of what changed.
//
// A [Letter] is what a mail says. [Templates] make a [Message] of it: a mail in HTML and
// as text. A [Mailer], which has one method, sends messages: package mail/smtp has one
// for a mail server, package mailtest one for tests. A [Queue] keeps mails, sealed, in
// the application's store until they are sent, so that no request waits for a mail
// server and its outage loses nothing.
package mail
