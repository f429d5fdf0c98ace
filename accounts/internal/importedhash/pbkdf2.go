package importedhash

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
)

// maxIterations is ten times what is recommended.
const maxIterations = 10_000_000

var functions = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

// newPBKDF2 returns the hash with the parameters (RFC 8018 §5.2).
func newPBKDF2(function, iterations string, salt, key []byte) (Hash, error) {
	f, ok := functions[function]
	n, err := strconv.ParseUint(iterations, 10, 32)
	if !ok || err != nil || n == 0 || !fits(key) {
		return Hash{}, ErrUnknown
	}
	if n > maxIterations {
		return Hash{}, ErrCost
	}
	return Hash{matches: func(password string) bool {
		got, _ := pbkdf2.Key(f, password, salt, int(n), len(key)) // nil, which is no key, with an error
		return subtle.ConstantTimeCompare(got, key) == 1
	}}, nil
}

// passlibPBKDF2 reads what follows passlib's "$pbkdf2-sha256$": "ITERATIONS$SALT$KEY".
func passlibPBKDF2(function string) func(rest string) (Hash, error) {
	return func(rest string) (Hash, error) {
		f := strings.Split(rest, "$")
		if len(f) != 3 {
			return Hash{}, ErrUnknown
		}
		salt, err := decodeDotted(f[1])
		if err != nil {
			return Hash{}, ErrUnknown
		}
		key, err := decodeDotted(f[2])
		if err != nil {
			return Hash{}, ErrUnknown
		}
		return newPBKDF2(function, f[0], salt, key)
	}
}

// decodeDotted decodes base64 with "." in place of "+", and no padding.
func decodeDotted(s string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.ReplaceAll(s, ".", "+"))
}

// djangoPBKDF2 reads what follows Django's "pbkdf2_sha256$": "ITERATIONS$SALT$KEY", the
// salt as it is.
func djangoPBKDF2(function string) func(rest string) (Hash, error) {
	return func(rest string) (Hash, error) {
		f := strings.Split(rest, "$")
		if len(f) != 3 {
			return Hash{}, ErrUnknown
		}
		key, err := base64.StdEncoding.DecodeString(f[2])
		if err != nil {
			return Hash{}, ErrUnknown
		}
		return newPBKDF2(function, f[0], []byte(f[1]), key)
	}
}

// parseWerkzeugPBKDF2 reads what follows Werkzeug's "pbkdf2:":
// "sha256:ITERATIONS$SALT$KEY", the salt as it is and the key in hexadecimal digits.
func parseWerkzeugPBKDF2(rest string) (Hash, error) {
	f := strings.Split(rest, "$")
	if len(f) != 3 {
		return Hash{}, ErrUnknown
	}
	function, iterations, _ := strings.Cut(f[0], ":")
	key, err := hex.DecodeString(f[2])
	if err != nil {
		return Hash{}, ErrUnknown
	}
	return newPBKDF2(function, iterations, []byte(f[1]), key)
}
