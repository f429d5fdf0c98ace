package tenants

import (
	"slices"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

const (
	mostCredentials = 20 // with those that are retired
	longestSecret   = 16 << 10
)

// Credentials are a client at a provider, with its secret or key. A Directory never returns
// the secret and the key.
type Credentials struct {
	ClientID   string
	Secret     secret.Text
	PrivateKey secret.Text // PEM, for private_key_jwt
	KeyID      string
	CreatedAt  time.Time
	RetiredAt  time.Time // zero while they are in use
}

func (c *Credentials) retire(now time.Time) {
	if c.RetiredAt.IsZero() {
		c.RetiredAt = now
	}
	c.Secret, c.PrivateKey = "", ""
}

// merged returns the credentials of old after someone has entered a list: those without a
// secret are old ones of their client, and old ones that are not in the list retire.
func merged(old, list []Credentials, now time.Time) []Credentials {
	rest := slices.Clone(old)
	var out, retired []Credentials
	for _, c := range list {
		if c.Secret != "" || c.PrivateKey != "" {
			out = append(out, Credentials{c.ClientID, c.Secret, c.PrivateKey, c.KeyID, now, time.Time{}})
			continue
		}
		i := slices.IndexFunc(rest, func(o Credentials) bool {
			return o.ClientID == c.ClientID && o.RetiredAt.IsZero() == c.RetiredAt.IsZero()
		})
		if i < 0 && !c.RetiredAt.IsZero() { // to be retired now
			i = slices.IndexFunc(rest, func(o Credentials) bool { return o.ClientID == c.ClientID })
		}
		switch {
		case i >= 0 && c.RetiredAt.IsZero():
			out = append(out, rest[i])
			rest = slices.Delete(rest, i, i+1)
		case i >= 0:
			rest[i].retire(now)
		case c.RetiredAt.IsZero():
			out = append(out, Credentials{ClientID: c.ClientID, KeyID: c.KeyID, CreatedAt: now}) // of a public client
		}
	}
	for _, c := range rest {
		c.retire(now)
		retired = append(retired, c)
	}
	slices.SortStableFunc(retired, func(a, b Credentials) int { return b.RetiredAt.Compare(a.RetiredAt) })
	return append(out, retired[:min(len(retired), max(mostCredentials-len(out), 0))]...)
}

// inUse returns the credentials that are not retired, for the provider.
func inUse(list []Credentials) (used []oauth.Credentials) {
	for _, c := range list {
		if c.RetiredAt.IsZero() {
			used = append(used, oauth.Credentials{ClientID: c.ClientID, ClientSecret: c.Secret, PrivateKey: c.PrivateKey, KeyID: c.KeyID})
		}
	}
	return used
}

// withoutSecrets returns a copy.
func withoutSecrets(list []Credentials) []Credentials {
	list = slices.Clone(list)
	for i := range list {
		list[i].Secret, list[i].PrivateKey = "", ""
	}
	return list
}

func encodeCredentials(e *keyring.Encoder, list []Credentials) {
	e.Number(uint64(len(list)))
	for _, c := range list {
		e.Text(c.ClientID)
		e.Text(c.Secret.Reveal())
		e.Text(c.PrivateKey.Reveal())
		e.Text(c.KeyID)
		e.Time(c.CreatedAt)
		e.Time(c.RetiredAt)
	}
}

func decodeCredentials(d *keyring.Decoder) (list []Credentials) {
	for n := d.Number(); n > 0 && d.More(); n-- {
		list = append(list, Credentials{d.Text(), secret.Text(d.Text()), secret.Text(d.Text()), d.Text(), d.Time(), d.Time()})
	}
	return list
}
