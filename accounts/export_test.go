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

// Completed returns a configuration with its defaults.
func Completed(c Config) (Config, error) {
	_, err := c.complete()
	return c, err
}

// MaxFlowNetworks is of how many networks a process remembers flows.
const MaxFlowNetworks = maxFlowKeys

// FlowNetworks is of how many networks the process remembers flows.
func (a *Accounts) FlowNetworks() int {
	a.flows.mu.Lock()
	defer a.flows.mu.Unlock()
	return len(a.flows.byKey)
}

// Hashing is how many hashes run or wait.
func (a *Accounts) Hashing() int64 { return a.hasher.inside.Load() }

// Trials is how many log-ins run or wait, each counted for its account and its network.
func (a *Accounts) Trials() (n int) {
	a.queues.mu.Lock()
	defer a.queues.mu.Unlock()
	for _, q := range a.queues.byKey {
		n += q.trials
	}
	return n
}

// TOTPCode returns the code that an authenticator application shows.
func TOTPCode(key []byte, step int64) string { return totpCode(key, step) }

// Config returns the configuration with its defaults.
func (a *Accounts) Config() Config { return a.config }

// Texts are the field errors and refusals in English, by code.
var Texts = texts

// NewToken32 returns a session's token, and its hash.
func NewToken32() (text string, hash [32]byte) { return newToken() }

// Checked is how many sessions are kept that were checked lately, and of how many users.
func (a *Accounts) Checked() (sessions, users int) {
	a.checked.mu.RLock()
	defer a.checked.mu.RUnlock()
	return len(a.checked.byHash), len(a.checked.byUser)
}
