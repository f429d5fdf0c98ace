package importedhash

import (
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// parseArgon2i reads what follows "$argon2i$" in PHC string form:
// "v=19$m=65536,t=3,p=4$SALT$KEY" (RFC 9106).
func parseArgon2i(rest string) (Hash, error) {
	f := strings.Split(rest, "$")
	if len(f) != 4 || f[0] != "v=19" {
		return Hash{}, ErrUnknown
	}
	texts, ok := parameters(f[1], "m=", "t=", "p=")
	if !ok {
		return Hash{}, ErrUnknown
	}
	var v [3]uint32
	for i, digits := range texts {
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || n == 0 {
			return Hash{}, ErrUnknown
		}
		v[i] = uint32(n)
	}
	salt, err := base64.RawStdEncoding.DecodeString(f[2])
	if err != nil || len(salt) < 8 {
		return Hash{}, ErrUnknown
	}
	key, err := base64.RawStdEncoding.DecodeString(f[3])
	if err != nil || !fits(key) {
		return Hash{}, ErrUnknown
	}
	memory, time, threads := v[0], v[1], v[2]
	if memory > maxMemory || time > 16 || threads > 16 {
		return Hash{}, ErrCost
	}
	return Hash{memory: int64(memory), matches: func(password string) bool {
		got := argon2.Key([]byte(password), salt, time, memory, uint8(threads), uint32(len(key)))
		return subtle.ConstantTimeCompare(got, key) == 1
	}}, nil
}
