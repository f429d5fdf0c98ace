// Package smtp sends mails through a mail server. [New] makes a mail.Mailer of an
// address such as smtp://user:password@mail.example.com:587.
//
// It is a module of its own, because it needs github.com/wneessen/go-mail.
package smtp
