package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

const (
	longestReplayed = 64 << 10 // of a body that is kept to be sent once more
	longestPause    = time.Minute
)

var (
	problemUser     = &problem{status: http.StatusBadRequest, code: "user_required", detail: "The header " + headerUser + " is missing: it says whose connection to the provider is meant."}
	problemNone     = &problem{status: http.StatusNotFound, code: "not_connected", detail: "The user has not connected this provider."}
	problemUpgrade  = &problem{status: http.StatusNotImplemented, code: "upgrade_not_supported", detail: "The proxy does not change to other protocols."}
	problemSlow     = &problem{status: http.StatusGatewayTimeout, code: "provider_timeout", detail: "The provider did not answer in time."}
	problemAway     = &problem{status: http.StatusBadGateway, code: "provider_failed", detail: "The provider could not be reached, or its answer is malformed."}
	problemNoTokens = &problem{status: http.StatusConflict, code: "no_token", detail: "The provider gave no access token for this connection."}
)

// A forwarding is a request on its way through the proxy.
type forwarding struct {
	g      *Gateway
	w      http.ResponseWriter
	rc     *http.ResponseController
	r      *http.Request
	conn   vault.Connection
	client oauth.Client // of the connection's provider
	target *proxyTarget
	named  string // how the request names the connection: its ID, or the provider's
}

// serveProxy answers a request for /proxy/.
func (g *Gateway) serveProxy(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	body := begin(rc, r)
	defer body.end(rc)
	w.Header().Set(headerRequestID, "req_"+id.New(g.now()))
	err := g.proxy(w, rc, r)
	if err == errBrokenOff {
		panic(http.ErrAbortHandler) // so that the caller does not take the part for the whole
	}
	if err != nil {
		_ = rc.SetWriteDeadline(time.Now().Add(callerStalls))
		g.write(w, r, err)
	}
}

func (g *Gateway) proxy(w http.ResponseWriter, rc *http.ResponseController, r *http.Request) error {
	c, err := g.authorized(r)
	if err != nil {
		return err
	}
	if !c.scopes.Has(PowerProxy) {
		return missingPower(PowerProxy)
	}
	named, rest, ok := splitProxied(r.RequestURI)
	if !ok {
		return problemTarget
	}
	for _, name := range []string{headerUser, headerTenant, headerHost, headerWait} {
		if values := r.Header[name]; len(values) > 1 || len(values) == 1 && values[0] == "" {
			return badRequest("The header " + name + " is empty or comes more than once.")
		}
	}
	ctx, conn, err := g.proxied(r, c, named)
	if err != nil {
		return err
	}
	ctx = audit.WithActor(ctx, audit.Actor{Kind: audit.ActorClient, ID: c.ID})
	f := &forwarding{g: g, w: w, rc: rc, r: r.WithContext(ctx), conn: conn, named: named}
	if err := f.to(rest); err != nil {
		return err
	}
	if !c.Policy[conn.ProviderID].allows(r.Method, f.target) {
		return problemNotAllowed
	}
	if err := g.used(ctx, ProxyUsed{subjectOf(conn), c.ID}); err != nil {
		return err
	}
	return f.send()
}

// Forward sends a request to the API of a connection's provider, as /proxy/ does for clients,
// and answers with the provider's answer, or with a problem document. target is the path below
// the API's address, with a query, as "/me?fields=id"; the request's own is not looked at. Who
// may do so, the caller judges: there are no scopes and no policy. It is recorded as used by the
// actor of the request's context.
//
// An error says that the answer broke off after its header was written, or that the context
// ended: a handler then panics with http.ErrAbortHandler.
func (g *Gateway) Forward(w http.ResponseWriter, r *http.Request, c vault.Connection, target string) error {
	rc := http.NewResponseController(w)
	body := begin(rc, r)
	defer body.end(rc)
	w.Header().Set(headerRequestID, "req_"+id.New(g.now()))
	f := &forwarding{g: g, w: w, rc: rc, r: r.WithContext(tenant.With(r.Context(), c.Tenant)), conn: c, named: c.ID}
	err := f.to(target)
	if err == nil {
		err = g.used(f.r.Context(), ProxyUsed{Subject: subjectOf(c)})
	}
	if err == nil {
		err = f.send()
	}
	if err == nil || err == errBrokenOff {
		return err
	}
	if gone := r.Context().Err(); gone != nil {
		return gone
	}
	g.write(w, r, err)
	return nil
}

