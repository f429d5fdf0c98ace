package api

import (
	"fmt"
	"time"
)

// An Error is an API's refusal of a request. The clients of this module return it,
// for errors.As; those of Google and GitHub return the types of their libraries.
type Error struct {
	Provider string // "twitter"
	Status   int    // of the HTTP answer
	Code     string // the API's own code; "" when it gives none
	// Message is the API's text, for developers. Some providers repeat the token in
	// it, so Error leaves it out.
	Message    string
	RetryAfter time.Duration // 0 when the API does not say
}

// Error returns the provider, the status and the code.
func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: the API refused the request: status %d", e.Provider, e.Status)
	}
	return fmt.Sprintf("%s: the API refused the request: status %d, code %s", e.Provider, e.Status, e.Code)
}
