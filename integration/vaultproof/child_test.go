// Package vaultproof_test tests the vault across processes: the test program starts
// itself as further processes on the same database.
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

// A setup is the configuration of a process.
type setup struct {
	Database string // SQLite's file, or a URL
	Key      string
	Provider string // address
	API      string // address that is called for the user
	OIDC     bool   // OpenID Connect by discovery; else the rotating provider of this package
	Timeout  time.Duration
}

const (
	setupVariable = "VAULTPROOF_SETUP"
	clientSecret  = "a secret of thirty-two characters or more"
)

func TestMain(m *testing.M) {
	if encoded := os.Getenv(setupVariable); encoded != "" {
		if err := serve(encoded); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// soak reports whether the tests may take long.
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

// A refreshCounter counts requests for a refresh.
type refreshCounter struct {
	http.RoundTripper
	n atomic.Int64
}

func (c *refreshCounter) RoundTrip(r *http.Request) (*http.Response, error) {
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

// open opens the vault of a process.
func (s *setup) open(ctx context.Context) (*vault.Vault, *refreshCounter, func() error, error) {
	store, err := openStore(ctx, s.Database)
	if err != nil {
		return nil, nil, nil, err
	}
	keys, err := keyring.Parse(s.Key)
	if err != nil {
		return nil, nil, nil, errors.Join(err, store.Close())
	}
	count := &refreshCounter{RoundTripper: http.DefaultTransport.(*http.Transport).Clone()}
	v, err := vault.New(vault.Config{
		Store: store, Keys: keys, Providers: []oauth.Provider{s.provider()}, Transport: count,
		AllowPrivateAddresses: true, Timeout: s.Timeout, Limits: vault.Limits{MaxStale: -1},
	})
	if err != nil {
		return nil, nil, nil, errors.Join(err, store.Close())
	}
	return v, count, store.Close, nil
}

// A command tells a process what to do with each of the connections.
type command struct {
	Do    string // "call", "probe", "loop"
	IDs   []string
	Times int // calls at once
}

// A report is the result of a command.
type report struct {
	Refreshes int64
	OK        int
	Errors    []string
	Probes    []probe
}

// A probe is the result of using a connection twice after a crash.
type probe struct {
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

// serve is the main function of a further process: it executes commands until its
// input ends or it is killed.
func serve(encoded string) error {
	var s setup
	if err := json.Unmarshal([]byte(encoded), &s); err != nil {
		return err
	}
	ctx := context.Background()
	v, count, closeStore, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	p := &process{s, v, count}
	commands, reports := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var o command
		if err := commands.Decode(&o); errors.Is(err, io.EOF) {
			return v.Wait(ctx)
		} else if err != nil {
			return err
		}
		r, err := p.execute(ctx, o)
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
	count *refreshCounter
}

func (p *process) execute(ctx context.Context, o command) (*report, error) {
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
					result := p.call(conn)
					mu.Lock()
					defer mu.Unlock()
					if result == works {
						r.OK++
					} else {
						r.Errors = append(r.Errors, result)
					}
				})
			}
		case "probe":
			l, err := p.probe(ctx, conn)
			if err != nil {
				return nil, err
			}
			r.Probes = append(r.Probes, l)
		case "loop":
			go func() {
				for {
					if result := p.call(conn); result != works {
						fmt.Fprintln(os.Stderr, id, result)
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

// call uses a connection once, and returns works, needs or an error's text.
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

func (p *process) probe(ctx context.Context, c vault.Connection) (probe, error) {
	l, began, before := probe{ID: c.ID}, time.Now(), p.count.n.Load()
	l.First = p.call(c)
	l.Took = time.Since(began)
	between := p.count.n.Load()
	l.Second = p.call(c)
	l.Refreshes = [2]int64{between - before, p.count.n.Load() - between}
	row, err := p.Connection(ctx, c.ID)
	l.Status, l.LastError = row.Status, row.LastError
	return l, err
}

// A child is a process that a test has started.
type child struct {
	*exec.Cmd
	commands *json.Encoder
	reports  *bufio.Reader
	stdin    io.Closer
	stderr   strings.Builder
}

func startChild(t *testing.T, s setup) *child {
	t.Helper()
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	c := &child{Cmd: exec.Command(os.Args[0])}
	c.Env = append(os.Environ(), setupVariable+"="+string(encoded))
	c.Stderr = &c.stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdin, c.commands, c.reports = stdin, json.NewEncoder(stdin), bufio.NewReader(stdout)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill() })
	return c
}

// kill ends the process by SIGKILL, and returns what it wrote to standard error.
func (c *child) kill() string {
	if c.ProcessState == nil {
		c.Process.Kill()
		c.Wait()
	}
	return c.stderr.String()
}

// end closes the process's input and waits until it has ended.
func (c *child) end(t *testing.T) {
	t.Helper()
	c.stdin.Close()
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, c.stderr.String())
	}
}

func (c *child) send(t *testing.T, o command) {
	t.Helper()
	if err := c.commands.Encode(o); err != nil {
		t.Fatal(err)
	}
}

func (c *child) receive(t *testing.T) report {
	t.Helper()
	line, err := c.reports.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the process did not answer: %v: %s", err, c.kill())
	}
	var r report
	if err := json.Unmarshal(line, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
