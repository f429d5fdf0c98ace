package apitoken_test

import (
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts/apitoken"
)

var pattern = regexp.MustCompile(`^soc_[0-9A-Za-z]{49}$`)

func TestNew(t *testing.T) {
	t.Parallel()
	seen, used := map[string]bool{}, map[rune]bool{}
	for range 1000 {
		text, hash := apitoken.New()
		if !pattern.MatchString(text) {
			t.Fatalf("a token is %q", text)
		}
		if seen[text] {
			t.Fatalf("two tokens are %q", text)
		}
		seen[text] = true
		for _, r := range text[4:47] {
			used[r] = true
		}
		if hash != sha256.Sum256([]byte(text)) {
			t.Fatal("the hash is not that of the token")
		}
		if got, err := apitoken.HashOf(text); err != nil || got != hash {
			t.Fatalf("HashOf(%q) = %x, %v, want %x", text, got, err, hash)
		}
	}
	if len(used) != 62 {
		t.Errorf("%d letters and digits are used, want 62", len(used))
	}
}

// Each letter and digit comes as often as another, so that a token has 256 random bits.
func TestDigitsAreEven(t *testing.T) {
	t.Parallel()
	const tokens = 10_000
	counts := map[rune]int{}
	for range tokens {
		text, _ := apitoken.New()
		for _, r := range text[4:47] {
			counts[r]++
		}
	}
	const want = tokens * 43 / 62
	for r, n := range counts {
		if n < want*9/10 || n > want*11/10 { // eight standard deviations
			t.Errorf("%q came %d times, others about %d", r, n, want)
		}
	}
}

// The checksum is the CRC-32 of the token before it, in base 62, computed here in
// another way.
func TestChecksum(t *testing.T) {
	t.Parallel()
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for range 100 {
		text, _ := apitoken.New()
		sum := new(big.Int)
		for _, r := range text[47:] {
			sum.Add(sum.Mul(sum, big.NewInt(62)), big.NewInt(int64(strings.IndexRune(digits, r))))
		}
		if want := crc32.ChecksumIEEE([]byte(text[:47])); !sum.IsUint64() || sum.Uint64() != uint64(want) {
			t.Fatalf("the checksum of %s is %v, want %d", text, sum, want)
		}
	}
}

func TestHashOfRefuses(t *testing.T) {
	t.Parallel()
	text, _ := apitoken.New()
	for what, bad := range map[string]string{
		"nothing":         "",
		"the prefix":      apitoken.Prefix,
		"another prefix":  "sox_" + text[4:],
		"no prefix":       text[4:],
		"a cut one":       text[:len(text)-1],
		"a longer one":    text + "0",
		"a space":         " " + text[1:],
		"a space at last": text + " ",
		"100 kB":          strings.Repeat("a", 100_000),
		"long, its own":   text + strings.Repeat("a", 100_000),
	} {
		if _, err := apitoken.HashOf(bad); !errors.Is(err, apitoken.ErrMalformed) {
			t.Errorf("HashOf of %s: %v, want ErrMalformed", what, err)
		}
	}
	// A right checksum makes no token of what begins in another way.
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for prefix, want := range map[string]error{"soc_": nil, "sox_": apitoken.ErrMalformed} {
		bare := prefix + text[4:47]
		sum := make([]byte, 6)
		for i, n := 5, crc32.ChecksumIEEE([]byte(bare)); i >= 0; i, n = i-1, n/62 {
			sum[i] = digits[n%62]
		}
		if _, err := apitoken.HashOf(bare + string(sum)); !errors.Is(err, want) {
			t.Errorf("%s: %v", prefix, err)
		}
	}
	// Each character counts, those of the checksum too.
	for i := range text {
		other := byte('a')
		if text[i] == other {
			other = 'b'
		}
		if _, err := apitoken.HashOf(text[:i] + string(other) + text[i+1:]); !errors.Is(err, apitoken.ErrMalformed) {
			t.Errorf("HashOf of a token with another character %d: %v, want ErrMalformed", i, err)
		}
	}
}

func TestHasScope(t *testing.T) {
	t.Parallel()
	token := apitoken.Token{Scopes: []string{"read", "write"}}
	for scope, want := range map[string]bool{"read": true, "write": true, "rea": false, "": false} {
		if got := token.HasScope(scope); got != want {
			t.Errorf("HasScope(%q) = %v", scope, got)
		}
	}
}
