package api

import (
	"fmt"
	"time"
)

// An Error is an API that refuses. It is what the clients of this module return,
// to be found with errors.As; those of Google and GitHub have their libraries'
// own types.
type Error struct {
	Provider string // "twitter"
	Status   int    // of the HTTP answer
	Code     string // the API's own code, "" when it gives none
	// Message is the API's text, for people who develop. Providers have been seen
	// to repeat a token in it, so it is not part of Error.
	Message    string
	RetryAfter time.Duration // as the API asked, else 0
}

// Error tells status and code.
func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: the API refuses with status %d", e.Provider, e.Status)
	}
	return fmt.Sprintf("%s: the API refuses with status %d, code %s", e.Provider, e.Status, e.Code)
}
