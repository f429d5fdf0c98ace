package vault_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

func TestVault08_RefreshUpon401(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                string
		status              int
		body                io.Reader
		apiCalls, refreshes int64
		want                int
	}{
		{"no body", 401, nil, 2, 1, 200},
		{"replayable", 401, strings.NewReader("hello"), 2, 1, 200},
		{"spent", 401, io.MultiReader(strings.NewReader("hello")), 1, 0, 401},
		{"403", 403, nil, 1, 0, 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", time.Hour)
			var bodies []string
			b.srv.set(func(s *server) {
				s.onAPI = func(w http.ResponseWriter, r *http.Request) bool {
					body, _ := io.ReadAll(r.Body)
					bodies = append(bodies, string(body))
					if r.Header.Get("Authorization") == "Bearer CANARY-access-1" {
						return answer(test.status, "")(w, r)
					}
					return false
				}
			})
			resp, err := b.Client(c).Post(b.srv.URL+"/api/x", "text/plain", test.body)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != test.want || b.srv.apiN.Load() != test.apiCalls || b.srv.refreshN.Load() != test.refreshes {
				t.Errorf("%d, %d calls, %d refreshes", resp.StatusCode, b.srv.apiN.Load(), b.srv.refreshN.Load())
			}
			if test.name == "replayable" && bodies[1] != "hello" {
				t.Errorf("bodies %q", bodies)
			}
			if test.name == "spent" {
				// The next call has the newer token.
				if status, err := b.get(b.Vault, c); status != 200 || b.srv.refreshN.Load() != 1 || b.srv.apiN.Load() != 2 {
					t.Errorf("%d, %v, %d calls", status, err, b.srv.apiN.Load())
				}
			}
		})
	}
}

// After a call that was refused and could not be repeated, the next one refreshes first,
// and fails when that does.
func TestVault08_ARefusedTokenDoesNotServe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { clear(s.access) })
	resp, err := b.Client(c).Post(b.srv.URL+"/api/x", "text/plain", io.MultiReader(strings.NewReader("hello")))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	b.refuseOnce(503, "")
	if status, err := b.get(b.Vault, c); provider(err) == err || b.srv.apiN.Load() != 1 {
		t.Errorf("%d, %v, %d calls", status, err, b.srv.apiN.Load())
	}
	b.heal()
	b.clock.advance(minute)
	if status, err := b.get(b.Vault, c); status != 200 || err != nil {
		t.Errorf("%d, %v", status, err)
	}
}

// Reading the row again, and finding the same, does not make a refused token a good one.
func TestVault08_ARefusedTokenStaysRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.refuseOnce(503, "")
	b.Refresh(t.Context(), c) // pauses now
	b.srv.set(func(s *server) { clear(s.access) })
	resp, err := b.Client(c).Post(b.srv.URL+"/api/x", "text/plain", io.MultiReader(strings.NewReader("hello")))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if _, err := b.Refresh(t.Context(), c); err == nil {
		t.Error("it does not pause")
	}
	if status, err := b.get(b.Vault, c); provider(err) == err || b.srv.apiN.Load() != 1 {
		t.Errorf("%d, %v, %d calls", status, err, b.srv.apiN.Load())
	}
}

// The network connection of a refused call serves again, unless too much would have to be
// read before.
func TestVault08_RetryOnTheSameNetworkConnection(t *testing.T) {
	t.Parallel()
	for size, again := range map[int]bool{0: true, 4095: true, 1 << 20: false} {
		b := newBench(t)
		c := b.connect("ada", time.Hour)
		var from []string
		b.srv.set(func(s *server) {
			s.onAPI = func(w http.ResponseWriter, r *http.Request) bool {
				from = append(from, r.RemoteAddr)
				if r.Header.Get("Authorization") == "Bearer CANARY-access-1" {
					return answer(401, strings.Repeat("x", size))(w, r)
				}
				return false
			}
		})
		if status, err := b.get(b.Vault, c); status != 200 || err != nil || len(from) != 2 {
			t.Fatalf("%d, %v, %d calls", status, err, len(from))
		}
		if (from[0] == from[1]) != again {
			t.Errorf("after %d bytes: by %v", size, from)
		}
	}
}

func TestVault08_AtMostOneRetry(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { s.onAPI = answer(401, "") })
	for i, want := range []int64{2, 3, 4} {
		if status, err := b.get(b.Vault, c); status != 401 || b.srv.apiN.Load() != want {
			t.Errorf("call %d: %d, %v, %d calls", i, status, err, b.srv.apiN.Load())
		}
	}
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes for an API that always says 401", n)
	}
}

func TestVault08_AnothersTokenRefusedToo(t *testing.T) {
	t.Parallel()
	for _, check := range []bool{false, true} {
		b := newBench(t)
		c := b.connect("ada", time.Hour)
		if status, err := b.get(b.Vault, c); status != 200 {
			t.Fatalf("%d, %v", status, err)
		}
		if _, err := b.open().Refresh(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		b.srv.set(func(s *server) { clear(s.access) })
		if check {
			if _, err := b.Check(t.Context(), c); err != nil {
				t.Error(err)
			}
		} else if status, err := b.get(b.Vault, c); status != 200 {
			t.Errorf("%d, %v", status, err)
		}
		if row := b.row(c.ID); row.Status != vault.Active || b.srv.refreshN.Load() != 2 {
			t.Errorf("%s, %d refreshes", row.Status, b.srv.refreshN.Load())
		}
	}
}

func TestVault08_AnothersTokensRefusedWithoutEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	other := b.open()
	b.srv.set(func(s *server) {
		s.onAPI = func(w http.ResponseWriter, _ *http.Request) bool {
			if b.srv.apiN.Load() < 20 {
				if _, err := other.Refresh(t.Context(), c); err != nil {
					t.Error(err)
				}
			}
			w.WriteHeader(401)
			return true
		}
	})
	if status, err := b.get(b.Vault, c); status != 401 || err != nil || b.srv.apiN.Load() > 3 {
		t.Errorf("%d, %v, asked %d times", status, err, b.srv.apiN.Load())
	}
}
