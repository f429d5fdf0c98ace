package oauth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// A discovery document or key set that is elsewhere is the operator's to mend; any
// other answer without one may be better later. The error says which document.
func TestDocumentsThatAreNotThere(t *testing.T) {
	t.Parallel()
	for path, op := range map[string]string{"/.well-known/openid-configuration": "discovery", "/keys": "keys"} {
		for status, kind := range map[int]oauth.Kind{
			204: oauth.Transient, 206: oauth.Transient,
			300: oauth.Operator, 302: oauth.Operator, 308: oauth.Operator, 399: oauth.Operator,
			400: oauth.Transient, 401: oauth.Operator, 403: oauth.Transient, 404: oauth.Operator, 410: oauth.Transient,
			429: oauth.Transient, 500: oauth.Transient, 503: oauth.Transient,
		} {
			p := newOpenIDProvider(t)
			p.fail[path] = status
			_, err := p.login(t, p.open(t, p.provider()), oauth.Request{})
			var f *oauth.ProviderError
			if !errors.As(err, &f) || f.Kind != kind || f.Op != op || f.Status != status || f.ProviderID != "example" {
				t.Errorf("%s, %d: got %v, want %v", path, status, err, kind)
			}
		}
	}
}

// Some servers answer with a page unless the request asks for JSON.
func TestDocumentsAreAskedForAsJSON(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	next := op.Config.Handler
	op.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && !strings.Contains(r.Header.Get("Accept"), "application/json") {
			w.WriteHeader(http.StatusNotAcceptable)
			return
		}
		next.ServeHTTP(w, r)
	})
	mustLogin(t, op, op.open(t, op.provider()))
}

// Blanks and line ends are where JSON allows them.
func TestDocumentsMayBeSpacedOut(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	spaced := func(v any) []byte {
		text, err := json.MarshalIndent(v, "\r\n \t", "\t")
		if err != nil {
			t.Error(err)
		}
		return []byte("\n\t " + strings.ReplaceAll(string(text), `":`, "\" \n:\t ") + "\n")
	}
	next := op.Config.Handler
	op.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r2 := &recorder{ResponseWriter: w}
		next.ServeHTTP(r2, r)
		var v any
		if err := json.Unmarshal(r2.body, &v); err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		w.Write(spaced(v))
	})
	op.discovery = func(doc map[string]any) {
		doc["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
		doc["authorization_response_iss_parameter_supported"] = true
	}
	sign := op.sign
	op.sign = func(payload []byte) string {
		var v any
		if err := json.Unmarshal(payload, &v); err != nil {
			t.Error(err)
		}
		return sign(spaced(v))
	}
	op.onToken = func(r *http.Request) {
		if r.PostFormValue("client_secret") == "" {
			t.Error("the ways of client authentication were not read")
		}
	}
	p := op.provider()
	p.UserInfo = oauth.UserInfoAlways
	c := op.open(t, p)
	pending := begin(t, c, oauth.Request{})
	answer := op.redirect(t, pending)
	answer.Set("iss", op.URL)
	if _, err := c.Complete(t.Context(), pending, answer); err != nil {
		t.Error(err)
	}
	answer.Del("iss")
	var refused *oauth.CallbackError
	if _, err := c.Complete(t.Context(), pending, answer); !errors.As(err, &refused) {
		t.Errorf("iss was announced and is missing: %v", err)
	}
}

// A recorder keeps the body that a handler writes to itself.
type recorder struct {
	http.ResponseWriter
	body []byte
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body = append(r.body, b...)
	return len(b), nil
}

// A document that is nested thousands deep is made to exhaust the stack.
func TestSecurity11_DeepDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	with := func(document string) string {
		return strings.Replace(document, "{", `{"x":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+",", 1)
	}
	for path, want := range map[string]string{
		"/.well-known/openid-configuration": "the discovery document is not the JSON it should be",
		"/keys":                             "the key set is not JSON",
		"/userinfo":                         "the profile is not JSON",
		"ID token":                          "exceeded max depth",
	} {
		op := newOpenIDProvider(t)
		if path == "ID token" {
			sign := op.sign
			op.sign = func(payload []byte) string { return sign([]byte(with(string(payload)))) }
		}
		next := op.Config.Handler
		op.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inner := &recorder{ResponseWriter: w}
			next.ServeHTTP(inner, r)
			if r.URL.Path == path {
				inner.body = []byte(with(string(inner.body)))
			}
			w.Write(inner.body)
		})
		p := op.provider()
		p.UserInfo = oauth.UserInfoAlways
		if _, err := op.login(t, op.open(t, p), oauth.Request{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// What an application requires stays required, whatever the document says.
func TestSecurity06_RequiredIssuerStaysRequired(t *testing.T) {
	t.Parallel()
	for required, want := range map[bool]bool{true: false, false: true} {
		op := newOpenIDProvider(t)
		op.discovery = set("authorization_response_iss_parameter_supported", false)
		p := op.provider()
		p.RequireIssuer = required
		if _, err := op.login(t, op.open(t, p), oauth.Request{}); (err == nil) != want {
			t.Errorf("required %v: %v", required, err)
		}
	}
}

// With HS256 alone no key set is needed.
func TestHS256NeedsNoKeySet(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	op.discovery = without("jwks_uri")
	p := op.provider()
	p.Credentials[0].ClientSecret = "s3cret-of-the-client-that-is-long-enough"
	p.Algorithms = []string{"HS256"}
	op.sign = signer("HS256", []byte(p.Credentials[0].ClientSecret), "", nil)
	mustLogin(t, op, op.open(t, p))
	op.sign = signer("HS256", []byte("another-secret-that-is-as-long-as-the-client's"), "", nil)
	_, err := op.login(t, op.open(t, p), oauth.Request{})
	if f := failure(t, err); f.Kind != oauth.Invalid || !strings.HasSuffix(err.Error(), "signature does not verify") {
		t.Errorf("got %v", err)
	}
}

// A session's ID is taken as long as it is a text of a sensible length.
func TestSessionIDsOfIDTokens(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("s", 255)
	for _, tt := range []struct {
		sid  any
		want string
	}{{"s-1", "s-1"}, {long, long}, {long + "s", ""}, {"", ""}, {7, ""}, {nil, ""}, {"a\x00b", ""}, {[]string{"s"}, ""}} {
		op := newOpenIDProvider(t)
		op.claims = set("sid", tt.sid)
		if g := mustLogin(t, op, op.open(t, op.provider())); g.SessionID != tt.want {
			t.Errorf("sid %v: %q", tt.sid, g.SessionID)
		}
	}
}
