package reply

import "net/http"

// CodeNotSignedIn is the code of a problem that a log-in solves.
const CodeNotSignedIn = "not_signed_in"

// CodeReauthenticationRequired is the code of a problem that another proof of who the
// user is solves.
const CodeReauthenticationRequired = "reauthentication_required"

// A Problem is a problem document (RFC 9457) of the type "about:blank": the status
// says what happened, Code says it to programs, and Detail to people.
type Problem struct {
	Status    int
	Code      string
	Detail    string
	RequestID string
	Errors    []FieldError // of the fields of a form

	MissingScopes []string // that a connection lacks
}

// A FieldError says what is wrong with one field, as a member of the extension
// "errors" (RFC 9457 §3).
type FieldError struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Write answers with the document.
func (p Problem) Write(w http.ResponseWriter) {
	document(w, p.Status, "application/problem+json", struct {
		Type      string       `json:"type"`
		Title     string       `json:"title"`
		Status    int          `json:"status"`
		Detail    string       `json:"detail,omitempty"`
		Code      string       `json:"code,omitempty"`
		RequestID string       `json:"request_id,omitempty"`
		Errors    []FieldError `json:"errors,omitempty"`
		Missing   []string     `json:"missing_scopes,omitempty"`
	}{"about:blank", http.StatusText(p.Status), p.Status, p.Detail, p.Code, p.RequestID, p.Errors, p.MissingScopes})
}
