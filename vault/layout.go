package vault

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// A keptToken is a token as it is sealed: with the time it was issued, from
// which the margin of early refreshing is reckoned.
type keptToken struct {
	oauth.Token
	Issued time.Time
}

// The plaintext of a sealed value is a version byte and then its fields in
// fixed order: a string is its length (unsigned varint) and its bytes, a time
// is eight bytes of Unix nanoseconds, the smallest number standing for no time.
// JSON would not do: secret.Text redacts itself there.
const layoutVersion = 1

const noTime = -1 << 63

type encoder []byte

func (e *encoder) string(s string) {
	*e = binary.AppendUvarint(*e, uint64(len(s)))
	*e = append(*e, s...)
}

func (e *encoder) time(t time.Time) {
	n := int64(noTime)
	if !t.IsZero() {
		n = t.UnixNano()
	}
	*e = binary.BigEndian.AppendUint64(*e, uint64(n))
}

func (e *encoder) token(t *keptToken) {
	e.string(t.ClientID)
	e.string(t.Access.Reveal())
	e.string(t.Secret.Reveal())
	e.string(t.Refresh.Reveal())
	e.string(t.ID.Reveal())
	e.string(t.Type)
	e.time(t.Expiry)
	e.time(t.Issued)
	e.time(t.RefreshExpiry)
	e.strings(t.Scopes)
	*e = binary.AppendUvarint(*e, uint64(len(t.Extra)))
	for _, name := range slices.Sorted(maps.Keys(t.Extra)) {
		e.string(name)
		e.string(t.Extra[name].Reveal())
	}
}

func (e *encoder) strings(list []string) {
	*e = binary.AppendUvarint(*e, uint64(len(list)))
	for _, s := range list {
		e.string(s)
	}
}

// A decoder reads what encoder wrote. After the first fault every read gives a
// zero value, and bad says so.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) uvarint() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) string() string {
	n := d.uvarint()
	if d.bad || n > uint64(len(d.rest)) {
		d.bad = true
		return ""
	}
	s := string(d.rest[:n])
	d.rest = d.rest[n:]
	return s
}

func (d *decoder) secret() secret.Text { return secret.Text(d.string()) }

func (d *decoder) time() time.Time {
	if d.bad || len(d.rest) < 8 {
		d.bad = true
		return time.Time{}
	}
	n := int64(binary.BigEndian.Uint64(d.rest))
	d.rest = d.rest[8:]
	if n == noTime {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func (d *decoder) token() (t keptToken) {
	t.ClientID = d.string()
	t.Access = d.secret()
	t.Secret = d.secret()
	t.Refresh = d.secret()
	t.ID = d.secret()
	t.Type = d.string()
	t.Expiry = d.time()
	t.Issued = d.time()
	t.RefreshExpiry = d.time()
	t.Scopes = d.strings()
	if n := d.count(); n > 0 {
		t.Extra = make(map[string]secret.Text, n)
		for range n {
			name := d.string()
			t.Extra[name] = d.secret()
		}
	}
	return t
}

// count reads how many items follow. Each takes at least a byte: a larger count
// is no count.
func (d *decoder) count() int {
	n := d.uvarint()
	if d.bad || n > uint64(len(d.rest)) {
		d.bad = true
		return 0
	}
	return int(n)
}

func (d *decoder) strings() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.string()
	}
	return list
}

// open starts decoding a plaintext; close reports whether it was read whole.
func openLayout(plaintext []byte) decoder {
	if len(plaintext) == 0 || plaintext[0] != layoutVersion {
		return decoder{bad: true}
	}
	return decoder{rest: plaintext[1:]}
}

func (d *decoder) whole() bool { return !d.bad && len(d.rest) == 0 }

func encodeToken(t *keptToken) []byte {
	size := 72 + len(t.Access) + len(t.Secret) + len(t.Refresh) + len(t.ID)
	e := append(make(encoder, 0, size), layoutVersion)
	e.token(t)
	return e
}

func decodeToken(plaintext []byte) (keptToken, bool) {
	d := openLayout(plaintext)
	t := d.token()
	return t, d.whole()
}

func encodeGrant(g *oauth.Grant, now time.Time) []byte {
	e := encoder{layoutVersion}
	e.string(g.ProviderID)
	p := &g.Profile
	for _, s := range []string{p.Subject, p.DisplayName, p.FullName, p.Email, p.ProfileURL, p.ImageURL} {
		e.string(s)
	}
	verified := byte(0)
	if p.EmailVerified {
		verified = 1
	}
	e = append(e, verified)
	e.strings(g.RequestedScopes)
	e.token(&keptToken{g.Token, now})
	return e
}

func decodeGrant(plaintext []byte) (*oauth.Grant, bool) {
	d := openLayout(plaintext)
	g := &oauth.Grant{ProviderID: d.string()}
	p := &g.Profile
	for _, s := range []*string{&p.Subject, &p.DisplayName, &p.FullName, &p.Email, &p.ProfileURL, &p.ImageURL} {
		*s = d.string()
	}
	if d.bad || len(d.rest) == 0 {
		return nil, false
	}
	p.EmailVerified = d.rest[0] == 1
	d.rest = d.rest[1:]
	g.RequestedScopes = d.strings()
	g.Token = d.token().Token
	return g, d.whole()
}
