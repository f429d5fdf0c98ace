package program_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/mariadb"
	pgtest "github.com/gosocial/social/internal/test/postgres"
)

// A cluster is several processes of the program on one database under one address,
// that of the site, at which the first process listens.
type cluster struct {
	*site
	nodes []*node
}

// A node is one process of a cluster.
type node struct {
	site      *site
	transport *http.Transport // connects to this node under the site's address

	mu      sync.Mutex
	process *program.Process
	address string
}

// serveAll runs n processes with one configuration.
func serveAll(t *testing.T, n int, change settings) *cluster {
	t.Helper()
	c := &cluster{site: serve(t, change)}
	for i := range n {
		d := &node{site: c.site, process: c.site.process, address: parse(t, c.site.url).Host}
		d.transport = &http.Transport{MaxIdleConnsPerHost: 64, DialContext: d.dial}
		t.Cleanup(d.transport.CloseIdleConnections)
		if i > 0 {
			d.start()
		}
		c.nodes = append(c.nodes, d)
	}
	return c
}

// dial connects to the node in place of the site's address, and to other addresses
// as they are.
func (d *node) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	if address == parse(d.site.T, d.site.url).Host {
		address = d.address
	}
	d.mu.Unlock()
	return (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, address)
}

// start starts the node at an address of its own.
func (d *node) start() {
	p, line, err := program.Start(d.site.T, []string{"SOCIAL_LISTEN=127.0.0.1:0"}, "Social serves ", "serve", "--config", d.site.file)
	if err != nil {
		d.site.Error(err)
		return
	}
	p.StopWithTest()
	_, address, _ := strings.Cut(line, " on ")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.process, d.address = p, address
}

// kill ends the node by SIGKILL.
func (d *node) kill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.process.Kill()
}

// at returns the same browser with requests that go to the node.
func (v *visitor) at(d *node) *visitor {
	w := *v
	client := *v.client
	client.Transport = d.transport
	w.client = &client
	return &w
}

// onServers runs the test on an empty database of each kind that processes on several
// machines can share.
func onServers(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, startPostgreSQL(t).URL(t))
	})
	t.Run("MariaDB", func(t *testing.T) {
		t.Parallel()
		test(t, mariadb.Start(t).URL(t))
	})
}

// startPostgreSQL starts a server that loses no commit in a crash.
func startPostgreSQL(t *testing.T) *pgtest.Server {
	t.Helper()
	return pgtest.Start(t, "synchronous_commit=on")
}
