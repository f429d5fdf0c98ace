package socialtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// An Endpoint names one of a provider's endpoints.
type Endpoint string

// The endpoints.
const (
	EndpointRequestToken Endpoint = "request_token"
	EndpointAuthorize    Endpoint = "authorize" // the page, and the callback it leads to
	EndpointConsent      Endpoint = "consent"   // the form of that page
	EndpointToken        Endpoint = "token"     // OAuth 1.0a: access token
	EndpointUserInfo     Endpoint = "user_info"
	EndpointRevoke       Endpoint = "revoke"
	EndpointDiscovery    Endpoint = "discovery"
	EndpointKeys         Endpoint = "keys"
	EndpointEndSession   Endpoint = "end_session"
	EndpointDevice       Endpoint = "device_authorization"
	EndpointAPI          Endpoint = "api" // whatever else the API has
)

// A Fault makes an endpoint misbehave; see Provider.ServeWith. The functions of
// this package make them. The zero Fault does nothing.
type Fault struct {
	// reply writes the whole answer. Unless late is set, the request then has no
	// effect at the provider, and a is empty.
	reply func(w http.ResponseWriter, r *http.Request, a *answer, done <-chan struct{})
	late  bool

	edit   func(fields map[string]any)
	claims func(map[string]any)
	sign   func(*jws)
	params func(url.Values)
	times  int
}

// armed is a fault that is switched on.
type armed struct {
	Fault
	left int // -1: without end
}

// Times returns the fault, limited to the next n requests that it
// applies to.
func (f Fault) Times(n int) Fault {
	f.times = n
	return f
}

// Late returns the fault, happening only once the request took effect: the code
// is used, the token rotated, and its answer is lost. Without it a fault that
// replaces the answer leaves the provider as it was.
func (f Fault) Late() Fault {
	f.late = true
	return f
}

// ServeWith makes the endpoint misbehave from now on, in place of what an
// earlier call said. Without faults it behaves again. Of several faults that
// replace the whole answer the first counts; with Times they follow one another.
//
//	google.ServeWith(socialtest.EndpointToken, socialtest.Claim("nonce", "another"))
//	google.ServeWith(socialtest.EndpointToken)
func (p *Provider) ServeWith(e Endpoint, faults ...Fault) {
	list := make([]*armed, len(faults))
	for i, f := range faults {
		list[i] = &armed{Fault: f, left: -1}
		if f.times > 0 {
			list[i].left = f.times
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[e] = list
}

// claimFaults returns the faults of one kind that are on for the endpoint, and
// counts those that are limited: a fault with nothing to do is not used up.
func (p *Provider) claimFaults(e Endpoint, kind func(Fault) bool) []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	var claimed []Fault
	for _, a := range p.faults[e] {
		if a.left == 0 || !kind(a.Fault) {
			continue
		}
		if a.left > 0 {
			a.left--
		}
		claimed = append(claimed, a.Fault)
	}
	return claimed
}

// claimReply is claimFaults for the one fault that replaces the answer: of
// several, the first that is not used up.
func (p *Provider) claimReply(e Endpoint) *Fault {
	found := false
	faults := p.claimFaults(e, func(f Fault) bool {
		first := f.reply != nil && !found
		found = found || first
		return first
	})
	if !found {
		return nil
	}
	return &faults[0]
}

func (f Fault) editsFields() bool    { return f.edit != nil }
func (f Fault) spoilsToken() bool    { return f.claims != nil || f.sign != nil }
func (f Fault) spoilsCallback() bool { return f.params != nil }

// Hang never answers, until the client or the server goes away.
func Hang() Fault { return HangUntil(nil) }

// HangUntil holds the answer back until the channel is closed. The answer is
// then the usual one.
func HangUntil(c <-chan struct{}) Fault {
	return Fault{late: c != nil, reply: func(w http.ResponseWriter, r *http.Request, a *answer, done <-chan struct{}) {
		select {
		case <-c:
			a.write(w)
		case <-r.Context().Done():
		case <-done:
		}
	}}
}

// Drip sends the usual answer one byte at a time, with a pause before each.
func Drip(pause time.Duration) Fault {
	return Fault{late: true, reply: func(w http.ResponseWriter, r *http.Request, a *answer, done <-chan struct{}) {
		body := a.head(w)
		flush := http.NewResponseController(w)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for i := range body {
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			case <-done:
				return
			}
			w.Write(body[i : i+1])
			flush.Flush()
		}
	}}
}

// Bytes sends n bytes that begin like JSON.
func Bytes(n int64) Fault {
	return Fault{reply: func(w http.ResponseWriter, _ *http.Request, _ *answer, _ <-chan struct{}) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"pad":"`))
		chunk := bytes.Repeat([]byte("x"), 32<<10)
		for left := n - 8; left > 0; left -= int64(len(chunk)) {
			if _, err := w.Write(chunk[:min(left, int64(len(chunk)))]); err != nil {
				return
			}
		}
	}}
}

// Truncated sends the first half of the usual answer, as if it were all.
func Truncated() Fault {
	return Fault{late: true, reply: func(w http.ResponseWriter, _ *http.Request, a *answer, _ <-chan struct{}) {
		body := a.head(w)
		w.Write(body[:len(body)/2])
	}}
}

// Mislabeled sends the usual answer under another content type.
func Mislabeled(contentType string) Fault {
	return Fault{late: true, reply: func(w http.ResponseWriter, _ *http.Request, a *answer, _ <-chan struct{}) {
		a.contentType = contentType
		a.write(w)
	}}
}

// FormEncoded sends the usual answer form-encoded, under the type of JSON.
func FormEncoded() Fault {
	return Fault{late: true, reply: func(w http.ResponseWriter, _ *http.Request, a *answer, _ <-chan struct{}) {
		a.form, a.contentType = true, "application/json"
		a.write(w)
	}}
}

// Answer sends the body with the status and content type.
func Answer(status int, contentType, body string) Fault {
	return Fault{reply: func(w http.ResponseWriter, _ *http.Request, _ *answer, _ <-chan struct{}) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		w.Write([]byte(body))
	}}
}

// HTML sends a page where something else was expected, with status 200.
func HTML() Fault {
	return Answer(200, "text/html; charset=utf-8", "<!doctype html><title>Sorry</title><p>We will be right back.")
}

// OAuthError sends an error of RFC 6749 §5.2 with the status; 200 too.
func OAuthError(status int, code string) Fault {
	body, _ := json.Marshal(map[string]string{"error": code})
	return Answer(status, "application/json", string(body))
}

// TooManyRequests answers 429 with Retry-After in whole seconds.
func TooManyRequests(retryAfter time.Duration) Fault {
	return Fault{reply: func(w http.ResponseWriter, _ *http.Request, _ *answer, _ <-chan struct{}) {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		http.Error(w, "slow down", http.StatusTooManyRequests)
	}}
}

// Unavailable answers 503.
func Unavailable() Fault { return Answer(503, "text/plain", "out of order\n") }

// Redirect answers 307 to the address.
func Redirect(to string) Fault {
	return Fault{reply: func(w http.ResponseWriter, _ *http.Request, _ *answer, _ <-chan struct{}) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}}
}

// Reset drops the connection without an answer.
func Reset() Fault {
	return Fault{reply: func(http.ResponseWriter, *http.Request, *answer, <-chan struct{}) {
		panic(http.ErrAbortHandler)
	}}
}
