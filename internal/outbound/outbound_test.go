package outbound_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/internal/outbound"
)

func get(t *testing.T, c *http.Client, url string) (*http.Response, string, error) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestSecurity11_NoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle("/from", http.RedirectHandler("/to", http.StatusFound))
	mux.HandleFunc("/to", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "there") })
	srv := httptest.NewServer(mux)
	defer srv.Close()

	resp, _, err := get(t, outbound.New(outbound.Options{AllowPrivate: true}), srv.URL+"/from")
	if err != nil || resp.StatusCode != http.StatusFound {
		t.Fatalf("status %v, error %v: want the redirect itself", resp, err)
	}
	_, body, err := get(t, outbound.New(outbound.Options{AllowPrivate: true, FollowRedirects: true}), srv.URL+"/from")
	if err != nil || body != "there" {
		t.Fatalf("following: %q, %v", body, err)
	}
}

func TestSecurity11_TLSIsVerified(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	defer srv.Close()
	if _, _, err := get(t, outbound.New(outbound.Options{AllowPrivate: true}), srv.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Fatalf("an untrusted certificate: %v", err)
	}
}

func TestSecurity11_TimeAndSizeAreBounded(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/hang", func(w http.ResponseWriter, r *http.Request) { <-done })
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		for w.(http.Flusher).Flush(); ; w.(http.Flusher).Flush() {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				io.WriteString(w, ".")
			}
		}
	})
	mux.HandleFunc("/size", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("x", 100))
		if r.URL.RawQuery != "" {
			io.WriteString(w, "y")
		}
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	defer close(done)

	quick := outbound.New(outbound.Options{AllowPrivate: true, Timeout: 100 * time.Millisecond})
	for _, path := range []string{"/hang", "/drip"} {
		var timeout net.Error
		if _, _, err := get(t, quick, srv.URL+path); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %v, want a timeout", path, err)
		}
	}
	small := outbound.New(outbound.Options{AllowPrivate: true, MaxBytes: 100})
	if _, body, err := get(t, small, srv.URL+"/size"); err != nil || len(body) != 100 {
		t.Errorf("a body of the limit: %d bytes, %v", len(body), err)
	}
	if _, body, err := get(t, small, srv.URL+"/size?more"); !errors.Is(err, outbound.ErrTooLarge) || len(body) != 100 {
		t.Errorf("a body above the limit: %d bytes, %v", len(body), err)
	}
}

func TestSecurity11_PrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	reached := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer srv.Close()
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())

	c := outbound.New(outbound.Options{Timeout: 2 * time.Second})
	for _, host := range []string{
		"127.0.0.1", "localhost", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
		"[fe80::1]", "[fc00::1]", "[fd00::1]", "[ff02::1]",
	} {
		if _, _, err := get(t, c, "http://"+host+":"+port); !errors.Is(err, outbound.ErrPrivate) {
			t.Errorf("%s: %v, want ErrPrivate", host, err)
		}
	}
	for scheme, want := range map[string]bool{"http": true, "https": false} {
		if _, _, err := get(t, c, scheme+"://127.0.0.1:"+port); errors.Is(err, outbound.ErrPlain) != want {
			t.Errorf("%s: %v", scheme, err)
		}
	}
	if reached {
		t.Error("a private address was reached")
	}
	const somewhere = "93.184.215.14:80"
	if err := outbound.Guard(t.Context(), true, somewhere); !errors.Is(err, outbound.ErrPlain) || errors.Is(err, outbound.ErrPrivate) {
		t.Errorf("http to the public: %v", err)
	}
	if err := outbound.Guard(t.Context(), false, somewhere); err != nil {
		t.Errorf("https to the public: %v", err)
	}
}

