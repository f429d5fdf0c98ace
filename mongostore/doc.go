// Package mongostore keeps connections, users and sessions in MongoDB: a Store is a
// vault.Store, a vault.Transactor and an accounts.Store in one. It is a module of its
// own:
//
//	go get github.com/gosocial/social/mongostore
//
// Open connects to the database that a URL names; New takes a database of the
// application's own client. Migrate makes the collections and their indexes, and until
// then every call is schema.ErrOlder.
//
// # Guarantees
//
// Everything that must happen once is one command on one document, which MongoDB
// executes as a whole. A unique index decides who has a provider's account, an e-mail
// address or a username. An update whose filter has the version that it replaces
// decides which change counts. A lease and a claim are given by one conditional update.
// Several documents change together in a transaction. To remove connections, one
// document first notes which, and then they are deleted.
//
// Writes wait for a majority of the replica set, reads see what a majority has, and
// both go to the primary: a write that was acknowledged survives a change of the
// primary, and later reads see it.
//
// This is reasoned and not measured. The package's tests run on FerretDB, which speaks
// MongoDB's protocol, through a proxy that executes one command or one transaction at a
// time. When SOCIAL_TEST_MONGODB holds the URL of a replica set, TestStore runs there.
//
// # Tenants
//
// Every document belongs to a tenant, and unique keys include it: two applications with
// different tenants may share the collections. The IDs of connections and of one-time
// values, and the hashes of sessions, are unique among all tenants.
//
// # Transactions
//
// InTx puts a transaction into the context; every method called with that context joins
// it, those of both contracts, and so do the application's own commands through the
// same client. Inside it, call the store with that context. InTx calls its function
// again after an error with the label TransientTransactionError. WithTx joins a
// transaction that the application began. Another session in a context is refused,
// because the store cannot know whether it holds a transaction.
//
// A standalone server has no transactions, and Open and New return ErrNoTransactions: a
// sign-up writes two documents, the user and the connection, and a crash between them
// would leave a user who cannot log in. A replica set of a single member has
// transactions. OpenUnsafeWithoutTransactions is for trying things out without them.
//
// # What is stored
//
// The collections are connections, owners, users, sessions, roles, claims, one_time, audit,
// audit_last, attempts, tickets, factors, api_tokens, documents and schema, and their names begin
// with the prefix. Times are BSON dates, which count milliseconds; no time is the year 1. Tokens of
// connections are stored as the vault sealed them, sessions, tickets and API tokens by their
// hash. In texts, a byte that is not UTF-8, zero or 0x1a is
// written as 0x1a and two hexadecimal digits. A user with the names of the roles is one
// document, and so is a connection with its token: neither can be larger than MongoDB's
// 16 MB.
package mongostore
