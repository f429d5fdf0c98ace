package accounts

// FactorDue: a user has proved who they are but for the second factor, which they are
// asked for now, or have to set up.
type FactorDue struct {
	Subject
	Via     string // as in LoggedIn
	Address string
	SetUp   bool
}

// FactorFailed: a user has shown a wrong second factor, or one that was shown before.
type FactorFailed struct {
	Subject
	Kind    string // FactorTOTP and others
	Address string
}

// FactorAdded: a user has a second factor, in place of one of its kind or a further one.
type FactorAdded struct {
	Subject
	Kind string
}

// FactorRemoved: a user has a second factor no longer, or when Reset, by ResetFactors,
// none at all.
type FactorRemoved struct {
	Subject
	Kind  string // "" when Reset
	Reset bool
}

// RecoveryCodesMade: a user has new recovery codes.
type RecoveryCodesMade struct{ Subject }

// RecoveryCodeUsed: a user has logged in by a recovery code, and so many are left.
type RecoveryCodeUsed struct {
	Subject
	Left int
}

// PasskeyCopied: a passkey of a user's proved, but its count did not grow since its last use:
// there may be a copy of it (Web Authentication §6.1.1). It was refused.
type PasskeyCopied struct {
	Subject
	ID, Name       string
	Address        string
	Counted, Shown int64
}

// DeviceTrusted: a user trusts a browser, in which no second factor is asked for.
type DeviceTrusted struct {
	Subject
	Address string
}

// Refused is as that of LoginFailed.
func (FactorFailed) Refused() {}

// Refused is as that of LoginFailed.
func (PasskeyCopied) Refused() {}

// Event returns "user_factor_due".
func (FactorDue) Event() string { return "user_factor_due" }

// Event returns "user_factor_failed".
func (FactorFailed) Event() string { return "user_factor_failed" }

// Event returns "user_factor_added".
func (FactorAdded) Event() string { return "user_factor_added" }

// Event returns "user_factor_removed".
func (FactorRemoved) Event() string { return "user_factor_removed" }

// Event returns "user_recovery_codes_made".
func (RecoveryCodesMade) Event() string { return "user_recovery_codes_made" }

// Event returns "user_recovery_code_used".
func (RecoveryCodeUsed) Event() string { return "user_recovery_code_used" }

// Event returns "user_passkey_copied".
func (PasskeyCopied) Event() string { return "user_passkey_copied" }

// Event returns "user_device_trusted".
func (DeviceTrusted) Event() string { return "user_device_trusted" }

// Provider returns the provider's ID, "" for a log-in by password.
func (e FactorDue) Provider() string { return providerOf(e.Via) }