func TestSecurity11_PublicAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"1.1.1.1": true, "93.184.215.14": true, "172.15.0.1": true, "172.32.0.1": true,
		"2606:4700::1111": true, "2a00:1450:4001::1": true, "::ffff:1.1.1.1": true,
		"::ffff:100.64.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:0.0.0.0": false, "::ffff:240.0.0.1": false,
		"::7f00:1": false, "64:ff9b::a00:1": false, "2002:a00:1::1": false, "2001::1": false, "fe80::1%eth0": false,
	} {
		if got := outbound.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %t, want %t", text, got, want)
		}
	}
	// Both ends of each network are refused, and the addresses beside it are not,
	// where they are nobody else's.
	for network, beside := range map[string][]string{
		"0.0.0.0/8":       {"1.0.0.0"},
		"10.0.0.0/8":      {"9.255.255.255", "11.0.0.0"},
		"100.64.0.0/10":   {"100.63.255.255", "100.128.0.0"},
		"127.0.0.0/8":     {"126.255.255.255", "128.0.0.0"},
		"169.254.0.0/16":  {"169.253.255.255", "169.255.0.0"},
		"172.16.0.0/12":   {"172.15.255.255", "172.32.0.0"},
		"192.0.0.0/24":    {"191.255.255.255", "192.0.1.0"},
		"192.0.2.0/24":    {"192.0.1.255", "192.0.3.0"},
		"192.168.0.0/16":  {"192.167.255.255", "192.169.0.0"},
		"198.18.0.0/15":   {"198.17.255.255", "198.20.0.0"},
		"198.51.100.0/24": {"198.51.99.255", "198.51.101.0"},
		"203.0.113.0/24":  {"203.0.112.255", "203.0.114.0"},
		"224.0.0.0/4":     {"223.255.255.255"},
		"240.0.0.0/4":     nil,
		"::/96":           {"0:0:0:0:0:1::"},
		"64:ff9b::/96":    {"64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", "64:ff9b::1:0:0"}, // NAT64
		"64:ff9b:1::/48":  {"64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:2::"},
		"100::/64":        {"ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100:0:0:1::"},
		"2001::/23":       {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
		"2001:db8::/32":   {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
		"2002::/16":       {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
		"3fff::/20":       {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
		"5f00::/16":       {"5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f01::"},
		"fc00::/7":        {"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		"fe80::/10":       {"fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		"fec0::/10":       nil,
		"ff00::/8":        nil,
	} {
		p := netip.MustParsePrefix(network)
		for _, a := range []netip.Addr{p.Addr(), last(p)} {
			if outbound.Public(a) {
				t.Errorf("%s of %s is public", a, network)
			}
		}
		for _, text := range beside {
			if !outbound.Public(netip.MustParseAddr(text)) {
				t.Errorf("%s beside %s is not public", text, network)
			}
		}
	}
}

func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(b); bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// A proxy of the environment would be reached instead of the provider. The variables
// are read once in a process, so that this runs in one of its own.
func TestSecurity11_NoProxyUnderTheGuard(t *testing.T) {
	t.Parallel()
	const mark = "OUTBOUND_TEST_PROXY"
	if proxy := os.Getenv(mark); proxy != "" {
		if _, body, err := get(t, outbound.New(outbound.Options{AllowPrivate: true}), "http://provider.test/"); err != nil || body != "proxy" {
			t.Errorf("private addresses allowed: %q, %v: want the proxy's answer", body, err)
		}
		if _, body, err := get(t, outbound.New(outbound.Options{}), "https://192.0.2.1/"); err == nil || !strings.Contains(err.Error(), "192.0.2.1:443") || strings.Contains(err.Error(), proxy) {
			t.Errorf("under the guard: %q, %v: want the provider's address refused", body, err)
		}
		return
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "proxy") }))
	defer srv.Close()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestSecurity11_NoProxyUnderTheGuard$")
	cmd.Env = append(os.Environ(), mark+"="+srv.Listener.Addr().String(), "NO_PROXY=", "no_proxy=")
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		cmd.Env = append(cmd.Env, name+"="+srv.URL)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDefaultsAndBounds(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]time.Duration{-1: 15 * time.Second, 0: 15 * time.Second, 1: 1, time.Minute: time.Minute} {
		if got := outbound.New(outbound.Options{Timeout: timeout}).Timeout; got != want {
			t.Errorf("timeout %v: %v, want %v", timeout, got, want)
		}
		tr := outbound.NewTransport(outbound.Options{Timeout: timeout, AllowPrivate: true}).(*http.Transport)
		if tr.ResponseHeaderTimeout != want || tr.TLSHandshakeTimeout != min(want, 10*time.Second) {
			t.Errorf("timeout %v: headers after %v, TLS after %v", timeout, tr.ResponseHeaderTimeout, tr.TLSHandshakeTimeout)
		}
	}

	mux := http.NewServeMux()
	mux.HandleFunc("/body/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		w.Write(make([]byte, n))
	})
	mux.HandleFunc("/header", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Long", strings.Repeat("x", 80<<10)) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	for _, most := range []int64{-1, 0} {
		c := outbound.New(outbound.Options{AllowPrivate: true, MaxBytes: most})
		if _, body, err := get(t, c, srv.URL+"/body/1048576"); err != nil || len(body) != 1<<20 {
			t.Errorf("1 MiB: %d bytes, %v", len(body), err)
		}
		if _, _, err := get(t, c, srv.URL+"/body/1048577"); !errors.Is(err, outbound.ErrTooLarge) {
			t.Errorf("more than 1 MiB: %v", err)
		}
	}
	if _, _, err := get(t, outbound.New(outbound.Options{AllowPrivate: true}), srv.URL+"/header"); err == nil {
		t.Error("a header of 80 KiB is taken")
	}

	own := roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.ErrNoProgress })
	if _, _, err := get(t, outbound.New(outbound.Options{Transport: own}), srv.URL); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("the transport of the options: %v", err)
	}
}

