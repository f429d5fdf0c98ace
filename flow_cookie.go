package social

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

const (
	flowCookie    = "social_flow_"
	flowNameBytes = 12 // of the hash, in the cookie's name
	// maxFlowCookies bounds the flow cookies of one browser, in bytes of its Cookie
	// header. Proxies take 8 KB, with everything else that is in it.
	maxFlowCookies = 4096
	// maxFlowInCookie bounds a flow in a cookie, in bytes before it is sealed, so that
	// several fit. A longer one is a row.
	maxFlowInCookie = 640
	// maxFlow bounds a flow: more scopes than this are no provider's.
	maxFlow = 16 << 10
	// maxEvicted bounds how many cookies one answer removes, and so its length.
	maxEvicted = 8
)

var errFlowTooLong = errors.New("social: the flow is too long")

func flowName(hash [32]byte) string {
	var name [len(flowCookie) + 2*flowNameBytes]byte
	hex.Encode(name[copy(name[:], flowCookie):], hash[:flowNameBytes])
	return string(name[:])
}

// A kept is what a flow cookie has: the flow, or the token of its row, or where it went
// when it is done.
type kept struct {
	began time.Time
	flow  *flow

	token string

	done   bool
	userID string // who was signed in then
	to     string
}

// What a flow cookie has, which is the version of its layout too.
const (
	keptFlow byte = iota + 1
	keptToken
	keptDone
)

func decodeKept(b []byte) (kept, error) {
	if len(b) > 0 && b[0] == keptFlow {
		f, err := decodeFlow(b)
		if err != nil {
			return kept{}, err
		}
		return kept{began: f.began, flow: f}, nil
	}
	d := keyring.NewDecoder(b)
	k := kept{}
	switch d.Byte() {
	case keptToken:
		k.began, k.token = d.Time(), d.Text()
	case keptDone:
		k.done, k.began, k.userID, k.to = true, d.Time(), d.Text(), d.Text()
	default:
		return kept{}, errFlow
	}
	if !d.Whole() {
		return kept{}, errFlow
	}
	return k, nil
}

// keepFlow hands the flow to the browser, in place of the oldest when there are
// many. errFlowTooLong when it is too long even for a row.
func (s *Social) keepFlow(w http.ResponseWriter, r *http.Request, f *flow) error {
	value := f.encode()
	if len(value) > maxFlow {
		return errFlowTooLong
	}
	if len(value) > maxFlowInCookie {
		token, err := s.vault.Hold(r.Context(), vault.Held{Purpose: purposeFlow, Data: value}, s.cfg.FlowTTL)
		if err != nil {
			return err
		}
		var e keyring.Encoder
		e.Byte(keptToken)
		e.Time(f.began)
		e.Text(token)
		value = e
	}
	name := flowName(flowHash(f.providerID, f.pending.Key()))
	if err := s.jar.Set(w, name, value, s.cfg.FlowTTL); err != nil {
		return err
	}
	s.evictFlows(w, r, maxFlowCookies-s.jar.WrittenLength(w, name))
	return nil
}

// evictFlows removes flow cookies until they take no more than so many bytes: first
// what is none, then those that are done, then the oldest.
func (s *Social) evictFlows(w http.ResponseWriter, r *http.Request, most int) {
	type aged struct {
		name   string
		length int
		waits  int       // 1 for a flow that is not done
		began  time.Time // zero for what is no flow
	}
	var flows []aged
	total := 0
	for _, c := range s.jar.All(r, flowCookie) {
		k, err := decodeKept(c.Value)
		flow := aged{name: c.Name, length: c.Length, began: k.began}
		if err == nil && !k.done {
			flow.waits = 1
		}
		flows = append(flows, flow)
		total += c.Length
	}
	slices.SortFunc(flows, func(a, b aged) int {
		return cmp.Or(cmp.Compare(a.waits, b.waits), a.began.Compare(b.began))
	})
	for _, f := range flows[:min(len(flows), maxEvicted)] {
		if total <= most {
			return
		}
		s.jar.Clear(w, f.name)
		total -= f.length
	}
}

// purposeFlow is the purpose of a flow that is too long for a cookie.
const purposeFlow = "flow"

func (s *Social) takeHeldFlow(ctx context.Context, token string) (*flow, error) {
	held, err := s.vault.TakeHeld(ctx, purposeFlow, token)
	if errors.Is(err, onetime.ErrNone) {
		return nil, callbackRefusal("it began too long ago")
	}
	if err != nil {
		return nil, err
	}
	return decodeFlow(held.Data)
}

// A doneFlow is the error of a callback that comes again, as a double click and the
// back button make it: to the browser whose flow it was, and while its user is signed
// in.
type doneFlow struct{ to string }

func (*doneFlow) Error() string { return "social: the flow is done" }

// doneOr returns a *doneFlow for the user who is signed in now, if that is the one whose
// flow it was, and the refusal for everybody else.
func (s *Social) doneOr(ctx context.Context, k kept, refusal callbackRefusal) error {
	if k.userID == "" || k.userID != s.CurrentUser(ctx) {
		return refusal
	}
	return &doneFlow{k.to}
}

// doneUnder is doneOr for the flow cookie of a name.
func (q *request) doneUnder(name string, refusal callbackRefusal) error {
	value, _ := q.jar.Get(q.r, name)
	k, _ := decodeKept(value) // without a user, unless a flow is done
	return q.doneOr(q.r.Context(), k, refusal)
}

// endFlow removes a flow from its browser. Of one that succeeded it leaves where it went,
// so that the callback may come again.
func (q *request) endFlow(f *flow, to string) {
	if f.doneBy != "" {
		q.endedWell(q.r)
	}
	lasts := f.began.Add(q.cfg.FlowTTL).Sub(q.cfg.Now())
	switch {
	case to != "":
	case f.intent == intentLogin: // a program got JSON
		to = cmp.Or(f.next, q.cfg.PostLogin)
	default:
		to = cmp.Or(f.next, q.cfg.ConnectAllow)
	}
	if f.doneBy != "" && lasts > 0 && len(to) < maxFlowInCookie {
		e := make(keyring.Encoder, 0, len(f.doneBy)+len(to)+16)
		e.Byte(keptDone)
		e.Time(f.began)
		e.Text(f.doneBy)
		e.Text(to)
		if q.jar.Set(q.w, f.cookie, e, lasts) == nil {
			return
		}
	}
	q.jar.Clear(q.w, f.cookie)
}
