// Package cookie keeps small sealed values in the browser.
//
// A cookie set over https has the __Host- prefix and is Secure; over plain
// http it has neither. All are HttpOnly, SameSite=Lax, with Path=/ and no
// Domain. The value is sealed, bound to the cookie's name and to the
// application's address, and ends by itself: the browser's clock is not asked.
package cookie

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Errors of Get and Set.
var (
	ErrNone    = errors.New("cookie: there is no such cookie")
	ErrTwice   = errors.New("cookie: two cookies of one name")
	ErrInvalid = errors.New("cookie: the value does not open")
	ErrExpired = errors.New("cookie: the value has expired")
	ErrTooLong = errors.New("cookie: the value is too long for a cookie")
)

// maxBytes is the limit that every browser keeps to (RFC 6265 §6.1).
const maxBytes = 4096

// encoding has one text for a value.
var encoding = base64.RawURLEncoding.Strict()

// A Sealer encrypts and authenticates.
type Sealer interface {
	Seal(plaintext, associatedData []byte) ([]byte, error)
	Open(sealed, associatedData []byte) ([]byte, error)
}

// A Jar reads and writes sealed cookies. It is safe for concurrent use.
type Jar struct {
	sealer Sealer
	scope  string
	secure bool
	now    func() time.Time
}

// New returns a Jar. A cookie opens only under the scope (the application's
// address) it was sealed under; secure says that the application is served over
// https.
func New(sealer Sealer, scope string, secure bool, now func() time.Time) *Jar {
	return &Jar{sealer: sealer, scope: scope, secure: secure, now: now}
}

// Name returns a cookie's name as the browser knows it.
func (j *Jar) Name(name string) string {
	if j.secure {
		return "__Host-" + name
	}
	return name
}

// Get returns a cookie's value. The error is ErrNone, ErrTwice, ErrInvalid or
// ErrExpired.
func (j *Jar) Get(r *http.Request, name string) ([]byte, error) {
	full := j.Name(name)
	value, n := "", 0
	for c := range all(r) {
		if c.name == full {
			value = c.value
			n++
		}
	}
	switch n {
	case 0:
		return nil, ErrNone
	case 1:
		return j.open(full, value)
	default:
		return nil, ErrTwice
	}
}

// Names lists the request's cookies whose names begin with the prefix, each
// once.
func (j *Jar) Names(r *http.Request, prefix string) []string {
	full := j.Name(prefix)
	var names []string
	for c := range all(r) {
		if !strings.HasPrefix(c.name, full) {
			continue
		}
		name := c.name[len(full)-len(prefix):]
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Set writes a cookie that lasts for ttl, in place of one of the same name that
// this answer already sets. ErrTooLong when it would not fit.
func (j *Jar) Set(w http.ResponseWriter, name string, value []byte, ttl time.Duration) error {
	full := j.Name(name)
	plain := make([]byte, 8, 8+len(value))
	binary.BigEndian.PutUint64(plain, uint64(j.now().Add(ttl).UnixMilli()))
	sealed, err := j.sealer.Seal(append(plain, value...), j.associated(full))
	if err != nil {
		return err
	}
	line := j.line(full, encoding.EncodeToString(sealed), int(ttl/time.Second))
	if len(line) >= maxBytes {
		return ErrTooLong
	}
	drop(w.Header(), full)
	w.Header().Add("Set-Cookie", line)
	return nil
}

// Clear tells the browser to forget a cookie.
func (j *Jar) Clear(w http.ResponseWriter, name string) {
	full := j.Name(name)
	drop(w.Header(), full)
	w.Header().Add("Set-Cookie", j.line(full, "", -1))
}

// Written returns the value that this answer sets, if it does; a cookie that it
// clears is written and empty.
func (j *Jar) Written(w http.ResponseWriter, name string) (value []byte, written bool) {
	full := j.Name(name)
	for _, line := range w.Header()["Set-Cookie"] {
		if !is(line, full) {
			continue
		}
		sealed, _, _ := strings.Cut(line[len(full)+1:], ";")
		value, _ = j.open(full, sealed)
		return value, true
	}
	return nil, false
}

func (j *Jar) open(full, value string) ([]byte, error) {
	sealed, err := encoding.DecodeString(value)
	if err != nil {
		return nil, ErrInvalid
	}
	plain, err := j.sealer.Open(sealed, j.associated(full))
	if err != nil || len(plain) < 8 {
		return nil, ErrInvalid
	}
	if j.now().UnixMilli() >= int64(binary.BigEndian.Uint64(plain)) {
		return nil, ErrExpired
	}
	return plain[8:], nil
}

func (j *Jar) associated(full string) []byte {
	b := make([]byte, 0, 16+len(full)+len(j.scope))
	b = append(b, "social cookie 1\x00"...)
	b = append(b, full...)
	b = append(b, 0)
	return append(b, j.scope...)
}

func (j *Jar) line(full, value string, maxAge int) string {
	age := "0"
	if maxAge > 0 {
		age = strconv.Itoa(maxAge)
	}
	secure := ""
	if j.secure {
		secure = "; Secure"
	}
	return full + "=" + value + "; Path=/; Max-Age=" + age + "; HttpOnly; SameSite=Lax" + secure
}

type pair struct{ name, value string }

// all walks the request's cookies without copying them.
func all(r *http.Request) func(yield func(pair) bool) {
	return func(yield func(pair) bool) {
		for _, line := range r.Header["Cookie"] {
			for line != "" {
				var part string
				part, line, _ = strings.Cut(line, ";")
				name, value, ok := strings.Cut(strings.Trim(part, " \t"), "=")
				if ok && !yield(pair{name, value}) {
					return
				}
			}
		}
	}
}

func is(line, full string) bool {
	return len(line) > len(full) && line[len(full)] == '=' && line[:len(full)] == full
}

func drop(h http.Header, full string) {
	lines := h["Set-Cookie"]
	for i, line := range lines {
		if is(line, full) {
			h["Set-Cookie"] = append(lines[:i:i], lines[i+1:]...)
			return
		}
	}
}
