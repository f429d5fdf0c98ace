package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social/internal/tenant"
)

// A challenge binds a browser's answer to the options that it got (Web Authentication
// §13.4.3). The browser keeps it in a sealed cookie, with what it is for, for whom and until
// when; the store hears of it once it is answered rightly, so that asking for options costs
// no row. A browser may have several: each open page has its own.
const (
	challengeCookie = "social_passkey"
	challengeWithin = 5 * time.Minute
	challengeLength = 32
	mostChallenges  = 8

	whomLength    = 16
	challengeSize = 1 + 8 + whomLength + challengeLength
)

// A purpose is what a challenge is for.
type purpose byte

const (
	toAdd    purpose = 'a' // a passkey
	toLogIn  purpose = 'l' // by the passkey alone
	toFinish purpose = 'f' // a log-in, by the second factor
	toVerify purpose = 'v' // who is signed in
)

// A challenge is one of those in the cookie.
type challenge struct {
	purpose purpose
	ends    time.Time // to the second
	whom    [whomLength]byte
	random  [challengeLength]byte
}

// whom returns a mark of the user; of nobody for "".
func whom(tenant, userID string) (mark [whomLength]byte) {
	sum := sha256.New()
	sum.Write([]byte(tenant + "\x00" + userID))
	copy(mark[:], sum.Sum(nil))
	return mark
}

// challenges returns those that the browser has and that have not ended.
func (a *Accounts) challenges(r *http.Request) (list []challenge) {
	value, _ := a.browsers.Get(r, challengeCookie) // nil for what does not open
	for ; len(value) >= challengeSize; value = value[challengeSize:] {
		c := challenge{purpose: purpose(value[0]), ends: time.Unix(int64(binary.BigEndian.Uint64(value[1:])), 0)}
		copy(c.whom[:], value[9:])
		copy(c.random[:], value[9+whomLength:])
		if a.now().Before(c.ends) {
			list = append(list, c)
		}
	}
	return list
}

// keepChallenges gives the browser the list, the newest first.
func (a *Accounts) keepChallenges(w http.ResponseWriter, list []challenge) error {
	if len(list) == 0 {
		a.browsers.Clear(w, challengeCookie)
		return nil
	}
	var value []byte
	for _, c := range list[:min(len(list), mostChallenges)] {
		value = append(value, byte(c.purpose))
		value = binary.BigEndian.AppendUint64(value, uint64(c.ends.Unix()))
		value = append(append(value, c.whom[:]...), c.random[:]...)
	}
	return a.browsers.Set(w, challengeCookie, value, challengeWithin)
}

// newChallenge gives the browser a challenge for a user, or for nobody in particular.
func (a *Accounts) newChallenge(w http.ResponseWriter, r *http.Request, of purpose, userID string) ([]byte, error) {
	c := challenge{purpose: of, ends: a.now().Add(challengeWithin), whom: whom(tenant.From(r.Context()), userID)}
	rand.Read(c.random[:])
	if err := a.keepChallenges(w, append([]challenge{c}, a.challenges(r)...)); err != nil {
		return nil, wrap("keeping a challenge", err)
	}
	return c.random[:], nil
}

// hasChallenge reports whether the browser has the challenge, for this and for the user.
func (a *Accounts) hasChallenge(r *http.Request, answered []byte, of purpose, userID string) bool {
	for _, c := range a.challenges(r) {
		if subtle.ConstantTimeCompare(c.random[:], answered) == 1 {
			return c.purpose == of && c.whom == whom(tenant.From(r.Context()), userID)
		}
	}
	return false
}

// useChallenge claims a challenge that was answered rightly: of parallel calls, of all
// processes, one returns nil, and the others ErrPasskey.
func (a *Accounts) useChallenge(r *http.Request, answered []byte) error {
	// Clocks of processes may differ.
	uses := counter{keyOf(r.Context(), "passkey", string(answered)), "", Limit{1, 2 * challengeWithin}, r}
	n, _, err := a.attempts(r.Context(), uses, 1)
	if err == nil && n != uses.limit.Count {
		err = ErrPasskey
	}
	return err
}

// endChallenge takes a used challenge from the browser, as far as that goes: the store
// refuses it anyway.
func (a *Accounts) endChallenge(w http.ResponseWriter, r *http.Request, answered []byte) {
	left := slices.DeleteFunc(a.challenges(r), func(c challenge) bool { return string(c.random[:]) == string(answered) })
	_ = a.keepChallenges(w, left)
}
