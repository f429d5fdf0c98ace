package input

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Urlencoded reads application/x-www-form-urlencoded text as browsers do (WHATWG URL
// Standard §5.1). Any text is well-formed: a stray ; or % stands for itself, and what is
// not UTF-8 becomes U+FFFD.
func Urlencoded(text string) url.Values {
	values := url.Values{}
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name = unescape(name)
		values[name] = append(values[name], unescape(value))
	}
	return values
}

func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b = append(b, byte(c))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Text returns the text of a form as browsers send it by themselves, for Urlencoded; ""
// for a body of another type. The error is ErrTooLarge or ErrMalformed.
func Text(w http.ResponseWriter, r *http.Request) (string, error) {
	if contentType(r) != "application/x-www-form-urlencoded" {
		return "", nil
	}
	limit(w, r)
	body, err := io.ReadAll(r.Body)
	return string(body), failure(err)
}
