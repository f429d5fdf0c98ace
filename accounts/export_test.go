package accounts

// Derive derives the key of a password hash.
type Derive = func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte

// WrapDerive wraps the function that derives keys. Call it before anything else.
func (a *Accounts) WrapDerive(wrap func(Derive) Derive) { a.hasher.derive = wrap(a.hasher.derive) }

// ParseHash parses a stored hash and returns it in its canonical form.
func ParseHash(s string) (string, error) {
	h, err := parseHash(s)
	return h.String(), err
}

// Queues is how many accounts and networks have log-ins that run or wait.
func (a *Accounts) Queues() int {
	a.queues.mu.Lock()
	defer a.queues.mu.Unlock()
	return len(a.queues.byKey)
}
