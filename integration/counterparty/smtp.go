package counterparty

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A MailServer is a mail server on aiosmtpd (Debian package python3-aiosmtpd), whose
// behaviour integration/smtpserver/server.py describes. It requires STARTTLS and a log-in.
type MailServer struct {
	Address     string // host and port; the same after Restart
	Certificate string // PEM file of the authority to trust

	mails string // file
	stop  func()
}

// A Mail is what a MailServer took.
type Mail struct {
	To      []string
	From    string
	TLS     bool
	User    string // who was logged in
	UTF8    bool   // SMTPUTF8 was asked for
	Content string
}

// Credentials of a MailServer.
const (
	MailUser     = "app"
	MailPassword = "mail/secret"
)

// StartMail starts a mail server.
func StartMail(t testing.TB) *MailServer {
	t.Helper()
	folder := t.TempDir()
	s := &MailServer{Certificate: filepath.Join(folder, "certificate.pem"), mails: filepath.Join(folder, "mails")}
	if err := writeCertificate(s.Certificate); err != nil {
		t.Fatal(err)
	}
	s.Restart(t)
	return s
}

// Stop kills the server: nothing listens at its address until Restart.
func (s *MailServer) Stop() { s.stop() }

// Restart starts a server that was stopped.
func (s *MailServer) Restart(t testing.TB) {
	t.Helper()
	cmd := exec.Command(findPython(t, "aiosmtpd", "python3-aiosmtpd"), filepath.Join(dir(t, "smtpserver"), "server.py"))
	cmd.Env = append(os.Environ(), "USER_NAME="+MailUser, "PASSWORD="+MailPassword, "CERTIFICATE="+s.Certificate, "MAILS="+s.mails)
	if s.Address != "" {
		cmd.Env = append(cmd.Env, "ADDRESS="+s.Address)
	}
	s.Address, s.stop = startStoppable(t, cmd)
}

// Mails returns what the server took since StartMail.
func (s *MailServer) Mails(t testing.TB) (list []Mail) {
	t.Helper()
	file, err := os.Open(s.mails)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m Mail
		if json.Unmarshal(lines.Bytes(), &m) == nil { // the last one may be half written
			list = append(list, m)
		}
	}
	return list
}

// writeCertificate writes a certificate for 127.0.0.1, which is its own authority, and
// its key.
func writeCertificate(name string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	return os.WriteFile(name, text, 0o600)
}
