package accounts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Time-based codes are those of RFC 6238 as every authenticator application has them:
// HMAC-SHA-1, six digits, thirty seconds.
const (
	totpStep   = 30 * time.Second
	totpDigits = 6
	totpDrift  = 1  // steps that the clocks may differ (RFC 6238 §5.2)
	totpLength = 20 // bytes of a secret (RFC 4226 §4, R6), which are 32 characters of base 32
)

func newTOTPSecret() []byte {
	s := make([]byte, totpLength)
	rand.Read(s)
	return s
}

// stepOf returns the number of the time step (RFC 6238 §4.2).
func stepOf(at time.Time) int64 { return at.Unix() / int64(totpStep/time.Second) }

// totpCode returns the code of a time step (RFC 6238 §4, RFC 4226 §5.3).
func totpCode(key []byte, step int64) string {
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// totpStepOf returns the latest time step around now whose code this is, and whether
// there is one.
func totpStepOf(key []byte, code string, now time.Time) (step int64, ok bool) {
	for at := stepOf(now) - totpDrift; at <= stepOf(now)+totpDrift; at++ {
		if hmac.Equal([]byte(totpCode(key, at)), []byte(code)) {
			step, ok = at, true
		}
	}
	return step, ok
}

// totpURI returns the address by which authenticator applications take a secret over,
// which QR codes have (Google Authenticator's Key URI format). The colon between issuer and account
// is the only one, even escaped: those within a name, as in localhost:8080, become spaces.
func totpURI(issuer, account string, key []byte) string {
	escape := func(s string) string {
		return strings.ReplaceAll(url.QueryEscape(strings.ReplaceAll(s, ":", " ")), "+", "%20")
	}
	return "otpauth://totp/" + escape(issuer) + ":" + escape(account) + "?secret=" + base32.StdEncoding.EncodeToString(key) + "&issuer=" + escape(issuer) +
		"&algorithm=SHA1&digits=6&period=30"
}
