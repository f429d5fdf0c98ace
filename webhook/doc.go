// Package webhook tells other programs what has happened: to accounts, to connections and to
// the gateway. It sends events of the audit log as signed requests, in the form of Standard
// Webhooks (standardwebhooks.com), at least once each, and those of one connection in their
// order.
//
// Begin with [New], and run [Sender.Jobs]. An endpoint is made by [Sender.Create]. A receiver
// verifies the signature with any library of Standard Webhooks, answers 2xx within ten
// seconds, and ignores an event whose ID it has seen.
package webhook
