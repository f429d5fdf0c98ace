package smtp_test

import (
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/smtp"
)

var _ mail.Mailer = (*smtp.Mailer)(nil)

func open(t *testing.T, address string, o smtp.Options) *smtp.Mailer {
	t.Helper()
	m, err := smtp.New(address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func message(to string) mail.Message {
	return mail.Message{ID: "abc@example.com", From: "Zoë <no-reply@example.com>", To: to, Subject: "Größe", Text: "Hello\n.\n..dots\nü\n", HTML: "<p>Hello ü</p>"}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMailArrivesAsItIs(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{})
	m := open(t, s.address("", ""), smtp.Options{Hello: "app.example.com"})
	must(t, m.Send(t.Context(), message("jane@example.com")))
	if len(s.took()) != 1 {
		t.Fatalf("%d mails", len(s.took()))
	}
	got, body := parsed(t, s.took()[0])
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	must(t, err)
	date, err := got.Header.Date()
	must(t, err)
	from, err := got.Header.AddressList("From")
	must(t, err)
	if subject != "Größe" || got.Header.Get("Message-Id") != "<abc@example.com>" || from[0].Name != "Zoë" || from[0].Address != "no-reply@example.com" ||
		got.Header.Get("To") != "<jane@example.com>" || got.Header.Get("Auto-Submitted") != "auto-generated" || time.Since(date).Abs() > time.Minute ||
		got.Header.Get("X-Mailer") != "" || got.Header.Get("User-Agent") != "" {
		t.Errorf("%q", got.Header)
	}
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(strings.NewReader(body), params["boundary"])
	for _, want := range []struct{ kind, text string }{{"text/plain", "Hello\n.\n..dots\nü\n"}, {"text/html", "<p>Hello ü</p>"}} {
		part, err := parts.NextPart()
		must(t, err)
		text, err := io.ReadAll(part)
		must(t, err)
		if !strings.HasPrefix(part.Header.Get("Content-Type"), want.kind+"; charset=UTF-8") || strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") != strings.TrimRight(want.text, "\n") {
			t.Errorf("%s: %q", part.Header.Get("Content-Type"), text)
		}
	}
	if got := s.heard()[:4]; !slices.Equal(got, []string{"EHLO app.example.com", "MAIL FROM:<no-reply@example.com> BODY=8BITMIME", "RCPT TO:<jane@example.com>", "DATA"}) {
		t.Errorf("%q", got)
	}
}

// What an answer means: for the mail, and for others.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const rejected, unavailable, later = "rejected", "unavailable", "later"
	for _, c := range []struct{ at, answer, want string }{
		{"greeting", "554 no service", unavailable},
		{"greeting", "421 too busy", unavailable},
		{"greeting", "close", unavailable},
		{"EHLO", "502 no", ""}, // it is asked by HELO
		{"MAIL", "451 try later", unavailable},
		{"MAIL", "550 sender refused", unavailable},
		{"MAIL", "530 log in first", unavailable},
		{"MAIL", "421 closing", unavailable},
		{"MAIL", "close", unavailable},
		{"RCPT", "450 greylisted", later},
		{"RCPT", "500 what", rejected},
		{"RCPT", "550 no such user", rejected},
		{"RCPT", "554 5.7.1 no relay", rejected},
		{"RCPT", "530 log in first", unavailable},
		{"RCPT", "535 log in first", unavailable},
		{"RCPT", "538 log in first", unavailable},
		{"RCPT", "421 closing", unavailable},
		{"RCPT", "close", later},
		{"DATA", "451 later", later},
		{"DATA", "554 no", rejected},
		{"DATA", "close", later},
		{"mail", "452 disk full", later},
		{"mail", "552 too large", rejected},
		{"mail", "550-two\r\n550 lines", rejected},
		{"mail", "close", later},
		{"mail", "421 closing", unavailable},
		{"mail", "250 taken and goodbye", ""},
	} {
		t.Run(c.at+" "+c.answer, func(t *testing.T) {
			t.Parallel()
			s := serve(t, &server{answers: map[string][]string{c.at: {c.answer, ""}}})
			m := open(t, s.address("", ""), smtp.Options{})
			err := m.Send(t.Context(), message("jane@example.com"))
			got := later
			switch {
			case err == nil:
				got = ""
			case errors.Is(err, mail.ErrRejected):
				got = rejected
			case errors.Is(err, mail.ErrUnavailable):
				got = unavailable
			}
			if got != c.want {
				t.Fatalf("%q: %v", got, err)
			}
			if err != nil && c.answer != "close" && (!strings.Contains(err.Error(), strings.TrimRight(c.answer[:3], "\r\n")) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "jane")) {
				t.Errorf("the error is %v", err)
			}
			if c.at == "greeting" {
				s.left(t)
			}
			// The next mail arrives, whatever became of this one.
			before := len(s.took())
			must(t, m.Send(t.Context(), message("joe@example.com")))
			if got := s.took(); len(got) != before+1 || !strings.Contains(got[before], "joe@example.com") {
				t.Errorf("took %q", got)
			}
		})
	}
}

