package breached_test

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/breached"
	"github.com/gosocial/social/internal/outbound"
	"github.com/gosocial/social/secret"
)

var _ accounts.BreachChecker = (*breached.Client)(nil)

const password = secret.Text("password")

// hash is the SHA-1 of password, in two parts.
func hash() (prefix, suffix string) {
	digits := fmt.Sprintf("%X", sha1.Sum([]byte(password.Reveal())))
	return digits[:5], digits[5:]
}

// serve returns a client of a server with the handler, and the server's address.
func serve(t *testing.T, o breached.Options, h http.HandlerFunc) (*breached.Client, string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o.Address, o.AllowPrivateAddresses = server.URL, true
	c, err := breached.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c, server.URL
}

// line is one line of an answer.
func line(suffix string, count int) string { return fmt.Sprintf("%s:%d\r\n", suffix, count) }

const (
	other   = "0018A45C4D1DEF81644B54AB7F969B88D65"
	another = "FFD4F6E8FA6EECAD2A3AA415EEC418D38EC"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	prefix, suffix := hash()
	for name, tt := range map[string]struct {
		body  string
		count int // of Options
		want  bool
	}{
		"the first":           {line(suffix, 1) + line(other, 2), 0, true},
		"the last":            {line(other, 2) + line(another, 0) + strings.TrimSpace(line(suffix, 10434004)), 0, true},
		"small letters":       {strings.ToLower(line(suffix, 3)), 0, true},
		"line feeds":          {strings.ReplaceAll(line(other, 2)+line(suffix, 1), "\r", ""), 0, true},
		"not there":           {line(other, 2) + line(another, 9), 0, false},
		"padding":             {line(other, 2) + line(suffix, 0), 0, false},
		"less often":          {line(suffix, 9), 10, false},
		"as often as refused": {line(suffix, 10), 10, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked *http.Request
			c, _ := serve(t, breached.Options{Count: tt.count}, func(w http.ResponseWriter, r *http.Request) {
				asked = r
				fmt.Fprint(w, tt.body)
			})
			if known, err := c.Breached(t.Context(), password); known != tt.want || err != nil {
				t.Errorf("%t, %v; want %t", known, err, tt.want)
			}
			// No more than five digits of the hash leave the process.
			if asked.Method != "GET" || asked.RequestURI != "/range/"+prefix || asked.Header.Get("Add-Padding") != "true" || asked.ContentLength > 0 {
				t.Errorf("%s %s %v", asked.Method, asked.RequestURI, asked.Header)
			}
			for name, values := range asked.Header {
				if strings.Contains(strings.ToUpper(strings.Join(values, " ")), suffix[:5]) || strings.Contains(strings.Join(values, " "), password.Reveal()) {
					t.Errorf("%s: %v", name, values)
				}
			}
		})
	}
}

// Whatever goes wrong is an error within the time, which has nothing of the password.
func TestFailures(t *testing.T) {
	t.Parallel()
	prefix, suffix := hash()
	hit := line(suffix, 7)
	reached := false
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		is      func(error) bool
	}{
		"it hangs": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, isTimeout},
		"it hangs in its answer": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, hit)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, isTimeout},
		"an error":          {answer(503, hit), nil},
		"too many requests": {answer(429, hit), nil},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				reached = true
				fmt.Fprint(w, hit)
				return
			}
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, nil},
		"a page":         {answer(200, "<html>Please sign in to the hotel</html>"), nil},
		"nothing":        {answer(200, ""), nil},
		"no counts":      {answer(200, suffix), nil},
		"whole hashes":   {answer(200, prefix+hit), nil},
		"a broken count": {answer(200, suffix+":-1\r\n"+hit), nil},
		"a huge answer":  {answer(200, strings.Repeat(line(other, 1), 15_000)+hit), func(err error) bool { return errors.Is(err, outbound.ErrTooLarge) }},
		"it hangs up": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			conn.Close()
		}, nil},
		"half an answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, line(other, 1))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := time.Minute
			if strings.HasPrefix(name, "it hangs") && name != "it hangs up" {
				timeout = 50 * time.Millisecond
			}
			c, address := serve(t, breached.Options{Timeout: timeout}, tt.handler)
			known, err := c.Breached(t.Context(), password)
			if known || err == nil || tt.is != nil && !tt.is(err) {
				t.Fatalf("%t, %v", known, err)
			}
			wantClean(t, err, address)
		})
	}
	t.Cleanup(func() {
		if reached {
			t.Error("a redirect was followed")
		}
	})
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// wantClean checks that an error names the service and has nothing of the password in it.
func wantClean(t *testing.T, err error, address string) {
	t.Helper()
	prefix, suffix := hash()
	text := strings.ToUpper(err.Error())
	if strings.Contains(text, prefix) || strings.Contains(text, suffix) || strings.Contains(err.Error(), password.Reveal()) || !strings.Contains(err.Error(), address) {
		t.Error(err)
	}
}

func isTimeout(err error) bool {
	timeout := net.Error(nil)
	return errors.As(err, &timeout) && timeout.Timeout()
}

// Nobody waits for a service for longer than two seconds, unless they say so.
func TestDefaultTimeout(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, breached.Options{}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	began := time.Now()
	if _, err := c.Breached(t.Context(), password); !isTimeout(err) || time.Since(began) < time.Second || time.Since(began) > 30*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := serve(t, breached.Options{Timeout: time.Minute}, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := c.Breached(ctx, password); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]bool{ // good, and good with private addresses
		"":                                {true, true},
		"https://passwords.lp.com":        {true, true},
		"https://passwords.lp.com/mirror": {true, true},
		"http://10.0.0.7:8000":            {false, true},
		"ftp://passwords.lp.com":          {},
		"passwords.lp.com":                {},
		"https://":                        {},
		"https://passwords.lp.com?key=1":  {},
		"https://passwords.lp.com/#":      {true, true},
		"https://passwords.lp.com/#a":     {},
		"https://passwords lp.com":        {},
	} {
		for i, private := range []bool{false, true} {
			if _, err := breached.New(breached.Options{Address: address, AllowPrivateAddresses: private}); (err == nil) != want[i] {
				t.Errorf("%q, private addresses %t: %v", address, private, err)
			}
		}
	}
}

// A path of the address is kept.
func TestAddressWithPath(t *testing.T) {
	t.Parallel()
	prefix, suffix := hash()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/mirror/range/"+prefix {
			fmt.Fprint(w, line(suffix, 1))
		}
	}))
	t.Cleanup(server.Close)
	c, err := breached.New(breached.Options{Address: server.URL + "/mirror/", AllowPrivateAddresses: true})
	if err != nil {
		t.Fatal(err)
	}
	if known, err := c.Breached(t.Context(), password); !known || err != nil {
		t.Errorf("%t, %v", known, err)
	}
}

// Without AllowPrivateAddresses no name leads into one's own network.
func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	reached := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(server.Close)
	c, err := breached.New(breached.Options{Address: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Breached(t.Context(), password); !errors.Is(err, outbound.ErrPrivate) || reached {
		t.Errorf("%v, reached %t", err, reached)
	}
}
