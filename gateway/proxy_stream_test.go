package gateway_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
)

func textAnswer(r *http.Request, text string) *http.Response {
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"text/plain"}},
		ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text)), Request: r}
}

// Events come as the provider sends them, also after the time that the server and the vault allow
// other answers.
func TestProxyStreamsEvents(t *testing.T) {
	t.Parallel()
	s := openProxy(t, func(_ *oauth.OAuth2, c *social.Config) { c.Limits.CallTimeout = 300 * time.Millisecond })
	next := make(chan string)
	gone := make(chan struct{})
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		for event := range next {
			fmt.Fprintf(w, "data: %s\n", event)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		close(gone)
	})
	resp := s.through("GET", "/proxy/acme/events", nil, header("Social-User", "ann"))
	lines := bufio.NewReader(resp.Body)
	for _, event := range []string{"1", "acc", "access-", "access-1", "5"} {
		next <- event
		line, err := lines.ReadString('\n')
		if want := "data: " + strings.ReplaceAll(event, "access-1", "********") + "\n"; err != nil || line != want {
			t.Fatalf("%q: %q, %v", event, line, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	close(next)
	resp.Body.Close()
	select {
	case <-gone: // a caller that leaves ends the call
	case <-time.After(10 * time.Second):
		t.Error("the call goes on")
	}
}

// Bodies of any size go both ways at once, nothing waits for their end.
func TestProxyStreamsBothWays(t *testing.T) {
	t.Parallel()
	s := openProxy(t, func(_ *oauth.OAuth2, c *social.Config) {
		c.Limits.MaxResponse, c.Limits.CallTimeout = 10, 300*time.Millisecond
	})
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		io.Copy(flushing{w}, r.Body)
	})
	body, write := io.Pipe()
	resp := s.through("POST", "/proxy/acme/echo", body, header("Social-User", "ann"))
	lines := bufio.NewReader(resp.Body)
	for i := range 5 {
		fmt.Fprintf(write, "line %d\n", i)
		if line, err := lines.ReadString('\n'); err != nil || line != fmt.Sprintf("line %d\n", i) {
			t.Fatalf("%q %v", line, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	write.Close()
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("%q %v", rest, err)
	}

	// An upload that takes longer than the time to an answer, of which the provider's begins when
	// the upload has ended; and as large an answer.
	const size = 20 << 20
	sum := sha256.New()
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(sum, r.Body)
		w.Header().Set("Content-Length", strconv.Itoa(size))
		w.Header().Set("X-Sum", fmt.Sprintf("%d %x", n, sum.Sum(nil)))
		io.Copy(w, io.LimitReader(pattern{}, size))
	})
	resp = s.through("PUT", "/proxy/acme/upload", slow{io.LimitReader(pattern{}, size), 5 * time.Millisecond}, header("Social-User", "ann"))
	want := sha256.New()
	io.Copy(want, io.LimitReader(pattern{}, size))
	got := sha256.New()
	n, err := io.Copy(got, resp.Body)
	if err != nil || n != size || string(got.Sum(nil)) != string(want.Sum(nil)) || resp.Header.Get("X-Sum") != fmt.Sprintf("%d %x", size, want.Sum(nil)) {
		t.Errorf("%d bytes, %v, %v", n, err, resp.Header)
	}
}

type flushing struct{ w http.ResponseWriter }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	f.w.(http.Flusher).Flush()
	return n, err
}

// A pattern is bytes without an end.
type pattern struct{}

func (pattern) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i * 7)
	}
	return len(p), nil
}

type slow struct {
	io.Reader
	pause time.Duration
}

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(s.pause)
	return s.Reader.Read(p)
}

// A provider that hangs, breaks off or talks nonsense is the problem of its callers alone.
func TestProxyProviderFails(t *testing.T) {
	t.Parallel()
	s := openProxy(t, func(_ *oauth.OAuth2, c *social.Config) { c.Limits.CallTimeout = 2 * time.Second })
	end := make(chan struct{})
	defer close(end)
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/hang":
			select {
			case <-end:
			case <-r.Context().Done():
			}
		case "/v1/drop":
			panic(http.ErrAbortHandler)
		case "/v1/nonsense":
			conn, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprintf(conn, "access-1 %s\r\n\r\n", r.Header.Get("Authorization"))
			conn.Close()
		case "/v1/switch":
			conn, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			conn.Close()
		case "/v1/break":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	})
	ann := header("Social-User", "ann")
	var hanging sync.WaitGroup
	for range 100 {
		hanging.Go(func() {
			if got, _, _ := s.get("GET", "/proxy/acme/hang", ann); got != "504 provider_timeout" {
				t.Errorf("a provider that hangs: %s", got)
			}
		})
	}
	for path, want := range map[string]string{"/drop": "502 provider_failed", "/nonsense": "502 provider_failed", "/switch": "502 provider_failed", "/works": "200"} {
		if got, _, _ := s.get("GET", "/proxy/acme"+path, ann); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for range 3 {
		resp := s.through("GET", "/proxy/acme/break", nil, ann)
		if body, err := io.ReadAll(resp.Body); err == nil || string(body) != "half" {
			t.Errorf("an answer that breaks off: %q, %v", body, err)
		}
	}
	hanging.Wait()
	if strings.Contains(s.logged(), "access-1") {
		t.Error("the log has the token")
	}
}

// A thousand streams that are open cost little memory each.
func TestProxyMemoryOfStreams(t *testing.T) {
	const streams, most = 1000, 160 << 10 // bytes each, callers and provider in this process included
	s := openProxy(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	before := memory()
	bodies := make([]io.ReadCloser, streams)
	var opening sync.WaitGroup
	for n := range 20 {
		opening.Go(func() {
			for i := n; i < streams; i += 20 {
				resp := s.through("GET", "/proxy/"+s.conn.ID+"/events", nil, func(r *http.Request) { *r = *r.WithContext(ctx) })
				bodies[i] = resp.Body
				if _, err := io.ReadFull(resp.Body, make([]byte, 9)); err != nil {
					t.Errorf("stream %d: %v", i, err)
				}
			}
		})
	}
	opening.Wait()
	each := (memory() - before) / streams
	t.Logf("%d kB a stream", each>>10)
	if each > most {
		t.Errorf("a stream takes %d bytes", each)
	}
	if got, _, _ := s.get("GET", "/proxy/nobody/x", header("Social-User", "ann")); got != "404 not_found" {
		t.Errorf("beside them: %s", got)
	}
	cancel()
}

func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// A caller whose body does not come is answered, and does not keep the network connection.
func TestProxyCallerStalls(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	for length, want := range map[int]string{100: "HTTP/1.1 401 Unauthorized", 1 << 20: "HTTP/1.1 401 Unauthorized"} {
		began := time.Now()
		line := s.raw(fmt.Sprintf("POST /proxy/acme/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nab", length))
		if took := time.Since(began); line != want || took > 8*time.Second {
			t.Errorf("%d bytes: %q after %v", length, line, took)
		}
	}
}
