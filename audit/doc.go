// Package audit keeps a log of what happens to accounts and connections: who did what to
// which account, from where. A row is written in the transaction that makes the change,
// so that there is no change without a row and no row without a change.
//
// Give Record of a [Log] to the packages whose events it should keep:
//
//	log, err := audit.New(audit.Config{Store: store})
//	acc, err := accounts.New(accounts.Config{
//		Record: func(ctx context.Context, e accounts.Event) error { return log.Record(ctx, e) },
//		…
//	})
//
// The store has to be the one of those packages, for there to be one transaction. Rows are
// listed by user, by event and by time with [Log.List]; [Log.After] reads them in an order
// that does not change, for programs that follow the log. [Log.Jobs] deletes old rows.
//
// Rows carry no secrets and nothing that a visitor entered, because events do not.
// They have addresses of clients, and outlive the account that they are about until they
// are as old as Config.Retention says.
package audit
