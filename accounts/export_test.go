package accounts

// Derive is what makes a password hash.
type Derive = func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte

// WrapDerive lets a test watch the hashes that run. Call it before anything
// else.
func (a *Accounts) WrapDerive(wrap func(Derive) Derive) { a.hasher.derive = wrap(a.hasher.derive) }

// ParseHash reads a stored hash, and writes it again.
func ParseHash(s string) (string, error) {
	h, err := parseHash(s)
	return h.String(), err
}