func TestStartTLS(t *testing.T) {
	t.Parallel()
	ofServer, ofClient := certificate(t)
	s := serve(t, &server{tls: ofServer, extensions: []string{"STARTTLS", "AUTH PLAIN"}})
	m := open(t, s.address("user:pass@", "?tls=starttls"), smtp.Options{TLS: ofClient})
	must(t, m.Check(t.Context()))
	s.left(t)
	must(t, m.Send(t.Context(), message("jane@example.com")))
	heard := s.heard()
	if tls, auth := slices.Index(heard, "STARTTLS"), slices.IndexFunc(heard, func(line string) bool { return strings.HasPrefix(line, "AUTH PLAIN ") }); tls < 0 || auth < tls {
		t.Errorf("%q", heard)
	}

	// Nothing is said to a server with another certificate, or without STARTTLS.
	without := serve(t, &server{extensions: []string{"AUTH PLAIN"}})
	for what, m := range map[string]*smtp.Mailer{
		"another certificate": open(t, s.address("user:pass@", "?tls=starttls"), smtp.Options{}),
		"another name":        open(t, s.address("user:pass@", "?tls=starttls"), smtp.Options{TLS: &tls.Config{RootCAs: ofClient.RootCAs, ServerName: "other.example"}}),
		"no STARTTLS":         open(t, without.address("user:pass@", "?tls=starttls"), smtp.Options{TLS: ofClient}),
	} {
		before := len(s.heard())
		if err := m.Send(t.Context(), message("jane@example.com")); !errors.Is(err, mail.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
		s.left(t)
		without.left(t)
		for _, line := range append(s.heard()[before:], without.heard()...) {
			if strings.HasPrefix(line, "AUTH") || strings.HasPrefix(line, "MAIL") {
				t.Errorf("%s: it heard %q", what, line)
			}
		}
	}
}

func TestTLSFromTheStart(t *testing.T) {
	t.Parallel()
	ofServer, ofClient := certificate(t)
	s := serve(t, &server{tls: ofServer, implicit: true, extensions: []string{"AUTH LOGIN PLAIN"}})
	address := "smtps://user:pass@" + s.Addr().String()
	must(t, open(t, address, smtp.Options{TLS: ofClient}).Send(t.Context(), message("jane@example.com")))
	if !slices.Contains(s.heard(), "AUTH PLAIN AHVzZXIAcGFzcw==") {
		t.Errorf("%q", s.heard())
	}
	if err := open(t, address, smtp.Options{}).Send(t.Context(), message("jane@example.com")); !errors.Is(err, mail.ErrUnavailable) {
		t.Error(err)
	}
}

func TestLogIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ offered, answer, want string }{
		{"PLAIN LOGIN", "", "AUTH PLAIN AHVzZXJAZXhhbXBsZS5jb20AcC93"},
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256", "535 no", "begins SCRAM-SHA-256"},
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1", "535 no", "begins SCRAM-SHA-1"},
		{"PLAIN LOGIN CRAM-MD5", "535 no", "begins CRAM-MD5"},
		{"plain", "", "AUTH PLAIN AHVzZXJAZXhhbXBsZS5jb20AcC93"},
		{"LOGIN", "", "AUTH LOGIN"},
		{"NTLM GSSAPI", "", "only by NTLM, GSSAPI"},
		{"", "", "takes no log-in"},
		{"PLAIN", "535 5.7.8 wrong", "answered 535 5.7.8 wrong"},
		{"PLAIN", "454 4.7.0 later", "answered 454 4.7.0 later"},
	} {
		t.Run(c.offered+c.answer, func(t *testing.T) {
			t.Parallel()
			extensions := []string{"AUTH " + c.offered}
			if c.offered == "" {
				extensions = nil
			}
			s := serve(t, &server{extensions: extensions, answers: map[string][]string{"AUTH": {c.answer}}})
			err := open(t, s.address("user%40example.com:p%2Fw@", ""), smtp.Options{}).Check(t.Context())
			if strings.HasPrefix(c.want, "AUTH") {
				if err != nil || !slices.Contains(s.heard(), c.want) {
					t.Errorf("%v, heard %q", err, s.heard())
				}
				return
			}
			if mechanism, ok := strings.CutPrefix(c.want, "begins "); ok {
				if !slices.Contains(s.heard(), "AUTH "+mechanism) {
					t.Errorf("heard %q", s.heard())
				}
				return
			}
			if !errors.Is(err, mail.ErrUnavailable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "p/w") {
				t.Error(err)
			}
		})
	}
}

