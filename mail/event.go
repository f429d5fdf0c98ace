package mail

// An Event is something that happened to a mail: Sent, Deferred or Abandoned. It has
// nothing of what the mail says.
type Event interface {
	Event() string    // a name for logs: "mail_sent"
	Provider() string // ""
	About() Subject
}

// A Subject says which mail an event is about.
type Subject struct {
	Tenant    string
	Kind      string // of its Letter
	MessageID string
}

// About returns the subject.
func (s Subject) About() Subject { return s }

// Provider returns "".
func (Subject) Provider() string { return "" }

// Sent: the server took the mail.
type Sent struct{ Subject }

// Deferred: an attempt failed, and there will be another.
type Deferred struct {
	Subject
	Reason string // what the Mailer's error says, without links and codes of the mail
}

// Abandoned: the mail is given up, because it was rejected, or was not sent in time.
type Abandoned struct {
	Subject
	Reason string
}

// Event returns "mail_sent".
func (Sent) Event() string { return "mail_sent" }

// Event returns "mail_deferred".
func (Deferred) Event() string { return "mail_deferred" }

// Event returns "mail_abandoned".
func (Abandoned) Event() string { return "mail_abandoned" }
