package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/gosocial/social/secret"
)

const (
	saltLength = 16
	keyLength  = 32
)

// parameters are argon2id's (RFC 9106); memory is in KiB.
type parameters struct {
	memory, time uint32
	threads      uint8
}

// current are the parameters of new hashes, as OWASP's password storage cheat sheet
// recommends.
var current = parameters{memory: 19 * 1024, time: 2, threads: 1}

// A passwordHash is a stored password.
type passwordHash struct {
	parameters
	salt, key []byte
}

var errHash = errors.New("the stored password hash is not one of argon2id within bounds")

// String returns the PHC string form.
func (h passwordHash) String() string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s",
		h.memory, h.time, h.threads, e.EncodeToString(h.salt), e.EncodeToString(h.key))
}

// parseHash reads the PHC string form. The cost of a stored hash is bounded, so that
// write access to the database is not enough to stop the program.
func parseHash(s string) (passwordHash, error) {
	s = strings.TrimPrefix(s, "argon2") // Django's notation has it before the PHC string
	f := strings.Split(s, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != "v=19" {
		return passwordHash{}, errHash
	}
	p := strings.Split(f[3], ",")
	if len(p) != 3 {
		return passwordHash{}, errHash
	}
	var n [3]uint64
	for i, name := range [3]string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(p[i], name)
		v, _ := strconv.ParseUint(digits, 10, 32) // out of bounds where it is no number
		if !ok {
			return passwordHash{}, errHash
		}
		n[i] = v
	}
	h := passwordHash{parameters: parameters{uint32(n[0]), uint32(n[1]), uint8(n[2])}}
	if n[2] < 1 || n[2] > 16 || n[1] < 1 || n[1] > 16 || n[0] < 8*n[2] || n[0] > 1<<20 {
		return passwordHash{}, errHash
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(f[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return passwordHash{}, errHash
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(f[5]); err != nil || len(h.key) < 16 || len(h.key) > 64 {
		return passwordHash{}, errHash
	}
	return h, nil
}

// normalPassword returns a password as it is hashed: in NFKC, so that one keyboard's "é"
// is another's (NIST SP 800-63B §5.1.1.2).
func normalPassword(password secret.Text) string { return norm.NFKC.String(password.Reveal()) }

// hashPassword returns the PHC string of a new hash; "" for no password.
func (a *Accounts) hashPassword(ctx context.Context, password secret.Text) (string, error) {
	if password == "" {
		return "", nil
	}
	h := passwordHash{parameters: current, salt: make([]byte, saltLength)}
	rand.Read(h.salt)
	var err error
	if h.key, err = a.hasher.key(ctx, secret.Text(normalPassword(password)), h.salt, current, keyLength); err != nil {
		return "", err
	}
	return h.String(), nil
}

// outdated reports whether the hash was made with other parameters than today's.
func (h passwordHash) outdated() bool {
	return h.parameters != current || len(h.salt) != saltLength || len(h.key) != keyLength
}

func (passwordHash) covers(secret.Text) bool { return true }

// matches reports whether the hash is the text's.
func (h passwordHash) matches(ctx context.Context, by *hasher, text secret.Text) (bool, error) {
	key, err := by.key(ctx, text, h.salt, h.parameters, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1, err
}
