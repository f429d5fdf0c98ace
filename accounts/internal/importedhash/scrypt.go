package importedhash

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// maxMemory is the most KiB of memory that a comparison may take.
const maxMemory = 1 << 20

// newScrypt returns the hash with the parameters N, r and p (RFC 7914 §2).
func newScrypt(n, r, p string, salt, key []byte) (Hash, error) {
	var v [3]uint64
	for i, digits := range [...]string{n, r, p} {
		var err error
		if v[i], err = strconv.ParseUint(digits, 10, 32); err != nil || v[i] == 0 {
			return Hash{}, ErrUnknown
		}
	}
	if v[0] == 1 || bits.OnesCount64(v[0]) != 1 || !fits(key) {
		return Hash{}, ErrUnknown
	}
	memory := 128 * v[0] * v[1] / 1024
	if memory > maxMemory || v[2] > 16 || v[1] > 64 {
		return Hash{}, ErrCost
	}
	return Hash{memory: int64(memory), matches: func(password string) bool {
		got, _ := scrypt.Key([]byte(password), salt, int(v[0]), int(v[1]), int(v[2]), len(key)) // nil, which is no key, with an error
		return subtle.ConstantTimeCompare(got, key) == 1
	}}, nil
}

// parsePasslibScrypt reads what follows passlib's "$scrypt$": "ln=16,r=8,p=1$SALT$KEY",
// ln being the logarithm of N.
func parsePasslibScrypt(rest string) (Hash, error) {
	f := strings.Split(rest, "$")
	if len(f) != 3 {
		return Hash{}, ErrUnknown
	}
	v, ok := parameters(f[0], "ln=", "r=", "p=")
	if !ok {
		return Hash{}, ErrUnknown
	}
	ln, err := strconv.ParseUint(v[0], 10, 5)
	if err != nil {
		return Hash{}, ErrUnknown
	}
	salt, err := base64.RawStdEncoding.DecodeString(f[1])
	if err != nil {
		return Hash{}, ErrUnknown
	}
	key, err := base64.RawStdEncoding.DecodeString(f[2])
	if err != nil {
		return Hash{}, ErrUnknown
	}
	return newScrypt(strconv.FormatUint(1<<ln, 10), v[1], v[2], salt, key)
}

// parseDjangoScrypt reads what follows Django's "scrypt$": "N$SALT$r$p$KEY", the salt as
// it is.
func parseDjangoScrypt(rest string) (Hash, error) {
	f := strings.Split(rest, "$")
	if len(f) != 5 {
		return Hash{}, ErrUnknown
	}
	key, err := base64.StdEncoding.DecodeString(f[4])
	if err != nil {
		return Hash{}, ErrUnknown
	}
	return newScrypt(f[0], f[2], f[3], []byte(f[1]), key)
}

// parseWerkzeugScrypt reads what follows Werkzeug's "scrypt:": "N:r:p$SALT$KEY", the
// salt as it is and the key in hexadecimal digits.
func parseWerkzeugScrypt(rest string) (Hash, error) {
	f := strings.Split(rest, "$")
	if len(f) != 3 {
		return Hash{}, ErrUnknown
	}
	v := strings.Split(f[0], ":")
	key, err := hex.DecodeString(f[2])
	if err != nil || len(v) != 3 {
		return Hash{}, ErrUnknown
	}
	return newScrypt(v[0], v[1], v[2], []byte(f[1]), key)
}

// parameters returns the values of "a=1,b=2,c=3".
func parameters(s string, names ...string) (values [3]string, ok bool) {
	parts := strings.Split(s, ",")
	if len(parts) != len(names) {
		return values, false
	}
	for i, name := range names {
		if values[i], ok = strings.CutPrefix(parts[i], name); !ok {
			return values, false
		}
	}
	return values, true
}
