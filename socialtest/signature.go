package socialtest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// pair is a decoded parameter of a signed request.
type pair struct{ name, value string }

// signed has an OAuth 1.0a request's protocol parameters, and all parameters that its
// signature covers.
type signed struct {
	protocol map[string]string
	covered  []pair
}

// readSigned reads the Authorization header (RFC 5849 §3.5.1) and collects the
// parameters of the signature (§3.4.1.3.1).
func readSigned(r *http.Request) (*signed, error) {
	header := r.Header.Values("Authorization")
	if len(header) != 1 {
		return nil, errors.New("there is not exactly one Authorization header")
	}
	scheme, list, _ := strings.Cut(header[0], " ")
	if !strings.EqualFold(scheme, "OAuth") {
		return nil, errors.New("the Authorization header is not OAuth")
	}
	s := &signed{protocol: make(map[string]string)}
	for part := range strings.SplitSeq(list, ",") {
		rawName, quoted, found := strings.Cut(strings.TrimSpace(part), "=")
		if !found || len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
			return nil, errors.New(`the Authorization header has a part that is not name="value"`)
		}
		name, err := unescape(rawName)
		if err != nil {
			return nil, err
		}
		value, err := unescape(quoted[1 : len(quoted)-1])
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(name, "realm") {
			continue
		}
		if _, twice := s.protocol[name]; twice {
			return nil, errors.New("the Authorization header has " + name + " twice")
		}
		s.protocol[name] = value
		if name != "oauth_signature" {
			s.covered = append(s.covered, pair{name, value})
		}
	}
	in := paramsOf(r)
	for _, v := range []url.Values{in.query, in.form} {
		for name, values := range v {
			for _, value := range values {
				s.covered = append(s.covered, pair{name, value})
			}
		}
	}
	return s, nil
}

// requestedPath is the path of the request line.
func requestedPath(r *http.Request) string {
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		return r.URL.EscapedPath()
	}
	return u.EscapedPath()
}

// baseString makes the signature base string (§3.4.1). Where a request goes is
// taken from its Host header, scheme from the server's address.
func (s *signed) baseString(method, scheme, host, path string) string {
	host = strings.ToLower(host)
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	encoded := make([]pair, len(s.covered))
	for i, p := range s.covered {
		encoded[i] = pair{escape(p.name), escape(p.value)}
	}
	slices.SortFunc(encoded, func(a, b pair) int {
		if a.name != b.name {
			return strings.Compare(a.name, b.name)
		}
		return strings.Compare(a.value, b.value)
	})
	var normalized strings.Builder
	for i, p := range encoded {
		if i > 0 {
			normalized.WriteByte('&')
		}
		normalized.WriteString(p.name + "=" + p.value)
	}
	return strings.ToUpper(method) + "&" + escape(scheme+"://"+host+path) + "&" + escape(normalized.String())
}

// hmacSHA1 signs a base string (§3.4.2).
func hmacSHA1(base, consumerSecret, tokenSecret string) string {
	mac := hmac.New(sha1.New, []byte(escape(consumerSecret)+"&"+escape(tokenSecret)))
	mac.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

const hexDigits = "0123456789ABCDEF"

// escape is the percent encoding of §3.6.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}

// unescape undoes escape. What escape would have written otherwise is refused.
func unescape(s string) (string, error) {
	decoded, err := url.PathUnescape(s)
	if err != nil || escape(decoded) != s {
		return "", errors.New("the Authorization header is not percent-encoded as RFC 5849 §3.6 says")
	}
	return decoded, nil
}
