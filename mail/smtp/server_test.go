package smtp_test

import (
	"bufio"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// A server is a mail server with faults: it speaks SMTP, but for what a test changes.
type server struct {
	net.Listener
	at         string   // where it listens; "": a free port of 127.0.0.1
	extensions []string // of EHLO
	tls        *tls.Config
	implicit   bool // TLS from the start

	mu       sync.Mutex
	answers  map[string][]string // by command, instead of the usual; the last one stays; "close" closes, "hang" answers nothing any more
	commands []string            // what clients said, without mails
	mails    []string
	dialed   int
	open     int // connections
}

func serve(t *testing.T, s *server) *server {
	t.Helper()
	l, err := net.Listen("tcp", cmp.Or(s.at, "127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	s.Listener = l
	if s.answers == nil {
		s.answers = map[string][]string{}
	}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.dialed++
			s.open++
			s.mu.Unlock()
			end := make(chan struct{})
			all.Go(func() {
				select {
				case <-t.Context().Done():
				case <-end:
				}
				conn.Close()
			})
			all.Go(func() {
				defer close(end)
				s.talk(t, conn)
				s.mu.Lock()
				defer s.mu.Unlock()
				s.open--
			})
		}
	})
	return s
}

func (s *server) address(userinfo, rest string) string {
	return "smtp://" + userinfo + s.Addr().String() + rest
}

// answer returns what to answer a command with.
func (s *server) answer(command, usual string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.answers[command]
	if len(list) == 0 {
		return usual
	}
	if len(list) > 1 {
		s.answers[command] = list[1:]
	}
	if list[0] == "" {
		return usual
	}
	return list[0]
}

func (s *server) talk(t *testing.T, conn net.Conn) {
	if s.implicit {
		conn = tls.Server(conn, s.tls)
	}
	lines := bufio.NewReader(conn)
	write := func(answer string) bool {
		if answer == "hang" {
			for err := error(nil); err == nil; _, err = s.hear(lines) {
			}
		}
		if answer == "close" || answer == "hang" {
			return false
		}
		fmt.Fprintf(conn, "%s\r\n", answer)
		return !strings.HasPrefix(answer, "421")
	}
	say := func(command, usual string) bool { return write(s.answer(command, usual)) }
	if !say("greeting", "220 test") {
		return
	}
	for {
		line, err := s.hear(lines)
		if err != nil {
			return
		}
		command, _, _ := strings.Cut(strings.ToUpper(line), " ")
		usual := "250 2.0.0 ok"
		switch command {
		case "EHLO":
			usual = strings.Join(append([]string{"250-test"}, prefixed("250-", s.extensions)...), "\r\n") + "\r\n250 8BITMIME"
		case "STARTTLS":
			if !say(command, "220 go on") {
				return
			}
			conn = tls.Server(conn, s.tls)
			lines = bufio.NewReader(conn)
			continue
		case "AUTH":
			usual = "235 2.7.0 welcome"
		case "DATA":
			answer := s.answer(command, "354 go on")
			if !write(answer) {
				return
			}
			if !strings.HasPrefix(answer, "354") {
				continue
			}
			whole, err := readMail(lines)
			if err != nil {
				return
			}
			answer = s.answer("mail", "250 2.0.0 taken")
			if strings.HasPrefix(answer, "250") {
				s.mu.Lock()
				s.mails = append(s.mails, whole)
				s.mu.Unlock()
			}
			if !write(answer) || strings.HasSuffix(answer, "and goodbye") {
				return
			}
			continue
		case "QUIT":
			say(command, "221 bye")
			return
		}
		if !say(command, usual) {
			return
		}
	}
}

// hear reads a line, and keeps it.
func (s *server) hear(lines *bufio.Reader) (string, error) {
	line, err := lines.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, line)
	return line, nil
}

func prefixed(prefix string, list []string) (all []string) {
	for _, one := range list {
		all = append(all, prefix+one)
	}
	return all
}

func readMail(lines *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return b.String(), err
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

func (s *server) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.mails...)
}

func (s *server) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...)
}

// left waits until every client has closed its connection.
func (s *server) left(t *testing.T) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		open := s.openConnections()
		if open == 0 {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("%d connections are open", open)
		}
	}
}

func (s *server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialed
}

func (s *server) openConnections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// certificate makes a certificate for 127.0.0.1, and a client's configuration that trusts
// it.
func certificate(t *testing.T) (ofServer, ofClient *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}

func parsed(t *testing.T, raw string) (*netmail.Message, string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	return m, string(body)
}
