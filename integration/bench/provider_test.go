package bench_test

import (
	"bufio"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// providerEnv makes this test program run the provider, so that the process of a
// benchmark has the costs of the application only.
const providerEnv = "SOCIAL_BENCH_PROVIDER"

func TestMain(m *testing.M) {
	if os.Getenv(providerEnv) != "" {
		serveProvider()
		return
	}
	os.Exit(m.Run())
}

const (
	clientID     = "bench-client"
	clientSecret = "bench-secret"
	subject      = "42"
)

// A provider is a provider in another process.
type provider struct{ address string }

// startProvider starts a provider and stops it when the test ends.
func startProvider(t testing.TB) *provider {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), providerEnv+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // its end tells the provider that the test has ended
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	must(t, err)
	return &provider{"http://" + strings.TrimSpace(line)}
}

type counts struct{ Connections, Calls int64 }

// counts returns how many connections and calls the provider has had.
func (p *provider) counts(t testing.TB) (c counts) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(p.address + "/counts")
	must(t, err)
	defer resp.Body.Close()
	must(t, json.NewDecoder(resp.Body).Decode(&c))
	return c
}

// A server is the provider inside its process. It gives canned answers over HTTP/1.1,
// and understands only what the clients of these benchmarks send.
type server struct {
	address            string
	key                *rsa.PrivateKey
	connections, calls atomic.Int64
}

func serveProvider() {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "provider:", err)
			os.Exit(1)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fail(err)
	s := &server{address: "http://" + listener.Addr().String()}
	s.key, err = rsa.GenerateKey(rand.Reader, 2048)
	fail(err)
	fmt.Println(listener.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		conn, err := listener.Accept()
		fail(err)
		go s.serve(conn)
	}
}

func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	counted := false
	r := bufio.NewReaderSize(conn, 8<<10)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		length := 0
		for {
			header, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if header == "\r\n" {
				break
			}
			if name, value, _ := strings.Cut(header, ": "); strings.EqualFold(name, "Content-Length") {
				length, _ = strconv.Atoi(strings.TrimSpace(value))
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		_, path, _ := strings.Cut(line, " ")
		path, _, _ = strings.Cut(path, " ")
		path, _, _ = strings.Cut(path, "?")
		if path != "/counts" {
			if !counted {
				counted = true
				s.connections.Add(1)
			}
			s.calls.Add(1)
		}
		kind, answer := s.answer(path, string(body))
		_, err = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", kind, len(answer), answer)
		if err != nil {
			return
		}
	}
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

func (s *server) answer(path, body string) (contentType, answer string) {
	switch path {
	case "/token":
		return jsonType, tokenStart + `}`
	case "/oidc/token":
		form, _ := url.ParseQuery(body)
		// The pretend browser sends the nonce of the authorization request as the code.
		return jsonType, tokenStart + `,"id_token":"` + s.idToken(form.Get("code")) + `"}`
	case "/user":
		return jsonType, `{"id":42,"login":"matt","name":"Matt Cooper","email":"matt@lp.com","avatar_url":"https://pictures.example/42.png","html_url":"https://provider.example/matt"}`
	case "/new-person":
		id := strconv.FormatInt(s.calls.Load(), 10)
		return jsonType, `{"id":` + id + `,"login":"p` + id + `","name":"Person ` + id + `","email":"p` + id + `@lp.com","email_verified":true}`
	case "/oauth1/request":
		return formType, "oauth_token=" + rand.Text() + "&oauth_token_secret=request-secret-0123456789&oauth_callback_confirmed=true"
	case "/oauth1/access":
		return formType, "oauth_token=42-access-token-0123456789&oauth_token_secret=access-secret-0123456789"
	case "/keys":
		e := base64.RawURLEncoding
		return jsonType, `{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"1","n":"` + e.EncodeToString(s.key.N.Bytes()) +
			`","e":"` + e.EncodeToString(big.NewInt(int64(s.key.E)).Bytes()) + `"}]}`
	case "/counts":
		b, _ := json.Marshal(counts{s.connections.Load(), s.calls.Load()})
		return jsonType, string(b)
	}
	return jsonType, `{}`
}

var tokenStart = `{"access_token":"` + strings.Repeat("access", 10) + `","refresh_token":"` + strings.Repeat("refresh", 10) +
	`","token_type":"bearer","expires_in":3600,"scope":"openid profile email"`

func (s *server) idToken(nonce string) string {
	e := base64.RawURLEncoding
	now := time.Now().Unix()
	signed := e.EncodeToString([]byte(`{"alg":"RS256","kid":"1","typ":"JWT"}`)) + "." + e.EncodeToString(fmt.Appendf(nil,
		`{"iss":%q,"sub":"42","aud":%q,"exp":%d,"iat":%d,"nonce":%q,"name":"Matt Cooper","email":"matt@lp.com","email_verified":true,"picture":"https://pictures.example/42.png"}`,
		s.address, clientID, now+3600, now, nonce))
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return signed + "." + e.EncodeToString(signature)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