// errBrokenOff: an answer ended before its time, when its header was written.
var errBrokenOff = errors.New("gateway: the answer broke off")

// proxied returns the connection that a request names: its own ID, or a provider's and the user,
// with a context of its tenant. What is not within the scopes is not found.
func (g *Gateway) proxied(r *http.Request, c *caller, named string) (context.Context, vault.Connection, error) {
	user, tenantID := r.Header.Get(headerUser), r.Header.Get(headerTenant)
	if vault.IsConnectionID(named) {
		ctx, conn, err := g.ownByID(r.Context(), c, named)
		if err == nil && (user != "" && user != conn.UserID || tenantID != "" && tenant.From(tenant.With(ctx, tenantID)) != conn.Tenant) {
			err = problemNotFound
		}
		return ctx, conn, err
	}
	if user == "" {
		return r.Context(), vault.Connection{}, problemUser
	}
	if tenantID == "" {
		tenantID, _ = c.scopes.onlyTenant()
	}
	ctx := tenant.With(r.Context(), tenantID)
	if !c.scopes.Tenant(tenant.From(ctx)) {
		return ctx, vault.Connection{}, problemNotFound
	}
	conn, err := g.connectionOf(ctx, c.scopes, user, named)
	var refusal *tokenError
	if errors.As(err, &refusal) {
		err = problemNotFound
		if refusal.Code == "not_connected" {
			err = problemNone
		}
	}
	return ctx, conn, err
}

// to finds out where the request goes.
func (f *forwarding) to(text string) (err error) {
	ctx := f.r.Context()
	if f.client, err = f.g.vault.Provider(ctx, f.conn.ProviderID); err != nil {
		return connectionProblem(err)
	}
	f.target, err = targetOf(ctx, f.client, text, f.r.Header.Get(headerHost))
	return err
}

// send sends the request, and answers it. An error is returned while nothing is answered yet.
func (f *forwarding) send() error {
	if upgrades(f.r.Header) {
		return problemUpgrade
	}
	if f.r.Method == http.MethodTrace || f.r.Method == "TRACK" || f.r.Method == http.MethodConnect {
		return problemMethod // the first two would have the provider repeat the token
	}
	f.w.Header().Set(headerConnection, f.conn.ID)
	if err := f.waitForLimit(); err != nil {
		return err
	}
	out, err := f.request()
	if err != nil {
		return err
	}
	answer, err := f.g.vault.Stream(f.conn, out)
	if err != nil {
		return f.failure(err)
	}
	defer answer.Body.Close()
	f.g.limits.learn(f.limitKey(), answer.Response, f.g.now())
	if err := f.missingScopes(answer.Response); err != nil {
		return err
	}
	return f.answer(answer)
}

func (f *forwarding) limitKey() limitKey { return limitKey{f.conn.ClientID, f.conn.ID} }

// waitForLimit waits for the end of a limit that is known, as long as the caller allows.
func (f *forwarding) waitForLimit() error {
	var may time.Duration
	if text := f.r.Header.Get(headerWait); text != "" {
		var err error
		if n, e := strconv.Atoi(text); e == nil {
			may = time.Duration(n) * time.Second
		} else if may, err = time.ParseDuration(text); err != nil {
			may = -1
		}
		if may < 0 || may > longestPause {
			return badRequest("The header " + headerWait + " is not a time from 0 to " + strconv.Itoa(int(longestPause/time.Second)) + "s, such as 5s.")
		}
	}
	wait := f.g.limits.wait(f.limitKey(), f.g.now())
	if wait > may {
		return &problem{status: http.StatusTooManyRequests, code: "rate_limited", wait: wait,
			detail: "The provider takes no more calls of this connection for now. Nothing was sent."}
	}
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-f.r.Context().Done():
			return f.r.Context().Err()
		}
	}
	return nil
}

