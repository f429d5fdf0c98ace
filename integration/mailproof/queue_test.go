// Package mailproof_test tests that mails arrive through a mail server of another
// project, whatever becomes of it and of the processes that send.
package mailproof_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/internal/test/mariadb"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/keyring"
	socialmail "github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/smtp"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/sqlstore/sqlite"
)

const key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openStore opens a database and migrates its schema.
func openStore(ctx context.Context, database string) (*sqlstore.Store, error) {
	switch kind, _, _ := strings.Cut(database, ":"); kind {
	case "postgres":
		return postgres.Open(ctx, database, postgres.Migrate())
	case "mysql":
		return mysql.Open(ctx, database, mysql.Migrate())
	}
	return sqlite.Open(ctx, database, sqlite.Migrate())
}

// A process is a queue with a store and a connection to the mail server of its own.
type process struct {
	*socialmail.Queue
	mailer *smtp.Mailer

	mu    sync.Mutex
	ahead time.Duration // its clock
	said  []string      // events
}

func open(ctx context.Context, database, address, certificate string, timeout time.Duration) (*process, error) {
	store, err := openStore(ctx, database)
	if err != nil {
		return nil, err
	}
	keys, err := keyring.Parse(key)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(certificate)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	user := url.UserPassword(counterparty.MailUser, counterparty.MailPassword)
	mailer, err := smtp.New("smtp://"+user.String()+"@"+address+"?tls=starttls", smtp.Options{Timeout: timeout, TLS: &tls.Config{RootCAs: roots}})
	if err != nil {
		return nil, err
	}
	p := &process{mailer: mailer}
	p.Queue, err = socialmail.NewQueue(socialmail.QueueConfig{
		Store: store, Keys: keys, Mailer: mailer, From: "Acme <no-reply@app.example.com>", Now: p.now,
		OnEvent: func(_ context.Context, e socialmail.Event) {
			text := e.Event()
			if a, ok := e.(socialmail.Abandoned); ok {
				text += " " + a.Reason
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			p.said = append(p.said, text)
		},
	})
	return p, err
}

func (p *process) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Add(p.ahead)
}

func (p *process) advance(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ahead += d
}

func reset(to string) socialmail.Letter {
	return socialmail.Letter{Kind: socialmail.KindReset, To: to, Link: "https://app.example.com/reset/SECRETTOKEN", Name: "Zoë"}
}

