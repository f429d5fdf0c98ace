package gateway

import (
	"mime"
	"net/http"
	"strings"
)

// redactedBytes is in how much of a body the token is looked for.
const redactedBytes = 64 << 10

// A redactor overwrites a token in the beginning of a text that comes in pieces: plain,
// percent-encoded, or with the escapes of JSON. The length of the text stays.
type redactor struct {
	token string
	left  int    // bytes in which a token may begin yet
	held  []byte // what may be the beginning of the token
	found bool
}

func newRedactor(token string) *redactor { return &redactor{token: token, left: redactedBytes} }

// next returns what can be passed on after another piece, which it changes.
func (r *redactor) next(piece []byte) []byte {
	if r.token == "" || r.left <= 0 && len(r.held) == 0 {
		return piece
	}
	if len(r.held) > 0 {
		piece = append(r.held, piece...)
		r.held = nil
	}
	i := 0
	for i < len(piece) && i < r.left {
		if c := piece[i]; c != r.token[0] && c != '%' && c != '\\' {
			i++
			continue
		}
		n, found := matchToken(piece[i:], r.token)
		switch {
		case found == whole:
			for ; n > 0; n-- {
				piece[i] = '*'
				i++
			}
			r.found = true
		case found == partial:
			r.held = append([]byte(nil), piece[i:]...)
			r.left -= i
			return piece[:i]
		default:
			i++
		}
	}
	r.left -= i
	return piece
}

// rest returns what is held back at the end.
func (r *redactor) rest() []byte {
	held := r.held
	r.held = nil
	return held
}

// redact overwrites the token in a text.
func (r *redactor) redact(text string) string {
	if r.token == "" {
		return text
	}
	one := newRedactor(r.token)
	b := append(one.next([]byte(text)), one.rest()...)
	r.found = r.found || one.found
	return string(b)
}

type matching int

const (
	none matching = iota
	partial
	whole
)

// matchToken reports whether text begins with the token, or may do so when more follows. n is
// how long it is there.
func matchToken(text []byte, token string) (n int, found matching) {
	if token == "" {
		return 0, whole
	}
	if len(text) == 0 {
		return 0, partial
	}
	c := token[0]
	for _, size := range []int{formSize(text, c, text[0] == c, 1), formSize(text, c, text[0] == '%', 3), formSize(text, c, text[0] == '\\', 0)} {
		switch {
		case size < 0:
			found = max(found, partial)
		case size > 0:
			rest, how := matchToken(text[size:], token[1:])
			if how == whole {
				return size + rest, whole
			}
			found = max(found, how)
		}
	}
	return 0, found
}

// formSize returns how many bytes of text stand for c in a form: 1 plain, 3 percent-encoded, 0
// escaped as in JSON. It is 0 where they do not, and -1 where they may when more follows. is
// says whether text begins as the form does.
func formSize(text []byte, c byte, is bool, form int) int {
	switch {
	case !is:
		return 0
	case form == 1:
		return 1
	case form == 3:
		return escapeSize(text, 1, c)
	case len(text) == 1:
		return -1
	case text[1] == c:
		return 2 // as in \/
	case text[1] == 'u':
		for i, zero := range []byte("00") {
			if len(text) == 2+i {
				return -1
			}
			if text[2+i] != zero {
				return 0
			}
		}
		return escapeSize(text, 4, c)
	}
	return 0
}

// escapeSize returns at how many bytes the two hexadecimal digits of c end that begin at a place,
// 0 where there are others, and -1 where they may follow.
func escapeSize(text []byte, at int, c byte) int {
	for i, digit := range []byte{hexDigits[c>>4], hexDigits[c&15]} {
		if len(text) == at+i {
			return -1
		}
		if text[at+i]|0x20 != digit|0x20 {
			return 0
		}
	}
	return at + 2
}

// isText reports whether an answer's body is text that is not compressed.
func isText(h http.Header) bool {
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return false
	}
	kind := h.Get("Content-Type")
	if parsed, _, err := mime.ParseMediaType(kind); err == nil {
		kind = parsed
	}
	if kind == "" || strings.HasPrefix(kind, "text/") {
		return true
	}
	for _, word := range []string{"json", "xml", "javascript", "ecmascript", "graphql", "yaml", "x-www-form-urlencoded"} {
		if strings.Contains(kind, word) {
			return true
		}
	}
	return false
}
