package oauth

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/gosocial/social/secret"
)

// Credentials are those of an application registered at a provider: a client, and one
// secret or key of it.
//
// A provider takes a list of them. New flows use the first. A token is refreshed,
// revoked and, by OAuth 1.0a, signed for under the client that it was granted to
// (Token.ClientID), so that an application can move to another client while
// tokens of the old one live. Two entries with one ClientID are two secrets that
// are valid at the same time: the second is tried when the provider refuses the
// first, and the one that worked is remembered in memory.
type Credentials struct {
	ClientID     string      // client_id (RFC 6749 §2.2), the consumer key of OAuth 1.0a
	ClientSecret secret.Text // client_secret, the consumer secret of OAuth 1.0a

	// PrivateKey is a PEM key (EC, RSA or Ed25519; PKCS #8, SEC 1 or PKCS #1) for
	// AuthPrivateKeyJWT, with its optional KeyID.
	PrivateKey secret.Text
	KeyID      string
}

// CodeClientUnknown is the Code of a *ProviderError, of Kind Operator, about a
// token or flow whose client is not among the provider's Credentials (any more).
const CodeClientUnknown = "client_unknown"

// A registration is one client of the provider (RFC 6749 §2), with a proof of
// its identity for each secret or key.
type registration[Proof any] struct {
	id     string
	proofs []Proof
	last   atomic.Int32 // index of the proof that the provider took last
}

// registrations are the clients of a provider in the order of its Credentials.
type registrations[Proof any] []*registration[Proof]

// newRegistrations makes the proofs of a list of credentials.
func newRegistrations[Proof any](list []Credentials, prove func(Credentials) (Proof, error)) (registrations[Proof], error) {
	if len(list) == 0 {
		return nil, errors.New("the list Credentials is empty")
	}
	var r registrations[Proof]
	for i, c := range list {
		at := "Credentials"
		if len(list) > 1 {
			at = fmt.Sprintf("Credentials %d", i+1)
		}
		if c.ClientID == "" {
			return nil, fmt.Errorf("%s: ClientID is missing", at)
		}
		proof, err := prove(c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		if known := r.find(c.ClientID); known != nil {
			known.proofs = append(known.proofs, proof)
		} else {
			r = append(r, &registration[Proof]{id: c.ClientID, proofs: []Proof{proof}})
		}
	}
	return r, nil
}

// find returns the client with the ID, the first one for "", or nil.
func (r registrations[Proof]) find(clientID string) *registration[Proof] {
	for _, c := range r {
		if clientID == "" || c.id == clientID {
			return c
		}
	}
	return nil
}

// of is find with the error for a client that has left the list.
func (r registrations[Proof]) of(clientID, providerID, op string) (*registration[Proof], error) {
	if c := r.find(clientID); c != nil {
		return c, nil
	}
	return nil, &ProviderError{
		Kind: Operator, ProviderID: providerID, Op: op, Code: CodeClientUnknown,
		Err: errors.New("the client is not among the provider's credentials"),
	}
}

// remember takes over which proofs worked, from those of the same credentials.
func (r registrations[Proof]) remember(from registrations[Proof]) {
	for i, c := range r {
		c.last.Store(from[i].last.Load())
	}
}

// proof returns the proof that the provider took last.
func (c *registration[Proof]) proof() *Proof { return &c.proofs[c.last.Load()] }

// each calls attempt with one proof after the other, the one that worked last
// first, until the provider does not refuse it.
func (c *registration[Proof]) each(attempt func(*Proof) (refused bool)) {
	first := int(c.last.Load())
	for i := range c.proofs {
		at := (first + i) % len(c.proofs)
		if !attempt(&c.proofs[at]) {
			c.last.Store(int32(at))
			return
		}
	}
}
