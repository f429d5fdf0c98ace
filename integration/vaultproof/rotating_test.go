package vaultproof_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// A rotating is a provider whose access tokens are good for one call, and whose
// refresh tokens rotate: reuse of one revokes its family. It waits for a random time
// before a refresh takes effect, and after.
type rotating struct {
	*httptest.Server
	delay time.Duration // upper limit of each wait
	// rotated is called between a refresh's effect and its answer.
	rotated func()

	mu      sync.Mutex
	serial  int
	asked   int               // refreshes so far
	family  map[string]string // by access or refresh token
	current map[string]string // the refresh token of each family that is not revoked
	unused  map[string]bool   // access tokens
}

func startRotating(t *testing.T, delay time.Duration) *rotating {
	p := &rotating{
		delay: delay, family: map[string]string{}, current: map[string]string{},
		unused: map[string]bool{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", p.refresh)
	mux.HandleFunc("GET /api", p.api)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// issue issues tokens of a family. The caller holds mu.
func (p *rotating) issue(family string) (access, refresh string) {
	p.serial++
	access, refresh = fmt.Sprintf("CANARY-access-%d", p.serial), fmt.Sprintf("CANARY-refresh-%d", p.serial)
	p.family[access], p.family[refresh] = family, family
	p.current[family], p.unused[access] = refresh, true
	return access, refresh
}

// grant returns a grant as a flow would yield it.
func (p *rotating) grant(subject string) *oauth.Grant {
	p.mu.Lock()
	defer p.mu.Unlock()
	access, refresh := p.issue(subject)
	return &oauth.Grant{
		ProviderID: "rotating", Profile: oauth.Profile{Subject: subject},
		Token: oauth.Token{Access: secret.Text(access), Refresh: secret.Text(refresh), Type: "Bearer"},
	}
}

func (p *rotating) pause() { time.Sleep(rand.N(p.delay)) }

func (p *rotating) refresh(w http.ResponseWriter, r *http.Request) {
	p.pause()
	defer p.pause()
	p.mu.Lock()
	defer p.mu.Unlock()
	sent := r.FormValue("refresh_token")
	family := p.family[sent]
	p.asked++
	w.Header().Set("Content-Type", "application/json")
	if sent == "" || p.current[family] != sent {
		delete(p.current, family)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	access, refresh := p.issue(family)
	if p.rotated != nil {
		p.rotated()
	}
	json.NewEncoder(w).Encode(map[string]any{
		"access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": 3600,
	})
}

func (p *rotating) api(w http.ResponseWriter, r *http.Request) {
	access := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.unused[access] || p.current[p.family[access]] == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	delete(p.unused, access)
}

// alive reports whether a family is not revoked.
func (p *rotating) alive(family string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current[family] != ""
}

// refreshes returns the number of requests for a refresh.
func (p *rotating) refreshes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}
