package accounts

import "time"

// A Limit allows Count attempts in a window of Per. Zero fields mean the default, a
// negative Count means no limit.
type Limit struct {
	Count int
	Per   time.Duration
}

// A Throttle limits attempts. A network is an IPv4 address or an IPv6 /64.
// Processes on one store share the limits.
type Throttle struct {
	// AccountLogins limits failed log-ins to one account, by its e-mail address and by
	// its username together, and under a name that no account has; default 10 in 15
	// minutes. A log-in that succeeds clears the count. A browser in which the user has
	// logged in within a year has a count of its own, so that the guesses of strangers
	// do not lock the user out of it.
	AccountLogins Limit
	// AccountVerifications limits the wrong passwords with which the signed-in user of one
	// account wants to prove once more who they are; default 10 in 15 minutes. A right one
	// clears the count.
	AccountVerifications Limit
	// NetworkLogins limits failed log-ins from one network, but for browsers in which
	// the user has logged in: those of a user have the limit together, whatever their
	// networks. Default 100 in 15 minutes.
	NetworkLogins Limit
	// AccountCodes limits the second factors that are shown in vain for one user, those
	// from browsers in which the user has logged in apart, and apart from both the mailed
	// codes that are tried; default 10 in 15 minutes.
	AccountCodes Limit
	// UserSessions is how many sessions a user has at the most: a log-in beyond it ends
	// the oldest; default 100. Negative means no limit.
	UserSessions int
	// UserTokens is how many API tokens a user has at the most; default 50. Negative means
	// no limit.
	UserTokens int
	// NetworkRegistrations limits registrations from one network, refused ones
	// included unless a field was malformed; default 20 an hour.
	NetworkRegistrations Limit
	// AccountResets limits the mails to one address that ask for a new password, and also
	// those that confirm it; default 5 an hour each. Beyond it nothing is sent, and the
	// answer does not say so. Browsers in which the user has logged in have such a limit of
	// their own, all together. NetworkResets limits how many one network asks for; default
	// 50 an hour each.
	AccountResets Limit
	NetworkResets Limit
	// AccountMagicLinks and NetworkMagicLinks limit the mails with a link to sign in, in the
	// same way; default 5 and 50 an hour.
	AccountMagicLinks Limit
	NetworkMagicLinks Limit
	// NetworkFlows limits flows through providers that begin in one network and do not
	// end in a log-in or a connection, and with them the calls to providers, and as many
	// checks of connections; default 300 in 15 minutes.
	NetworkFlows Limit
}

func (l *Limit) setDefault(count int, per time.Duration) {
	if l.Count == 0 {
		l.Count = count
	}
	if l.Per <= 0 {
		l.Per = per
	}
}
