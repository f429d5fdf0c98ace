// Package mongostore keeps connections, users and sessions in MongoDB: a Store is
// a vault.Store, a vault.Transactor and an accounts.Store in one.
//
// Open connects to the database that a URL names; New takes a database of the
// application's own client. Migrate makes the collections and their indexes.
//
// # What is promised, and on what ground
//
// Whatever has to happen once is one command on one document, which MongoDB
// executes as a whole: a unique index decides who has a provider's account, an
// e-mail address or a username; an update that names the version it replaces in
// its filter decides whose change counts; a lease and a claim are given by one
// conditional update. Several documents change together in a transaction, or,
// where a user's connections are removed, after one document has written down what
// goes.
//
// Writes wait for a majority of the replica set, reads see what a majority has,
// and both go to the primary: what was acknowledged survives a change of the
// primary, and is seen by whoever reads afterwards.
//
// This reasoning is not a measurement. The package's tests run on FerretDB, which
// speaks MongoDB's protocol, behind a front that executes one command or one
// transaction at a time. Where SOCIAL_TEST_MONGODB holds the URL of a replica set,
// TestStore runs there.
//
// # Transactions
//
// InTx puts a transaction into the context; every method called with that context
// joins it, those of both contracts, and so do the application's own commands
// through the same client. Inside it, call the store with that context. InTx calls
// its function again when the transaction came in another's way (the error label
// TransientTransactionError). WithTx joins a transaction that the application began;
// any other session in a context is refused, for it might hold a transaction or not.
//
// A standalone server has no transactions. Open and New refuse one with
// ErrNoTransactions: signing somebody up takes two documents, the user and the
// connection, and without a transaction a crash between them leaves a user who
// cannot log in. A replica set of a single member has them.
// OpenUnsafeWithoutTransactions is for trying things out on what has none.
//
// # What is stored
//
// The collections are named connections, owners, users, sessions, roles, claims,
// one_time, attempts and schema, each behind the prefix. Times are BSON dates, which
// count milliseconds; no time is the year 1. Tokens are stored as the vault sealed
// them, sessions by their hash. A byte that is not UTF-8, zero or 0x1a stands in a
// text as 0x1a and two hex digits. A user with the names of their roles is one document,
// and so is a connection with its token: neither can be larger than MongoDB's 16 MB.
package mongostore
