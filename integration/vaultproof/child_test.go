// Package vaultproof_test proves the vault across processes: the test program
// starts itself again as another process on the same database.
package vaultproof_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/vault"
)

// A setup is what a process is told at its start.
type setup struct {
	Database string // SQLite's file, or a URL
	Key      string
	Provider string // where the provider is
	API      string // what is called on behalf of the user
	OIDC     bool   // by discovery; else the rotating provider of this package
	Timeout  time.Duration
}

const (
	setupVariable = "VAULTPROOF_SETUP"
	clientSecret  = "a secret of thirty-two characters or more"
)

func TestMain(m *testing.M) {
	if told := os.Getenv(setupVariable); told != "" {
		if err := serve(told); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// soak says that there is time for many repetitions.
func soak() bool { return os.Getenv("SOAK") != "" }

func (s *setup) provider() oauth.Provider {
	if s.OIDC {
		return providers.OIDC("certified", "Certified", s.Provider, oauth.Credentials{ClientID: "client", ClientSecret: clientSecret})
	}
	return &oauth.OAuth2{
		ID:          "rotating",
		Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: clientSecret}},
		Endpoints:   oauth.Endpoints{Authorize: s.Provider + "/authorize", Token: s.Provider + "/token", UserInfo: s.API},
		Profile:     oauth.Mapping{Subject: "sub"},
	}
}

// countRefreshes counts the refresh requests that are sent.
type countRefreshes struct {
	http.RoundTripper
	n atomic.Int64
}

func (c *countRefreshes) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && strings.HasSuffix(r.URL.Path, "/token") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if form, err := url.ParseQuery(string(body)); err == nil && form.Get("grant_type") == "refresh_token" {
			c.n.Add(1)
		}
	}
	return c.RoundTripper.RoundTrip(r)
}

// open opens the vault of one process.
func (s *setup) open(ctx context.Context) (*vault.Vault, *countRefreshes, func() error, error) {
	store, err := openStore(ctx, s.Database)
	if err != nil {
		return nil, nil, nil, err
	}
	keys, err := keyring.Parse(s.Key)
	if err != nil {
		return nil, nil, nil, errors.Join(err, store.Close())
	}
	count := &countRefreshes{RoundTripper: http.DefaultTransport.(*http.Transport).Clone()}
	v, err := vault.New(vault.Config{
		Store: store, Keys: keys, Providers: []oauth.Provider{s.provider()}, Transport: count,
		AllowPrivateAddresses: true, Timeout: s.Timeout, MaxStale: -1,
	})
	if err != nil {
		return nil, nil, nil, errors.Join(err, store.Close())
	}
	return v, count, store.Close, nil
}

// An order is what a process is to do, with each of the connections.
type order struct {
	Do    string // "call", "look", "loop"
	IDs   []string
	Times int // of each call, all at once
}

// A report is what came of an order.
type report struct {
	Refreshes int64
	OK        int
	Errors    []string
	Looks     []look
}

// A look is what a process finds when it uses a connection after a crash, twice.
type look struct {
	ID            string
	First, Second string // "works", "needs reauthorization", or an error
	Refreshes     [2]int64
	Took          time.Duration
	Status        vault.Status
	LastError     string
}

const (
	works = "works"
	needs = "needs reauthorization"
)

// serve is another process: it does as it is told until its input ends, or
// until it is killed.
func serve(told string) error {
	var s setup
	if err := json.Unmarshal([]byte(told), &s); err != nil {
		return err
	}
	ctx := context.Background()
	v, count, closeStore, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	p := &process{s, v, count}
	orders, reports := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return v.Wait(ctx)
		} else if err != nil {
			return err
		}
		r, err := p.obey(ctx, o)
		if err != nil {
			return err
		}
		if err := reports.Encode(r); err != nil {
			return err
		}
	}
}

type process struct {
	setup
	*vault.Vault
	count *countRefreshes
}

func (p *process) obey(ctx context.Context, o order) (*report, error) {
	before := p.count.n.Load()
	r := &report{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, id := range o.IDs {
		conn, err := p.Connection(ctx, id)
		if err != nil {
			return nil, err
		}
		switch o.Do {
		case "call":
			for range o.Times {
				wg.Go(func() {
					said := p.call(conn)
					mu.Lock()
					defer mu.Unlock()
					if said == works {
						r.OK++
					} else {
						r.Errors = append(r.Errors, said)
					}
				})
			}
		case "look":
			l, err := p.look(ctx, conn)
			if err != nil {
				return nil, err
			}
			r.Looks = append(r.Looks, l)
		case "loop":
			go func() {
				for {
					if said := p.call(conn); said != works {
						fmt.Fprintln(os.Stderr, id, said)
						return
					}
					time.Sleep(rand.N(20 * time.Millisecond))
				}
			}()
		}
	}
	wg.Wait()
	r.Refreshes = p.count.n.Load() - before
	return r, nil
}

// call uses a connection once and says how that went.
func (p *process) call(c vault.Connection) string {
	resp, err := p.Client(c).Get(p.API)
	switch {
	case errors.Is(err, vault.ErrNeedsReauthorization):
		return needs
	case err != nil:
		return err.Error()
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return resp.Status
	}
	return works
}

func (p *process) look(ctx context.Context, c vault.Connection) (look, error) {
	l, began, before := look{ID: c.ID}, time.Now(), p.count.n.Load()
	l.First = p.call(c)
	l.Took = time.Since(began)
	between := p.count.n.Load()
	l.Second = p.call(c)
	l.Refreshes = [2]int64{between - before, p.count.n.Load() - between}
	row, err := p.Connection(ctx, c.ID)
	l.Status, l.LastError = row.Status, row.LastError
	return l, err
}

// A child is a process that this one started.
type child struct {
	*exec.Cmd
	orders  *json.Encoder
	reports *bufio.Reader
	stdin   io.Closer
	stderr  strings.Builder
}

func startChild(t *testing.T, s setup) *child {
	t.Helper()
	told, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	c := &child{Cmd: exec.Command(os.Args[0])}
	c.Env = append(os.Environ(), setupVariable+"="+string(told))
	c.Stderr = &c.stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdin, c.orders, c.reports = stdin, json.NewEncoder(stdin), bufio.NewReader(stdout)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill() })
	return c
}

// kill ends the process by SIGKILL, and returns what it had complained about.
func (c *child) kill() string {
	if c.ProcessState == nil {
		c.Process.Kill()
		c.Wait()
	}
	return c.stderr.String()
}

// end lets the process end by itself.
func (c *child) end(t *testing.T) {
	t.Helper()
	c.stdin.Close()
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, c.stderr.String())
	}
}

func (c *child) tell(t *testing.T, o order) {
	t.Helper()
	if err := c.orders.Encode(o); err != nil {
		t.Fatal(err)
	}
}

func (c *child) hear(t *testing.T) report {
	t.Helper()
	line, err := c.reports.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the process said nothing: %v: %s", err, c.kill())
	}
	var r report
	if err := json.Unmarshal(line, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