// request returns the request to the provider.
func (f *forwarding) request() (*http.Request, error) {
	out := &http.Request{Method: f.r.Method, URL: f.target.url, Host: f.target.url.Host, Header: sentHeader(f.r.Header),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: f.r.ContentLength, Body: f.r.Body}
	switch length := f.r.ContentLength; {
	case f.r.Body == nil || f.r.Body == http.NoBody || length == 0:
		out.Body, out.ContentLength = nil, 0
	case length > 0 && length <= longestReplayed:
		_ = f.rc.SetReadDeadline(time.Now().Add(longestPause))
		body := make([]byte, length)
		if _, err := io.ReadFull(f.r.Body, body); err != nil {
			return nil, badRequest("The body is shorter than its Content-Length, or came too slowly.")
		}
		_ = f.rc.SetReadDeadline(time.Time{})
		out.Header.Del("Expect")
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.Body, _ = out.GetBody()
	default:
		_ = f.rc.EnableFullDuplex() // HTTP/2 is so anyway
	}
	return out.WithContext(f.r.Context()), nil
}

// failure says why there is no answer.
func (f *forwarding) failure(err error) error {
	ctx := f.r.Context()
	var timeout net.Error
	switch {
	case errors.Is(err, vault.ErrForeignHost):
		return problemTarget
	case errors.Is(err, oauth.ErrNoToken):
		return problemNoTokens
	case ctx.Err() != nil:
		return ctx.Err() // the caller has gone
	}
	if mapped := connectionProblem(err); mapped != err {
		return mapped
	}
	failed := problemAway
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		failed = problemSlow
	}
	// Errors of net/http may quote what the provider sent, which may be the token.
	reason := fmt.Sprintf("%T", err)
	var network *net.OpError
	if errors.As(err, &network) {
		reason = network.Error()
	}
	f.g.log.WarnContext(ctx, "gateway: a provider did not answer", "provider", f.conn.ProviderID, "connection", f.conn.ID,
		"request", f.w.Header().Get(headerRequestID), "code", failed.code, "reason", reason)
	return failed
}

// missingScopes returns the problem of an answer that says that the token lacks scopes (RFC 6750
// §3.1), or nil.
func (f *forwarding) missingScopes(resp *http.Response) error {
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusUnauthorized {
		return nil
	}
	challenge := strings.Join(resp.Header["Www-Authenticate"], ", ")
	if !insufficientScope.MatchString(challenge) {
		return nil
	}
	p := &problem{status: http.StatusForbidden, code: "missing_scopes", detail: "The user has not granted the scopes that this call needs."}
	if m := scopeOfChallenge.FindStringSubmatch(challenge); m != nil {
		p.missing = f.client.Description().MissingScopes(input.Scopes(m[1]), f.conn.Scopes)
	}
	return p
}

var (
	insufficientScope = regexp.MustCompile(`(?i)\berror\s*=\s*"?insufficient_scope\b`)
	scopeOfChallenge  = regexp.MustCompile(`(?i)\bscope\s*=\s*"([^"]*)"`)
)

// answer gives the provider's answer back.
func (f *forwarding) answer(answer *vault.Streamed) error {
	if answer.StatusCode < 200 || answer.StatusCode > 599 {
		return problemAway
	}
	r := newRedactor(answer.Token.Access.Reveal())
	h := f.w.Header()
	returnHeader(h, answer.Header, r)
	returnLocation(f.r.Context(), h, answer.Response, f.client, f.named, r)
	h.Add("Server-Timing", "token;dur="+milliseconds(answer.TokenTook)+", provider;dur="+milliseconds(answer.APITook))
	h.Add("Vary", "Authorization, "+headerUser+", "+headerTenant+", "+headerHost)
	if _, ok := h["Content-Type"]; !ok {
		h["Content-Type"] = nil // net/http would guess one
	}
	headers := r.found
	f.w.WriteHeader(answer.StatusCode)
	body := &redactor{}
	if isText(answer.Header) && f.r.Method != http.MethodHead {
		body = newRedactor(r.token)
	}
	err := f.copyBody(answer.Response, body)
	if headers || body.found {
		f.g.echoed(f.r.Context(), TokenEchoed{subjectOf(f.conn)})
	}
	if err != nil {
		return errBrokenOff
	}
	return nil
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64)
}

func subjectOf(c vault.Connection) vault.Subject {
	return vault.Subject{Tenant: c.Tenant, ConnectionID: c.ID, UserID: c.UserID, ProviderID: c.ProviderID}
}