// Over TLS the password goes as it is, whatever else is offered; and without, to this
// machine under any of its names.
func TestLogInOverTLS(t *testing.T) {
	t.Parallel()
	ofServer, ofClient := certificate(t)
	s := serve(t, &server{tls: ofServer, implicit: true, extensions: []string{"AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN"}})
	must(t, open(t, "smtps://user:pass@"+s.Addr().String(), smtp.Options{TLS: ofClient}).Check(t.Context()))
	if !slices.Contains(s.heard(), "AUTH PLAIN AHVzZXIAcGFzcw==") {
		t.Errorf("%q", s.heard())
	}
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		s = serve(t, &server{at: "127.0.0.2:0", extensions: []string{"AUTH " + mechanism}})
		must(t, open(t, s.address("user:pass@", ""), smtp.Options{}).Check(t.Context()))
	}
}

// A message needs neither HTML nor an ID.
func TestBareMessage(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{})
	must(t, open(t, s.address("", ""), smtp.Options{}).Send(t.Context(), mail.Message{From: "a@example.com", To: "b@example.com", Subject: "Hi", Text: "Hello"}))
	m, body := parsed(t, s.took()[0])
	if kind := m.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") || strings.TrimSpace(body) != "Hello" || len(m.Header.Get("Message-Id")) < 10 {
		t.Errorf("%q\n%s", m.Header, body)
	}
}

func TestAddressesAreChecked(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{})
	m := open(t, s.address("", ""), smtp.Options{})
	for _, to := range []string{
		"", "jane", "jane@", "@example.com", "jane@example.com\r\nRCPT TO:<joe@example.com>", "jane@example.com\nBcc: joe@example.com",
		"jane@example.com, joe@example.com", `"jane doe"@example.com`, `"a>b"@example.com`, "jane@[127.0.0.1]", "jane@exa mple.com",
		strings.Repeat("j", 65) + "@example.com", "jane@" + strings.Repeat("e", 64) + ".com", "jane@-example.com", "jane\x00@example.com", "jane@example.com\u0085", "jane@exa_mple.com",
	} {
		if err := m.Send(t.Context(), message(to)); !errors.Is(err, mail.ErrRejected) {
			t.Errorf("%q: %v", to, err)
		}
		wrong := message("jane@example.com")
		wrong.From = to
		if err := m.Send(t.Context(), wrong); !errors.Is(err, mail.ErrRejected) {
			t.Errorf("from %q: %v", to, err)
		}
	}
	for _, change := range []func(*mail.Message){
		func(m *mail.Message) { m.Subject = "a\r\nBcc: joe@example.com" },
		func(m *mail.Message) { m.ID = "a\nb@example.com" },
		func(m *mail.Message) { m.From = "A\u0085B <no-reply@example.com>" },
		func(m *mail.Message) { m.From = "\"A\u0001B\" <no-reply@example.com>" },
		func(m *mail.Message) { m.ID = "a>b@example.com" },
	} {
		wrong := message("jane@example.com")
		change(&wrong)
		if err := m.Send(t.Context(), wrong); !errors.Is(err, mail.ErrRejected) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if s.connections() != 0 {
		t.Error("it has connected")
	}
}

