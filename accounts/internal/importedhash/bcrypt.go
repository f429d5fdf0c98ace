package importedhash

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// maxBcrypt is the highest cost, of some seconds.
const maxBcrypt = 16

// parseBcrypt reads what follows "$2b$".
func parseBcrypt(rest string) (Hash, error) {
	h, err := bcryptOf(rest, func(password, _ string) string { return password })
	h.most = 72
	return h, err
}

// parseBcryptOfHex reads what follows Django's "bcrypt_sha256$$2b$": bcrypt of the
// SHA-256 in hexadecimal digits.
func parseBcryptOfHex(rest string) (Hash, error) {
	return bcryptOf(rest, func(password, _ string) string {
		sum := sha256.Sum256([]byte(password))
		return hex.EncodeToString(sum[:])
	})
}

// parseBcryptOfBase64 reads what follows passlib's "$bcrypt-sha256$": "2b,12$SALT$KEY"
// for bcrypt of the SHA-256, and "v=2,t=2b,r=12$SALT$KEY" for that of the HMAC-SHA-256
// whose key is the salt.
func parseBcryptOfBase64(rest string) (Hash, error) {
	f := strings.Split(rest, "$")
	if len(f) != 3 {
		return Hash{}, ErrUnknown
	}
	cost, keyed := strings.CutPrefix(f[0], "v=2,t=2b,r=")
	if !keyed {
		var ok bool
		if cost, ok = strings.CutPrefix(f[0], "2b,"); !ok {
			if cost, ok = strings.CutPrefix(f[0], "2a,"); !ok {
				return Hash{}, ErrUnknown
			}
		}
	}
	if len(cost) == 1 {
		cost = "0" + cost
	}
	return bcryptOf(cost+"$"+f[1]+f[2], func(password, salt string) string {
		sum := sha256.Sum256([]byte(password))
		if keyed {
			mac := hmac.New(sha256.New, []byte(salt))
			mac.Write([]byte(password))
			mac.Sum(sum[:0])
		}
		return base64.StdEncoding.EncodeToString(sum[:])
	})
}

// bcryptOf reads "12$" with salt and key after it. before is what the system makes of a
// password first.
func bcryptOf(rest string, before func(password, salt string) string) (Hash, error) {
	const salt, key = 22, 31
	cost, encoded, _ := strings.Cut(rest, "$")
	n, _ := strconv.ParseUint(cost, 10, 8) // 0 for what is no number
	if len(cost) != 2 || n < uint64(bcrypt.MinCost) || len(encoded) != salt+key || !isBcrypt64(encoded) {
		return Hash{}, ErrUnknown
	}
	if n > maxBcrypt {
		return Hash{}, ErrCost
	}
	// All variants but the faulty 2x are one function.
	whole := []byte("$2b$" + cost + "$" + encoded)
	return Hash{matches: func(password string) bool {
		return bcrypt.CompareHashAndPassword(whole, []byte(before(password, encoded[:salt]))) == nil
	}}, nil
}

func isBcrypt64(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '/')
	})
}
