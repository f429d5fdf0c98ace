package smtp_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/smtp"
)

// Mails that follow each other share a connection; one that the server has closed is
// replaced without the mail noticing.
func TestConnectionIsReused(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{answers: map[string][]string{"RCPT": {"", "550 no", ""}}})
	m := open(t, s.address("", ""), smtp.Options{})
	for i := range 201 {
		if err := m.Send(t.Context(), message("jane@example.com")); (err == nil) != (i != 1) {
			t.Fatal(err)
		}
	}
	if n := s.connections(); n != 3 || len(s.took()) != 200 {
		t.Errorf("%d connections for %d mails", n, len(s.took()))
	}
	must(t, m.Close())
	must(t, m.Send(t.Context(), message("jane@example.com")))
	if n := s.connections(); n != 4 {
		t.Errorf("%d connections", n)
	}
	if n := strings.Count(strings.Join(s.heard(), "\n"), "QUIT"); n != 3 {
		t.Errorf("QUIT %d times", n)
	}
}

// A connection that is not used is ended, and only then.
func TestIdleConnection(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{})
	m := open(t, s.address("", ""), smtp.Options{Idle: 100 * time.Millisecond})
	for range 2 {
		must(t, m.Send(t.Context(), message("jane@example.com")))
	}
	for late := time.Now().Add(20 * time.Second); !slices.Contains(s.heard(), "QUIT"); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("the connection was not ended")
		}
	}
	must(t, m.Send(t.Context(), message("jane@example.com")))
	if n := s.connections(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestServerHasClosedTheConnection(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"close", "421 idle for too long"} {
		s := serve(t, &server{answers: map[string][]string{"MAIL": {"", answer, ""}}})
		m := open(t, s.address("", ""), smtp.Options{})
		for range 2 {
			must(t, m.Send(t.Context(), message("jane@example.com")))
		}
		if n := s.connections(); n != 2 || len(s.took()) != 2 {
			t.Errorf("%s: %d connections, %d mails", answer, n, len(s.took()))
		}
	}
	// Nothing is sent again that the server may have taken, and nothing that it refused.
	s := serve(t, &server{answers: map[string][]string{"mail": {"", "close", ""}}})
	m := open(t, s.address("", ""), smtp.Options{})
	must(t, m.Send(t.Context(), message("jane@example.com")))
	if err := m.Send(t.Context(), message("jane@example.com")); err == nil || s.connections() != 1 {
		t.Errorf("%v after %d connections", err, s.connections())
	}
	s = serve(t, &server{answers: map[string][]string{"MAIL": {"", "550 no", ""}}})
	m = open(t, s.address("", ""), smtp.Options{})
	must(t, m.Send(t.Context(), message("jane@example.com")))
	if err := m.Send(t.Context(), message("jane@example.com")); !errors.Is(err, mail.ErrUnavailable) || s.connections() != 1 {
		t.Errorf("%v after %d connections", err, s.connections())
	}
	// Nor the last mail of a connection.
	s = serve(t, &server{answers: map[string][]string{"MAIL": append(make([]string, 99), "550 no")}})
	m = open(t, s.address("", ""), smtp.Options{})
	for range 99 {
		must(t, m.Send(t.Context(), message("jane@example.com")))
	}
	if err := m.Send(t.Context(), message("jane@example.com")); !errors.Is(err, mail.ErrUnavailable) || s.connections() != 1 {
		t.Errorf("the last mail: %v after %d connections", err, s.connections())
	}
	// A new connection is not tried again.
	s = serve(t, &server{answers: map[string][]string{"MAIL": {"close"}}})
	if err := open(t, s.address("", ""), smtp.Options{}).Send(t.Context(), message("jane@example.com")); !errors.Is(err, mail.ErrUnavailable) || s.connections() != 1 {
		t.Errorf("%v after %d connections", err, s.connections())
	}
}

func TestParallelSends(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{})
	m := open(t, s.address("", ""), smtp.Options{})
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := m.Send(t.Context(), message(fmt.Sprintf("%d@example.com", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.connections(); len(s.took()) != 20 || n < 1 || n > 4 {
		t.Errorf("%d mails by %d connections", len(s.took()), s.connections())
	}
}

// A server that hangs at the farewell does not hold up Close.
func TestServerHangsAtTheFarewell(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{answers: map[string][]string{"QUIT": {"hang"}}})
	m := open(t, s.address("", ""), smtp.Options{Timeout: time.Hour})
	must(t, m.Send(t.Context(), message("jane@example.com")))
	began := time.Now()
	must(t, m.Close())
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("closing took %v", took)
	}
}

