package cookie

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"
)

// encoding is strict, so that a value has one text.
var encoding = base64.RawURLEncoding.Strict()

// A Sealer encrypts and authenticates.
type Sealer interface {
	Seal(plaintext, associatedData []byte) ([]byte, error)
	Open(sealed, associatedData []byte) ([]byte, error)
}

// A Jar keeps small sealed values in the browser. A value is bound to its cookie's
// name and to the application's address. Its expiry is sealed with it, so that the
// browser's clock does not matter. A Jar is safe for concurrent use.
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

// Get returns a cookie's value. The error is ErrNone, ErrTwice, ErrInvalid or
// ErrExpired.
func (j *Jar) Get(r *http.Request, name string) ([]byte, error) {
	c := Named(name, j.secure)
	sealed, err := c.Get(r)
	if err != nil {
		return nil, err
	}
	return j.open(c.name, sealed)
}

// A Sealed is one of several cookies.
type Sealed struct {
	Name  string // without the __Host- prefix
	Value []byte
	Err   error // ErrTwice, ErrInvalid, ErrExpired
	// Length is what it takes of the request's Cookie header, in bytes.
	Length int
}

// All returns the request's cookies whose names begin with the prefix, each name
// once. It takes time in proportion to the length of the header.
func (j *Jar) All(r *http.Request, prefix string) []Sealed {
	full := Named(prefix, j.secure).name
	var list []Sealed
	var seen map[string]int
	for name, value := range all(r) {
		if !strings.HasPrefix(name, full) {
			continue
		}
		length := pairLength(name, value)
		if i, again := seen[name]; again {
			list[i].Value, list[i].Err = nil, ErrTwice
			list[i].Length += length
			continue
		}
		if seen == nil {
			seen = make(map[string]int)
		}
		seen[name] = len(list)
		s := Sealed{Name: name[len(full)-len(prefix):], Length: length}
		s.Value, s.Err = j.open(name, value)
		list = append(list, s)
	}
	return list
}

// Set sets a cookie that lasts for ttl, in place of one of the same name that this
// answer sets already. ErrTooLong when it would not fit.
func (j *Jar) Set(w http.ResponseWriter, name string, value []byte, ttl time.Duration) error {
	c := Named(name, j.secure)
	// The plaintext and what it is bound to, in one piece of memory.
	b := make([]byte, 8, 8+len(value)+j.associatedLength(c.name))
	binary.BigEndian.PutUint64(b, uint64(j.now().Add(ttl).UnixMilli()))
	b = append(b, value...)
	n := len(b)
	b = j.appendAssociated(b, c.name)
	sealed, err := j.sealer.Seal(b[:n:n], b[n:])
	if err != nil {
		return err
	}
	return c.setText(w.Header(), encoding.AppendEncode(nil, sealed), ttl)
}

// Clear removes a cookie from the browser.
func (j *Jar) Clear(w http.ResponseWriter, name string) { Named(name, j.secure).Clear(w.Header()) }

// Written returns the value that this answer sets, if it does. A cookie that the
// answer removes is written and empty.
func (j *Jar) Written(w http.ResponseWriter, name string) (value []byte, written bool) {
	c := Named(name, j.secure)
	sealed, written := c.set(w.Header())
	value, _ = j.open(c.name, sealed) // nothing opens to nothing
	return value, written
}

// WrittenLength returns what a cookie that this answer sets will take of the Cookie
// header, in bytes.
func (j *Jar) WrittenLength(w http.ResponseWriter, name string) int {
	c := Named(name, j.secure)
	value, _ := c.set(w.Header())
	return pairLength(c.name, value)
}

// pairLength counts "=" and "; ", too.
func pairLength(name, value string) int { return len(name) + len(value) + 3 }

// open opens a value under the cookie's name with the prefix.
func (j *Jar) open(name, value string) ([]byte, error) {
	sealed, err := encoding.DecodeString(value)
	if err != nil {
		return nil, ErrInvalid
	}
	plain, err := j.sealer.Open(sealed, j.appendAssociated(make([]byte, 0, j.associatedLength(name)), name))
	if err != nil || len(plain) < 8 {
		return nil, ErrInvalid
	}
	if j.now().UnixMilli() >= int64(binary.BigEndian.Uint64(plain)) {
		return nil, ErrExpired
	}
	return plain[8:], nil
}

const purpose = "social cookie 1\x00"

func (j *Jar) associatedLength(name string) int { return len(purpose) + len(name) + 1 + len(j.scope) }

// appendAssociated appends what a value is bound to.
func (j *Jar) appendAssociated(b []byte, name string) []byte {
	b = append(b, purpose...)
	b = append(b, name...)
	b = append(b, 0)
	return append(b, j.scope...)
}
