package bench_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

const (
	refreshedProviders = 20
	refreshedAtOnce    = 8                     // of one provider, as by default
	slowerBy           = 10 * time.Millisecond // than the provider before it
)

// A slowProvider refreshes tokens, each after a time.
type slowProvider struct {
	id      string
	latency atomic.Int64             // of an answer, in nanoseconds
	hangs   atomic.Pointer[chan any] // until it is closed; nil: it answers
	left    atomic.Int64             // refreshes until it is done
	done    func()
}

func (p *slowProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	if until := p.hangs.Load(); until != nil {
		select {
		case <-*until:
		case <-r.Context().Done():
		}
	}
	time.Sleep(time.Duration(p.latency.Load()))
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"access_token":"access","refresh_token":"refresh","token_type":"bearer","expires_in":3600}`)
	if p.left.Add(-1) == 0 {
		p.done()
	}
}

func (p *slowProvider) provider(address string) oauth.Provider {
	return &oauth.OAuth2{ID: p.id, Credentials: []oauth.Credentials{credentials}, Profile: mapping,
		Endpoints: oauth.Endpoints{Authorize: address + "/authorize", Token: address + "/token", UserInfo: address + "/user"}}
}

// Connections of twenty providers are due at once. Together they are refreshed as fast as the
// store or the slowest provider alone allows; one provider does not answer before all others
// are done, which holds none of them up. SOAK=1 has ten thousand connections.
func TestKeepAliveOfManyProviders(t *testing.T) {
	each := 25
	if os.Getenv("SOAK") != "" {
		each = 500
	}
	for _, on := range []struct {
		name string
		open func(testing.TB) func(testing.TB) database
	}{{"SQLite", func(testing.TB) func(testing.TB) database { return onSQLite() }}, {"PostgreSQL", onPostgreSQL}} {
		t.Run(on.name, func(t *testing.T) { keepManyAlive(t, on.open(t)(t), each) })
	}
}

func keepManyAlive(t *testing.T, db database, each int) {
	const month = 30 * 24 * time.Hour
	store := db.open(t)
	t.Cleanup(func() { store.Close() })
	all := make([]*slowProvider, refreshedProviders)
	opened := make([]oauth.Provider, len(all))
	for i := range all {
		all[i] = &slowProvider{id: fmt.Sprintf("hub%d", i)}
		server := httptest.NewServer(all[i])
		t.Cleanup(server.Close)
		opened[i] = all[i].provider(server.URL)
	}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	var later atomic.Int64
	v, err := vault.New(vault.Config{
		Store: store, Keys: keys, Providers: opened, AllowPrivateAddresses: true, Logger: slog.New(slog.DiscardHandler),
		Timeout: 5 * time.Minute, KeepAlive: month, Limits: vault.Limits{KeepAliveConcurrency: refreshedAtOnce},
		Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) },
	})
	must(t, err)
	must(t, store.InTx(t.Context(), func(ctx context.Context) error {
		for n := range each {
			for _, p := range all {
				_, err := v.Connect(ctx, fmt.Sprintf("user%d", n), &oauth.Grant{
					ProviderID: p.id, Profile: oauth.Profile{Subject: fmt.Sprint(n)},
					Token: oauth.Token{Access: "access", Refresh: secret.Text(fmt.Sprintf("refresh%d", n)), Type: "bearer", Expiry: time.Now().Add(time.Hour)},
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	}))

	// round refreshes all, and returns how long those of the first providers took.
	round := func(first int, then func()) time.Duration {
		later.Add(int64(month))
		var busy sync.WaitGroup
		busy.Add(first)
		for i, p := range all {
			p.left.Store(int64(each))
			p.done = func() {
				if i < first {
					busy.Done()
				}
			}
		}
		began, took := time.Now(), make(chan time.Duration, 1)
		go func() {
			busy.Wait()
			took <- time.Since(began)
			then()
		}()
		kept, err := v.KeepAlive(t.Context())
		must(t, err)
		if len(kept) != len(all) {
			t.Fatalf("%d providers, want %d", len(kept), len(all))
		}
		for _, k := range kept {
			if k.Refreshed != each || k.Failed != 0 || k.Left != 0 {
				t.Errorf("%+v, want %d refreshed", k, each)
			}
		}
		return <-took
	}

	storeAlone := round(len(all), func() {})
	var one, together time.Duration // how long the slowest takes alone, and all of them in turn
	for i, p := range all[:len(all)-1] {
		latency := time.Duration(i) * slowerBy
		p.latency.Store(int64(latency))
		one = latency * time.Duration((each+refreshedAtOnce-1)/refreshedAtOnce)
		together += one
	}
	answers := make(chan any)
	all[len(all)-1].hangs.Store(&answers)
	took := round(len(all)-1, func() { close(answers) })
	t.Logf("%d connections: %v at once, %v with slow providers, of which the slowest takes %v and all in turn %v",
		each*len(all), storeAlone.Round(time.Millisecond), took.Round(time.Millisecond), one, together)
	if most := 2*(storeAlone+one) + 200*time.Millisecond; took > most {
		t.Errorf("%v, want %v at the most: twice what the store and the slowest provider take", took, most)
	}
}