// Each mail that the server takes at some time arrives once, though two processes send
// and the server greylists, is full, hangs and refuses.
func TestEveryMailArrivesOnce(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "social.db") },
		"PostgreSQL": func(t *testing.T) string { return pgtest.Start(t).URL(t) },
		"MariaDB":    func(t *testing.T) string { return mariadb.Start(t).URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := counterparty.StartMail(t)
			database := database(t)
			var processes [2]*process
			for i := range processes {
				p, err := open(t.Context(), database, server.Address, server.Certificate, 3*time.Second)
				must(t, err)
				processes[i] = p
			}
			want := []string{"greylisted@example.com", "full@example.com", "hang@example.com", "zoë@example.com", "jane@xn--bcher-kva.example"}
			for _, to := range []string{"greylisted@example.com", "nobody@example.com", "full@example.com", "", "spam@example.com", "hang@example.com", "zoë@example.com", "jane@bücher.example"} {
				must(t, processes[0].Put(t.Context(), reset(to)))
			}
			for i := range 20 {
				to := fmt.Sprintf("jane%d@example.com", i)
				want = append(want, to)
				must(t, processes[i%2].Put(t.Context(), reset(to)))
			}
			for range 4 {
				var all sync.WaitGroup
				for _, p := range processes {
					all.Go(func() {
						if _, err := p.SendDue(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				for _, p := range processes {
					p.advance(20 * time.Minute)
				}
			}
			var got []string
			for _, m := range server.Mails(t) {
				got = append(got, m.To...)
				message, err := mail.ReadMessage(strings.NewReader(m.Content))
				must(t, err)
				if !m.TLS || m.User != counterparty.MailUser || m.From != "no-reply@app.example.com" || message.Header.Get("Message-Id") == "" || m.UTF8 != strings.Contains(m.To[0], "ë") {
					t.Errorf("%+v", m)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("arrived: %q\nwant: %q", got, want)
			}
			said := slices.Concat(processes[0].said, processes[1].said)
			slices.Sort(said)
			var abandoned []string
			for _, text := range said {
				if strings.HasPrefix(text, "mail_abandoned") {
					abandoned = append(abandoned, text)
				}
			}
			if len(abandoned) != 2 || !strings.Contains(abandoned[0], "550 5.1.1 no such user") || !strings.Contains(abandoned[1], "554 5.7.1 refused because of [redacted]") {
				t.Errorf("%q", abandoned)
			}
		})
	}
}

// While nothing listens, or the log-in fails, all mails wait.
func TestServerIsDownForAWhile(t *testing.T) {
	t.Parallel()
	server := counterparty.StartMail(t)
	p, err := open(t.Context(), filepath.Join(t.TempDir(), "social.db"), server.Address, server.Certificate, 10*time.Second)
	must(t, err)
	send := func(to string, want int) {
		t.Helper()
		must(t, p.Put(t.Context(), reset(to)))
		if n, err := p.SendDue(t.Context()); n != want || (err == nil) != (want > 0) {
			t.Errorf("sent %d, want %d: %v", n, want, err)
		}
	}
	send("a@example.com", 1)
	server.Stop()
	send("b@example.com", 0)
	send("c@example.com", 0)
	server.Restart(t)
	send("d@example.com", 3)
	if n := len(server.Mails(t)); n != 4 {
		t.Errorf("%d mails", n)
	}
}

// TestMain is a process that is killed, where the environment says so.
func TestMain(m *testing.M) {
	setup := strings.Fields(os.Getenv("MAILPROOF_PROCESS"))
	if len(setup) == 0 {
		os.Exit(m.Run())
	}
	p, err := open(context.Background(), setup[0], setup[1], setup[2], 30*time.Second)
	if err == nil {
		fmt.Println("sending")
		_, err = p.SendDue(context.Background())
	}
	fmt.Println(err)
}

// A process that is killed while it sends loses nothing. The mail of that moment may
// arrive twice, with one Message-ID.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	server := counterparty.StartMail(t)
	database := filepath.Join(t.TempDir(), "social.db")
	p, err := open(t.Context(), database, server.Address, server.Certificate, 30*time.Second)
	must(t, err)
	const mails = 36 // more than three processes send before they are killed
	for i := range mails {
		must(t, p.Put(t.Context(), reset(fmt.Sprintf("slow%d@example.com", i))))
	}
	for range 3 {
		before := len(server.Mails(t))
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "MAILPROOF_PROCESS="+database+" "+server.Address+" "+server.Certificate)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		if lines := bufio.NewScanner(out); !lines.Scan() || lines.Text() != "sending" {
			t.Errorf("the process says %q", lines.Text())
		}
		for len(server.Mails(t)) < before+2 && t.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
	time.Sleep(time.Second) // the server may still be taking a mail
	p.advance(2 * time.Minute)
	if _, err := p.SendDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids, seconds := map[string]string{}, 0
	for _, m := range server.Mails(t) {
		message, err := mail.ReadMessage(strings.NewReader(m.Content))
		must(t, err)
		id := message.Header.Get("Message-Id")
		if other, again := ids[m.To[0]]; again {
			seconds++
			if other != id {
				t.Errorf("%s arrived with %s and %s", m.To[0], other, id)
			}
		}
		ids[m.To[0]] = id
	}
	// Four are under way at one time, and what a kill interrupts is not known to have arrived.
	if len(ids) != mails || seconds > 3*4 {
		t.Errorf("%d of %d mails arrived, %d twice", len(ids), mails, seconds)
	}
}
