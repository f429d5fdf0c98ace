package outbound_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
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
		"1.1.1.1": true, "93.184.215.14": true, "172.15.0.1": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.0": true,
		"2606:4700::1111": true, "2a00:1450:4001::1": true, "::ffff:1.1.1.1": true,
		"::ffff:100.64.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:0.0.0.0": false, "::ffff:240.0.0.1": false,
		"::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b:1::1": false, "2002:a00:1::1": false, "2001::1": false,
		"2001:db8::1": false, "fec0::1": false, "fe80::1%eth0": false, "100::1": false, "0.1.2.3": false, "198.18.0.1": false, "192.0.2.1": false,
	} {
		if got := outbound.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %t, want %t", text, got, want)
		}
	}
}
