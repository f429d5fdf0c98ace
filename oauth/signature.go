package oauth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gosocial/social/secret"
)

// maxForm limits the form body that is read to be signed. It may hold a picture.
const maxForm = 16 << 20

const formType = "application/x-www-form-urlencoded"

// A parameter is one of the protocol's own, neither half encoded.
type parameter struct{ name, value string }

// A baseString gathers the parts of a signature base string (RFC 5849 §3.4.1).
// Names and values are kept encoded, one after the other, in text.
type baseString struct {
	text  []byte
	pairs []pair
}

// A pair is the position of a parameter: the name up to mid, the value after it.
type pair struct{ start, mid, end int }

// authorization signs the request with HMAC-SHA1 (§3.4.2) and returns the
// Authorization header (§3.5.1). The parameters must include what §3.1 demands;
// the signature comes on top. A form body is read and put back.
func authorization(req *http.Request, own []parameter, consumerSecret, tokenSecret secret.Text) (string, error) {
	b, err := gather(req, own)
	if err != nil {
		return "", err
	}
	header := make([]byte, 0, 512)
	header = append(header, "OAuth "...)
	for _, p := range b.pairs[:len(own)] {
		header = append(header, b.text[p.start:p.mid]...)
		header = append(header, `="`...)
		header = append(header, b.text[p.mid:p.end]...)
		header = append(header, `", `...)
	}

	key := make([]byte, 0, 128)
	key = appendEscaped(key, consumerSecret.Reveal())
	key = append(key, '&')
	key = appendEscaped(key, tokenSecret.Reveal())
	mac := hmac.New(sha1.New, key)
	whole, err := b.of(req)
	if err != nil {
		return "", err
	}
	mac.Write(whole)
	var sum [sha1.Size]byte
	var encoded [28]byte // of 20 bytes
	base64.StdEncoding.Encode(encoded[:], mac.Sum(sum[:0]))

	header = append(header, `oauth_signature="`...)
	for _, c := range encoded {
		header = appendEscapedByte(header, c)
	}
	header = append(header, '"')
	return string(header), nil
}

// gather collects the parameters: the protocol's own first, then those of query
// and form body.
func gather(req *http.Request, own []parameter) (*baseString, error) {
	form, err := formBody(req)
	if err != nil {
		return nil, err
	}
	b := &baseString{text: make([]byte, 0, 512), pairs: make([]pair, 0, 24)}
	for _, p := range own {
		b.add(p.name, p.value)
	}
	if err := b.addForm(req.URL.RawQuery, own); err != nil {
		return nil, err
	}
	return b, b.addForm(string(form), own)
}

// of makes the string: method, base string URI and the normalized parameters.
func (b *baseString) of(req *http.Request) ([]byte, error) {
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	out := make([]byte, 0, 2*len(b.text))
	out = append(out, strings.ToUpper(method)...)
	out = append(out, '&')
	out, err := appendURI(out, req)
	if err != nil {
		return nil, err
	}
	out = append(out, '&')

	text := b.text
	slices.SortFunc(b.pairs, func(x, y pair) int {
		if c := bytes.Compare(text[x.start:x.mid], text[y.start:y.mid]); c != 0 {
			return c
		}
		return bytes.Compare(text[x.mid:x.end], text[y.mid:y.end])
	})
	for i, p := range b.pairs {
		if i > 0 {
			out = append(out, "%26"...)
		}
		out = appendEscapedAgain(out, text[p.start:p.mid])
		out = append(out, "%3D"...)
		out = appendEscapedAgain(out, text[p.mid:p.end])
	}
	return out, nil
}

// appendURI appends the base string URI (§3.4.1.2), escaped: the address as it is
// sent, without query, the host in lower case, and a port only where it is not the
// scheme's default.
func appendURI(out []byte, req *http.Request) ([]byte, error) {
	u := req.URL
	defaultPort := ":80"
	switch u.Scheme {
	case "http":
	case "https":
		defaultPort = ":443"
	default:
		return nil, errors.New("only http and https requests can be signed")
	}
	host := req.Host
	if host == "" {
		host = u.Host
	}
	if host == "" || u.Opaque != "" {
		return nil, errors.New("the request's URL has no host")
	}
	host = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(host), defaultPort), ":")
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	out = appendEscaped(out, u.Scheme)
	out = append(out, "%3A%2F%2F"...)
	out = appendEscaped(out, host)
	return appendEscaped(out, path), nil
}

func (b *baseString) add(name, value string) {
	p := pair{start: len(b.text)}
	b.text = appendEscaped(b.text, name)
	p.mid = len(b.text)
	b.text = appendEscaped(b.text, value)
	p.end = len(b.text)
	b.pairs = append(b.pairs, p)
}

// addForm adds form-encoded parameters (§3.4.1.3.1): of the query, or of the
// body.
func (b *baseString) addForm(form string, own []parameter) error {
	for form != "" {
		var part string
		part, form, _ = strings.Cut(form, "&")
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		p := pair{start: len(b.text)}
		var ok bool
		if b.text, ok = appendReescaped(b.text, name); !ok {
			return errMalformedForm
		}
		p.mid = len(b.text)
		if b.text, ok = appendReescaped(b.text, value); !ok {
			return errMalformedForm
		}
		p.end = len(b.text)
		for _, o := range own {
			// §3.5: a protocol parameter goes one way only.
			if o.name == string(b.text[p.start:p.mid]) {
				return errors.New("the request has a parameter " + o.name + " of its own")
			}
		}
		b.pairs = append(b.pairs, p)
	}
	return nil
}

var errMalformedForm = errors.New("the request's parameters are not form-encoded")

// formBody returns the body where it is part of the signature: of a single-part
// form (§3.4.1.3.1). Any other body is not read.
func formBody(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	media, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(media), formType) {
		return nil, nil
	}
	body := req.Body
	if req.GetBody != nil {
		var err error
		if body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	defer body.Close()
	form, err := io.ReadAll(io.LimitReader(body, maxForm+1))
	if err != nil {
		return nil, err
	}
	if len(form) > maxForm {
		return nil, errors.New("the form is too large to be signed")
	}
	if req.GetBody == nil {
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(form)), nil }
		req.Body, _ = req.GetBody()
		req.ContentLength = int64(len(form))
	}
	return form, nil
}

const upperHex = "0123456789ABCDEF"

// appendEscaped percent-encodes as §3.6 says.
func appendEscaped(out []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		out = appendEscapedByte(out, s[i])
	}
	return out
}

func appendEscapedByte(out []byte, c byte) []byte {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
		return append(out, c)
	}
	return append(out, '%', upperHex[c>>4], upperHex[c&15])
}

// appendEscapedAgain percent-encodes what is percent-encoded.
func appendEscapedAgain(out, escaped []byte) []byte {
	for _, c := range escaped {
		if c == '%' {
			out = append(out, "%25"...)
		} else {
			out = append(out, c)
		}
	}
	return out
}

// appendReescaped turns form encoding into that of §3.6. It reports false for a
// broken escape: the server would read something else than is signed.
func appendReescaped(out []byte, s string) ([]byte, bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if i+2 >= len(s) {
				return out, false
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return out, false
			}
			c = byte(n)
			i += 2
		}
		out = appendEscapedByte(out, c)
	}
	return out, true
}