// A mail does not wait for the farewell of a connection whose time is over, and does not
// use it either.
func TestMailDuringTheFarewell(t *testing.T) {
	t.Parallel()
	for range 5 { // a slow machine may take longer than the farewell
		s := serve(t, &server{answers: map[string][]string{"QUIT": {"hang"}}})
		m := open(t, s.address("", ""), smtp.Options{Idle: time.Millisecond, Timeout: time.Hour})
		must(t, m.Send(t.Context(), message("jane@example.com")))
		for !slices.Contains(s.heard(), "QUIT") {
			time.Sleep(time.Millisecond)
		}
		must(t, m.Send(t.Context(), message("jane@example.com")))
		if s.connections() != 2 || len(s.took()) != 2 {
			t.Fatalf("%d mails by %d connections", len(s.took()), s.connections())
		}
		if s.openConnections() == 2 {
			return
		}
	}
	t.Error("the second mail waited until the first connection had ended")
}

// A server that hangs is given up after Timeout, or when the context ends, and its
// connection closed without another word.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "mail"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			s := serve(t, &server{answers: map[string][]string{at: {"hang"}}})
			m := open(t, s.address("", ""), smtp.Options{Timeout: 200 * time.Millisecond, Idle: time.Hour})
			began := time.Now()
			err := m.Send(t.Context(), message("jane@example.com"))
			early := at == "greeting" || at == "EHLO" || at == "MAIL"
			if err == nil || errors.Is(err, mail.ErrRejected) || errors.Is(err, mail.ErrUnavailable) != early || time.Since(began) > 10*time.Second {
				t.Errorf("%v after %v", err, time.Since(began))
			}
			s.left(t)

			m = open(t, s.address("", ""), smtp.Options{Timeout: time.Hour, Idle: time.Hour})
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			began = time.Now()
			if err := m.Send(ctx, message("jane@example.com")); err == nil || time.Since(began) > 10*time.Second {
				t.Errorf("%v after %v", err, time.Since(began))
			}
			s.left(t)
			if len(s.took()) != 0 || slices.Contains(s.heard(), "QUIT") {
				t.Errorf("%d mails were taken, and the server heard %q", len(s.took()), s.heard())
			}
		})
	}
}

// Waiting for another mail ends with the context.
func TestWaitingForAHangingServer(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{answers: map[string][]string{"mail": {"hang"}}})
	m := open(t, s.address("", ""), smtp.Options{Connections: 1})
	first, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); m.Send(first, message("jane@example.com")) }()
	for !slices.Contains(s.heard(), "DATA") {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := m.Send(ctx, message("joe@example.com")); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	end()
	<-ended
}

// A mail that the server takes long over keeps no other one waiting, and all connections
// end that no mail uses.
func TestMailBesideAHangingOne(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{answers: map[string][]string{"mail": {"hang", ""}}})
	m := open(t, s.address("", ""), smtp.Options{Idle: time.Hour})
	first, end := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- m.Send(first, message("jane@example.com")) }()
	for !slices.Contains(s.heard(), "DATA") {
		time.Sleep(time.Millisecond)
	}
	for range 10 {
		must(t, m.Send(t.Context(), message("joe@example.com")))
	}
	if s.connections() != 2 || len(s.took()) != 10 {
		t.Errorf("%d mails by %d connections", len(s.took()), s.connections())
	}
	end()
	if err := <-ended; err == nil {
		t.Error("the mail that hung is sent")
	}
	must(t, m.Close())
	for late := time.Now().Add(20 * time.Second); !slices.Contains(s.heard(), "QUIT"); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("the connection was not ended")
		}
	}
}

func TestNothingListens(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{})
	address := s.address("user:SECRET@", "")
	s.Close()
	m := open(t, address, smtp.Options{})
	for _, err := range []error{m.Send(t.Context(), message("jane@example.com")), m.Check(t.Context())} {
		if !errors.Is(err, mail.ErrUnavailable) || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), s.Addr().String()) {
			t.Error(err)
		}
	}
}
