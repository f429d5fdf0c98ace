package social

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// An intent is what a flow is for.
type intent byte

const (
	intentLogin intent = iota + 1
	intentConnect
	intentReconnect
)

// A flow is a journey to a provider and back, remembered by the browser that
// began it in one sealed cookie.
type flow struct {
	intent       intent
	providerID   string
	userID       string // who began; "" for a log-in
	connectionID string // of a reconnect
	next         string
	began        time.Time
	pending      oauth.Pending // without URL and RedirectURI
}

const (
	flowCookie = "social_flow_"
	// maxFlows bounds how many flows one browser may have under way, and so the
	// size of its Cookie header.
	maxFlows = 8
	// maxEvicted bounds how many cookies one answer removes, and so its size.
	maxEvicted = 64
)

// flowHash stands for a flow in the claim and, cut, in its cookie's name. The
// provider is part of it: a state that arrives at another one finds nothing.
func flowHash(providerID, key string) [sha256.Size]byte {
	var room [512]byte
	b := append(room[:0], "social flow\x00"...)
	b = append(b, providerID...)
	b = append(b, 0)
	b = append(b, key...)
	return sha256.Sum256(b)
}

func flowName(hash [sha256.Size]byte) string {
	return flowCookie + hex.EncodeToString(hash[:12])
}

// keepFlow hands the flow to the browser, in place of the oldest when there are
// many.
func (s *Social) keepFlow(w http.ResponseWriter, r *http.Request, f *flow) error {
	s.evictFlows(w, r)
	name := flowName(flowHash(f.providerID, f.pending.Key()))
	return s.jar.Set(w, name, f.encode(), s.cfg.FlowTTL)
}

func (s *Social) evictFlows(w http.ResponseWriter, r *http.Request) {
	cookies := s.jar.All(r, flowCookie)
	if len(cookies) < maxFlows {
		return
	}
	type aged struct {
		name  string
		began time.Time // zero for one that does not open
	}
	flows := make([]aged, len(cookies))
	for i, c := range cookies {
		flows[i].name = c.Name
		if f, err := decodeFlow(c.Value); err == nil {
			flows[i].began = f.began
		}
	}
	slices.SortFunc(flows, func(a, b aged) int { return a.began.Compare(b.began) })
	oldest := flows[:len(flows)-maxFlows+1]
	for _, f := range oldest[:min(len(oldest), maxEvicted)] {
		s.jar.Clear(w, f.name)
	}
}

const flowVersion = 1

// encode lays the flow out: version, intent, two numbers of eight bytes, then
// strings and the list of scopes, each behind its length.
func (f *flow) encode() []byte {
	p := &f.pending
	b := make([]byte, 0, 512)
	b = append(b, flowVersion, byte(f.intent))
	b = binary.BigEndian.AppendUint64(b, uint64(f.began.UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, uint64(p.MaxAge))
	for _, field := range [...]string{
		f.providerID, f.userID, f.connectionID, f.next,
		p.ClientID, p.State, p.Nonce, p.Verifier.Reveal(), p.RequestToken, p.RequestSecret.Reveal(),
	} {
		b = appendString(b, field)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Scopes)))
	for _, scope := range p.Scopes {
		b = appendString(b, scope)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

var errFlow = errors.New("social: malformed flow")

func decodeFlow(b []byte) (*flow, error) {
	const head = 2 + 8 + 8
	if len(b) < head || b[0] != flowVersion {
		return nil, errFlow
	}
	f := &flow{intent: intent(b[1]), began: time.UnixMilli(int64(binary.BigEndian.Uint64(b[2:])))}
	if f.intent < intentLogin || f.intent > intentReconnect {
		return nil, errFlow
	}
	p := &f.pending
	p.MaxAge = time.Duration(binary.BigEndian.Uint64(b[10:]))

	// One copy of the text, of which the fields are parts.
	rest := &reader{bytes: b[head:], text: string(b[head:])}
	f.providerID = rest.string()
	f.userID = rest.string()
	f.connectionID = rest.string()
	f.next = rest.string()
	p.ClientID = rest.string()
	p.State = rest.string()
	p.Nonce = rest.string()
	p.Verifier = secret.Text(rest.string())
	p.RequestToken = rest.string()
	p.RequestSecret = secret.Text(rest.string())
	if n := rest.number(); n > 0 && n <= uint64(len(rest.bytes)) {
		p.Scopes = make([]string, n)
		for i := range p.Scopes {
			p.Scopes[i] = rest.string()
		}
	} else if n > 0 {
		return nil, errFlow
	}
	if rest.failed || len(rest.bytes) != 0 {
		return nil, errFlow
	}
	return f, nil
}

// A reader takes lengths and strings off a layout.
type reader struct {
	bytes  []byte
	text   string
	failed bool
}

func (r *reader) number() uint64 {
	n, width := binary.Uvarint(r.bytes)
	if width <= 0 {
		r.failed = true
		r.bytes, r.text = nil, ""
		return 0
	}
	r.bytes, r.text = r.bytes[width:], r.text[width:]
	return n
}

func (r *reader) string() string {
	n := r.number()
	if n > uint64(len(r.text)) {
		r.failed = true
		return ""
	}
	s := r.text[:n]
	r.bytes, r.text = r.bytes[n:], r.text[n:]
	return s
}

// splitScopes reads a list of scopes as people and protocols write it.
func splitScopes(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n' })
}