// A domain becomes ASCII, for every server; a name of other characters needs one that
// takes it.
func TestInternationalAddresses(t *testing.T) {
	t.Parallel()
	s := serve(t, &server{extensions: []string{"SMTPUTF8"}})
	m := open(t, s.address("", ""), smtp.Options{})
	for to, want := range map[string]struct{ mail, rcpt, header string }{
		"jane@Bücher.example": {"MAIL FROM:<no-reply@example.com> BODY=8BITMIME", "RCPT TO:<jane@xn--bcher-kva.example>", "To: <jane@xn--bcher-kva.example>"},
		"zoë@bücher.example":  {"MAIL FROM:<no-reply@example.com> BODY=8BITMIME SMTPUTF8", "RCPT TO:<zoë@xn--bcher-kva.example>", "To: <zoë@xn--bcher-kva.example>"},
	} {
		before := len(s.heard())
		must(t, m.Send(t.Context(), message(to)))
		mails, heard := s.took(), s.heard()[before:]
		if !slices.Contains(heard, want.mail) || !slices.Contains(heard, want.rcpt) || !strings.Contains(mails[len(mails)-1], want.header+"\r\n") {
			t.Errorf("%s: %q\n%s", to, heard, mails[len(mails)-1])
		}
	}

	s = serve(t, &server{})
	m = open(t, s.address("", ""), smtp.Options{})
	if err := m.Send(t.Context(), message("zoë@example.com")); !errors.Is(err, mail.ErrRejected) || !strings.Contains(err.Error(), "international") {
		t.Error(err)
	}
	must(t, m.Send(t.Context(), message("jane@bücher.example")))

	must(t, m.Send(t.Context(), message(strings.Repeat("j", 64)+"@example.com")))

	// A server that is busy is busy for all.
	s = serve(t, &server{extensions: []string{"SMTPUTF8"}, answers: map[string][]string{"MAIL": {"451 busy"}}})
	if err := open(t, s.address("", ""), smtp.Options{}).Send(t.Context(), message("zoë@example.com")); !errors.Is(err, mail.ErrUnavailable) {
		t.Error(err)
	}
	// That a server refuses it says nothing about other mails.
	s = serve(t, &server{extensions: []string{"SMTPUTF8"}, answers: map[string][]string{"MAIL": {"553 no"}}})
	if err := open(t, s.address("", ""), smtp.Options{}).Send(t.Context(), message("zoë@example.com")); !errors.Is(err, mail.ErrRejected) {
		t.Error(err)
	}
}

func TestServersAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct {
		server    string
		encrypted bool
	}{
		"smtp://mail.example.com":                                   {"mail.example.com:587", true},
		"smtp://user:pass@mail.example.com:25/":                     {"mail.example.com:25", true},
		"smtps://user@example.com:pass@mail.example.com":            {"mail.example.com:465", true},
		"smtp://localhost:1025":                                     {"localhost:1025", true},
		"smtp://[::1]":                                              {"[::1]:587", true},
		"smtp://mail.example.com?tls=insecure-none":                 {"mail.example.com:587", false},
		"smtp://mail.example.com?tls=starttls":                      {"mail.example.com:587", true},
		"smtp://mail.example.com:1":                                 {"mail.example.com:1", true},
		"smtp://mail.example.com:65535":                             {"mail.example.com:65535", true},
		"smtp://LOCALHOST.?tls=insecure-none":                       {"LOCALHOST.:587", true},
		"smtp://a.localhost?tls=insecure-none":                      {"a.localhost:587", true},
		"smtp://127.0.0.9?tls=insecure-none":                        {"127.0.0.9:587", true},
		"smtp://[::ffff:127.0.0.1]?tls=insecure-none":               {"[::ffff:127.0.0.1]:587", true},
		"smtp://192.0.2.1?tls=insecure-none":                        {"192.0.2.1:587", false},
		"smtp://localhost.example.com?tls=insecure-none":            {"localhost.example.com:587", false},
		"smtp://mail.example.com#SECRET":                            {},
		"mail.example.com:587":                                      {},
		"http://mail.example.com":                                   {},
		"smtp://":                                                   {},
		"smtp://mail.example.com:0":                                 {},
		"smtp://mail.example.com:70000":                             {},
		"smtp://mail.example.com:SECRET":                            {},
		"smtp://user@mail.example.com":                              {},
		"smtp://:SECRET@mail.example.com":                           {},
		"smtp://user:SECRET/x@mail.example.com":                     {},
		"smtp://user:SECRET#x@mail.example.com":                     {},
		"smtp://user:SECRET%zz@mail.example.com":                    {},
		"smtp://mail.example.com/SECRET":                            {},
		"smtp://mail.example.com?tls=none":                          {},
		"smtp://mail.example.com?tls=SECRET":                        {},
		"smtp://mail.example.com?ssl=SECRET":                        {},
		"smtp://mail.example.com?tls=starttls;x":                    {},
		"smtps://mail.example.com?tls=starttls":                     {},
		"smtp://mail.example.com?tls=starttls&tls=insecure-none&x=": {},
	} {
		m, err := smtp.New(address, smtp.Options{})
		if (err == nil) != (want.server != "") {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if err != nil {
			if strings.Contains(err.Error(), "SECRET") || !strings.HasPrefix(err.Error(), "smtp: ") {
				t.Errorf("%s: %v", address, err)
			}
			continue
		}
		if m.Server() != want.server || m.Encrypted() != want.encrypted {
			t.Errorf("%s: %s, %v", address, m.Server(), m.Encrypted())
		}
	}
}
