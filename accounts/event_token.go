package accounts

import "time"

// TokenCreated: a user has an API token more.
type TokenCreated struct {
	Subject
	TokenID string
	Scopes  []string
	Until   time.Time // when it expires
	Address string    // from where it was made, "" when unknown
}

// TokensEnded: API tokens of a user were ended: one of them, or all that there were, where
// TokenID is "". Those that have expired count until they are cleaned away.
type TokensEnded struct {
	Subject
	TokenID string
	Count   int
	Address string // from where, "" when unknown
}

// Event returns "user_token_created".
func (TokenCreated) Event() string { return "user_token_created" }

// Event returns "user_tokens_ended".
func (TokensEnded) Event() string { return "user_tokens_ended" }