// A dial that takes too long fails as a dial, before the request's time is over: the
// caller knows that nothing was sent.
func TestDialEndsBeforeTheRequest(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	for name, tt := range map[string]struct {
		options outbound.Options
		takes   time.Duration
		fails   bool
	}{
		"by the request's time": {outbound.Options{Timeout: 300 * time.Millisecond}, 230 * time.Millisecond, true},
		"by its own":            {outbound.Options{Timeout: time.Hour, DialTimeout: 10 * time.Millisecond}, 30 * time.Millisecond, true},
		"in time":               {outbound.Options{Timeout: time.Minute}, 30 * time.Millisecond, false},
		"in its own":            {outbound.Options{Timeout: time.Millisecond, DialTimeout: time.Minute}, 30 * time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.options.AllowPrivate = true
			slow := &httptrace.ClientTrace{ConnectStart: func(string, string) { time.Sleep(tt.takes) }}
			r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), slow), "GET", srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := outbound.NewTransport(tt.options).RoundTrip(r)
			if err == nil {
				resp.Body.Close()
			}
			var dial *net.OpError
			if failed := errors.As(err, &dial) && dial.Op == "dial" && dial.Timeout(); failed != tt.fails {
				t.Errorf("%v", err)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestHTTP2(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	tr := outbound.NewTransport(outbound.Options{AllowPrivate: true}).(*http.Transport)
	tr.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	if _, body, err := get(t, outbound.New(outbound.Options{Transport: tr}), srv.URL); err != nil || body != "HTTP/2.0" {
		t.Errorf("%q, %v", body, err)
	}
}

// A reader that knows how much it was asked for.
type asked struct {
	io.Reader
	most int
}

func (a *asked) Read(p []byte) (int, error) {
	a.most = max(a.most, len(p))
	return a.Reader.Read(p)
}

func (a *asked) Close() error { return nil }

func TestSecurity11_CappedBodyInPieces(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]error{9: nil, 10: nil, 11: outbound.ErrTooLarge, 100: outbound.ErrTooLarge} {
		for _, piece := range []int{1, 3, 10, 11, 12, 50} {
			src := &asked{Reader: strings.NewReader(strings.Repeat("x", size))}
			body := &outbound.CappedBody{ReadCloser: src, Left: 10, TooLarge: outbound.ErrTooLarge}
			got, err := 0, error(nil)
			for p := make([]byte, piece); err == nil; {
				var n int
				n, err = body.Read(p)
				got += n
			}
			if want == nil {
				want = io.EOF
			}
			if err != want || got != min(size, 10) {
				t.Errorf("%d bytes in pieces of %d: %d, %v", size, piece, got, err)
			}
			if src.most > 11 {
				t.Errorf("pieces of %d: %d bytes are asked for", piece, src.most)
			}
		}
	}
}

// The transport keeps enough connections for a provider that many users log in with, waits
// for no phase of a call without end, and speaks HTTP/2 also under the guard.
func TestTransportIsForManyCalls(t *testing.T) {
	t.Parallel()
	for _, private := range []bool{false, true} {
		tr, err := outbound.Transport(outbound.NewTransport(outbound.Options{AllowPrivate: private}))
		if err != nil {
			t.Fatal(err)
		}
		if tr.MaxIdleConnsPerHost < 64 || tr.MaxIdleConns < 10*tr.MaxIdleConnsPerHost || tr.DisableKeepAlives || tr.MaxConnsPerHost != 0 || !tr.ForceAttemptHTTP2 {
			t.Errorf("private %t: %d idle connections to a host, %d in all, %d at most, HTTP/2: %t", private, tr.MaxIdleConnsPerHost, tr.MaxIdleConns, tr.MaxConnsPerHost, tr.ForceAttemptHTTP2)
		}
		for phase, d := range map[string]time.Duration{
			"TLS": tr.TLSHandshakeTimeout, "header": tr.ResponseHeaderTimeout, "100-continue": tr.ExpectContinueTimeout, "idle": tr.IdleConnTimeout,
		} {
			if d <= 0 || d > 2*time.Minute {
				t.Errorf("private %t: %s ends after %v", private, phase, d)
			}
		}
	}
}

// Sixty-four calls at once leave as many connections, which serve the next sixty-four.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	const calls = 64
	var all sync.WaitGroup // so that the calls of a round are under way together
	var conns atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all.Done()
		all.Wait()
		io.WriteString(w, "ok")
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	// Two clients, as of two providers, share the transport.
	transport := outbound.NewTransport(outbound.Options{AllowPrivate: true})
	clients := []*http.Client{outbound.New(outbound.Options{Transport: transport}), outbound.New(outbound.Options{Transport: transport})}
	for range 3 {
		all.Add(calls)
		var round sync.WaitGroup
		for i := range calls {
			round.Go(func() {
				if _, body, err := get(t, clients[i%2], srv.URL); err != nil || body != "ok" {
					t.Errorf("%q, %v", body, err)
				}
			})
		}
		round.Wait()
	}
	if n := conns.Load(); n != calls {
		t.Errorf("%d connections for three times %d calls", n, calls)
	}
}
