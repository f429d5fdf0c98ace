// Package cookie reads the Cookie header of requests and writes the Set-Cookie
// lines of answers. A [Cookie] has a plain value, a [Jar] keeps sealed ones.
//
// A cookie set over https has the __Host- prefix and is Secure; over plain http it
// has neither. All are HttpOnly and SameSite=Lax, with Path=/ and no Domain.
package cookie

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Errors of reading and writing.
var (
	ErrNone    = errors.New("cookie: there is no such cookie")
	ErrTwice   = errors.New("cookie: two cookies of one name")
	ErrInvalid = errors.New("cookie: the value does not open")
	ErrExpired = errors.New("cookie: the value has expired")
	ErrTooLong = errors.New("cookie: the value is too long for a cookie")
)

// maxBytes is the length of a cookie that browsers refuse (RFC 6265 §6.1).
const maxBytes = 4096

// A Cookie is a cookie by its name. It is safe for concurrent use.
type Cookie struct {
	name   string // with the prefix
	secure bool
}

// Named returns the cookie of a name without the prefix. secure says that the
// application is served over https.
func Named(name string, secure bool) Cookie {
	if secure {
		name = "__Host-" + name
	}
	return Cookie{name, secure}
}

// Get returns the value in a request. Of two cookies of the name one may be
// another site's, so they are ErrTwice. Without any it is ErrNone.
func (c Cookie) Get(r *http.Request) (string, error) {
	var value string
	found := false
	for name, v := range all(r) {
		if name != c.name {
			continue
		}
		if found {
			return "", ErrTwice
		}
		value, found = v, true
	}
	if !found {
		return "", ErrNone
	}
	return value, nil
}

// all yields the names and values of a request's cookies, without copying them. A
// pair without = is a name without a value, because a server may read it so. Only
// blanks and tabs around a pair are not part of it: "\u2000__Host-session" is
// another cookie, which a neighbouring host may set.
func all(r *http.Request) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for _, line := range r.Header["Cookie"] {
			for line != "" {
				var pair string
				pair, line, _ = strings.Cut(line, ";")
				name, value, _ := strings.Cut(strings.Trim(pair, " \t"), "=")
				if !yield(name, value) {
					return
				}
			}
		}
	}
}

// Set adds to an answer's header that the cookie has the value, for the age or, when
// that is 0, until the browser closes. It replaces what the answer set before. The
// value must have only characters of RFC 6265's cookie-octet. ErrTooLong when the
// cookie would not fit.
func (c Cookie) Set(h http.Header, value string, age time.Duration) error {
	return c.setText(h, []byte(value), age)
}

func (c Cookie) setText(h http.Header, value []byte, age time.Duration) error {
	line := c.line(value, age)
	if len(line) >= maxBytes {
		return ErrTooLong
	}
	c.put(h, line)
	return nil
}

// Clear adds to an answer's header that the browser removes the cookie.
func (c Cookie) Clear(h http.Header) { c.put(h, c.line(nil, -1)) }

// set returns the value that an answer sets, and whether it sets or removes the
// cookie.
func (c Cookie) set(h http.Header) (value string, ok bool) {
	for _, line := range h["Set-Cookie"] {
		if c.is(line) {
			value, _, _ = strings.Cut(line[len(c.name)+1:], ";")
			return value, true
		}
	}
	return "", false
}

// line returns a Set-Cookie line. An age of 0 is until the browser closes, one below 0
// removes the cookie.
func (c Cookie) line(value []byte, age time.Duration) string {
	var b strings.Builder
	b.Grow(len(c.name) + len(value) + 64)
	b.WriteString(c.name)
	b.WriteByte('=')
	b.Write(value)
	b.WriteString("; Path=/")
	if age != 0 {
		var digits [20]byte
		b.WriteString("; Max-Age=")
		b.Write(strconv.AppendInt(digits[:0], int64(age/time.Second), 10))
	}
	b.WriteString("; HttpOnly; SameSite=Lax")
	if c.secure {
		b.WriteString("; Secure")
	}
	return b.String()
}

// put adds the one line of the name (RFC 6265 §4.1.1). It does not change the slice
// of lines before, because a caller may keep that to go back to it.
func (c Cookie) put(h http.Header, line string) {
	lines := h["Set-Cookie"]
	for i := range lines {
		if c.is(lines[i]) {
			lines = append(lines[:i:i], lines[i+1:]...)
			break
		}
	}
	if lines == nil {
		lines = make([]string, 0, 4)
	}
	h["Set-Cookie"] = append(lines, line)
}

func (c Cookie) is(line string) bool {
	n := len(c.name)
	return len(line) > n && line[n] == '=' && line[:n] == c.name
}
