package accounts

import "time"

// DeletionRequested: an account is deleted at that time, and not used until then.
type DeletionRequested struct {
	Subject
	At time.Time
}

// DeletionCanceled: an account whose deletion was asked for is kept.
type DeletionCanceled struct{ Subject }

// DeletionPending: the user of an account that is being deleted has logged in, and is asked
// whether to keep it.
type DeletionPending struct {
	Subject
	Via     string // as in LoggedIn
	Address string
}

// Deleted: an account was deleted.
type Deleted struct{ Subject }

// Event returns "user_deletion_requested".
func (DeletionRequested) Event() string { return "user_deletion_requested" }

// Event returns "user_deletion_canceled".
func (DeletionCanceled) Event() string { return "user_deletion_canceled" }

// Event returns "user_deletion_pending".
func (DeletionPending) Event() string { return "user_deletion_pending" }

// Event returns "user_deleted".
func (Deleted) Event() string { return "user_deleted" }

// Provider returns the provider's ID, "" for a log-in by password.
func (e DeletionPending) Provider() string { return providerOf(e.Via) }
