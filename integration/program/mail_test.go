package program_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/sqlstore/sqlite"
)

func TestMailPreview(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "previews")
	if out := program.Run(t, nil, "", "mail", "preview", "--dir", dir); out.Code != 0 || out.Stdout != "" {
		t.Fatalf("%+v", out)
	}
	for _, kind := range mail.Kinds() {
		page, err := os.ReadFile(filepath.Join(dir, kind+".html"))
		if err != nil || !strings.Contains(string(page), "</html>") {
			t.Errorf("%s: %v\n%s", kind, err, page)
		}
		text, err := os.ReadFile(filepath.Join(dir, kind+".txt"))
		if err != nil || !strings.HasPrefix(string(text), "Subject: ") {
			t.Errorf("%s: %v\n%s", kind, err, text)
		}
	}

	all := program.Run(t, nil, "", "mail", "preview")
	if all.Code != 0 || strings.Count(all.Stdout, "\nSubject: ") != len(mail.Kinds()) || strings.Contains(all.Stdout, "<html") || !strings.Contains(all.Stdout, "https://app.example.com/reset/") {
		t.Errorf("%+v", all)
	}
	one := program.Run(t, nil, "", "mail", "preview", "magic_link", "--html")
	if one.Code != 0 || strings.Count(one.Stdout, "</html>") != 1 || !strings.Contains(one.Stdout, "https://app.example.com/magic-link/") {
		t.Errorf("%+v", one)
	}
	config := filepath.Join(t.TempDir(), "any.yaml")
	writeFile(t, config, "app_url: https://acme.example\nkeys: ["+sealingKey+"]\nmail_from: Acme <post@acme.example>\n")
	if own := program.Run(t, nil, "", "mail", "preview", "reset", "--config", config); !strings.HasPrefix(own.Stdout, "From: Acme <post@acme.example>\n") || !strings.Contains(own.Stdout, "https://acme.example/reset/") {
		t.Errorf("%+v", own)
	}
	if german := program.Run(t, nil, "", "mail", "preview", "reset", "--language", "de"); german.Code != 0 || !strings.Contains(german.Stdout, "Subject: Neues Passwort für Social\n") {
		t.Errorf("%+v", german)
	}
	for want, args := range map[string][]string{
		"did you mean magic_link?": {"magic-link"},
		"see languages":            {"--language", "nl"},
		"there are reset":          {"xyzxyzxyzxyzxyz"},
		"html text":                {"--html", "--text"},
	} {
		if out := program.Run(t, nil, "", append([]string{"mail", "preview"}, args...)...); out.Code != 1 || !strings.Contains(out.Stderr, want) {
			t.Errorf("%q: %+v", args, out)
		}
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	p, url, err := program.Start(t, nil, "Social demo: ", "demo", "--listen", "127.0.0.1:0", "--providers-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.StopWithTest()
	get := func(path, accept string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "GET", url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", accept)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
	var mails []any
	if res, body := get("/outbox", "application/json"); res.StatusCode != 200 || json.Unmarshal([]byte(body), &mails) != nil || mails == nil || len(mails) != 0 || res.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v %s", res.Header, body)
	}
	_, page := get("/outbox", "text/html")
	for _, kind := range mail.Kinds() {
		if !strings.Contains(page, `href="/outbox/preview/`+kind+`"`) {
			t.Errorf("no preview of %s in\n%s", kind, page)
		}
		res, body := get("/outbox/preview/"+kind, "text/html")
		if csp := res.Header.Get("Content-Security-Policy"); res.StatusCode != 200 || !strings.Contains(body, "Social demo sent this mail") || !strings.Contains(csp, "default-src 'none'; style-src 'unsafe-inline'") {
			t.Errorf("%s: %v %s", kind, res.Header, body)
		}
	}
	for _, path := range []string{"/outbox/1", "/outbox/x", "/outbox/preview/nothing"} {
		if res, _ := get(path, "text/html"); res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}

	// A mail that is sent is shown, with a link that works; for an unknown address there is none.
	for _, email := range []string{"nobody@example.com", "matt@lp.com"} {
		res, err := http.PostForm(url+"/reset", neturl.Values{"email": {email}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d", email, res.StatusCode)
		}
	}
	var sent []struct {
		To, Subject, Text, HTML string
		At                      time.Time
	}
	for end := time.Now().Add(30 * time.Second); len(sent) == 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		_, body := get("/outbox", "application/json")
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Fatal(err)
		}
	}
	if len(sent) != 1 {
		t.Fatalf("%+v", sent)
	}
	m := sent[0]
	_, rest, _ := strings.Cut(m.Text, "\n"+url+"/reset/")
	token, _, _ := strings.Cut(rest, "\n")
	if m.To != "matt@lp.com" || m.Subject != "Reset your password for Social demo" || token == "" || !strings.Contains(m.HTML, url+"/reset/"+token) || time.Since(m.At).Abs() > time.Minute {
		t.Fatalf("%+v", m)
	}
	if _, page := get("/outbox", "text/html"); !strings.Contains(page, `<a href="`+url+"/reset/"+token+`">`) || !strings.Contains(page, "matt@lp.com") || !strings.Contains(page, `href="/outbox/1"`) {
		t.Error(page)
	}
	if _, page := get("/outbox/1", "text/html"); page != m.HTML {
		t.Error(page)
	}
	if res, _ := get("/reset/"+token, "text/html"); res.StatusCode != 200 {
		t.Errorf("the link: %d", res.StatusCode)
	}
}

// The program says where mail goes, and the doctor too.
func TestWhereMailGoes(t *testing.T) {
	t.Parallel()
	closed := server.FreeAddress(t)
	for name, c := range map[string]struct {
		env          []string
		serve        string // in the log
		level, finds string // of the doctor
	}{
		"this machine":   {nil, "level=INFO msg=\"mail goes to the log", "ok", "mail goes to the log"},
		"nowhere":        {[]string{"SOCIAL_APP_URL=https://app.example.com"}, "level=WARN msg=\"no mail is sent", "note", "no mail is sent, because smtp is missing: nobody can reset a password, sign in by mail or confirm"},
		"to the log":     {[]string{"SOCIAL_APP_URL=https://app.example.com", "SOCIAL_MAIL_TO_LOG=true"}, "level=WARN msg=\"mail goes to the log", "note", "mail goes to the log"},
		"no server":      {[]string{"SOCIAL_SMTP=smtp://" + closed}, "level=INFO msg=\"mail goes to " + closed + " from no-reply@localhost", "wrong", "the mail server cannot be used: dial tcp " + closed},
		"unencrypted":    {[]string{"SOCIAL_SMTP=smtp://user:SECRET@mail.invalid?tls=insecure-none", "SOCIAL_MAIL_FROM=Acme <post@acme.example>"}, "level=WARN msg=\"mail goes to mail.invalid:587 unencrypted", "wrong", "mail.invalid"},
		"wrong address":  {[]string{"SOCIAL_SMTP=mail.example.com:SECRET"}, "", "", "smtp: the address is not such as smtp://"},
		"wrong sender":   {[]string{"SOCIAL_MAIL_FROM=nobody"}, "", "", "mail_from: \"nobody\" is not an address"},
		"two ways":       {[]string{"SOCIAL_SMTP=smtp://mail.example.com", "SOCIAL_MAIL_TO_LOG=true"}, "", "", "exclude each other"},
		"needs a server": {[]string{"SOCIAL_APP_URL=https://app.example.com", "SOCIAL_CONFIRM_EMAIL=true"}, "", "", "confirm_email needs smtp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := append([]string{"SOCIAL_DATABASE=sqlite:" + filepath.Join(t.TempDir(), "social.db"), "SOCIAL_KEYS=" + sealingKey, "SOCIAL_LISTEN=" + server.FreeAddress(t)}, c.env...)
			p, _, err := program.Start(t, env, "Social serves ", "serve")
			if c.serve == "" {
				if err == nil {
					p.Kill()
				}
				if err == nil || !strings.Contains(err.Error(), c.finds) || strings.Contains(err.Error(), "SECRET") {
					t.Errorf("%v, want %q in it", err, c.finds)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			p.StopWithTest()
			if !p.Logged(c.serve) || strings.Contains(p.Log(), "SECRET") {
				t.Errorf("the log is\n%s", p.Log())
			}
			out := program.Run(t, env, "", "doctor")
			found := false
			for line := range strings.Lines(out.Stdout) {
				if rest, ok := strings.CutPrefix(line, c.level); ok && strings.HasPrefix(strings.TrimSpace(rest), "smtp: ") {
					found = strings.Contains(rest, c.finds)
				}
			}
			if !found || strings.Contains(out.Stdout, "SECRET") {
				t.Errorf("the doctor says\n%s%s", out.Stdout, out.Stderr)
			}
		})
	}
}

// Two processes send what waits in their database, each mail once, when the mail server
// is back after an outage.
func TestMailOfTwoProcesses(t *testing.T) {
	t.Parallel()
	post := counterparty.StartMail(t)
	address := "smtp://" + neturl.UserPassword(counterparty.MailUser, counterparty.MailPassword).String() + "@" + post.Address + "?tls=starttls"
	file := filepath.Join(t.TempDir(), "social.db")
	env := []string{"SOCIAL_DATABASE=sqlite:" + file, "SOCIAL_KEYS=" + sealingKey, "SOCIAL_SMTP=" + address, "SSL_CERT_FILE=" + post.Certificate}
	if out := program.Run(t, env, "", "doctor"); !strings.Contains(out.Stdout, "smtp: the mail server answers; mail goes to "+post.Address) {
		t.Errorf("the doctor says\n%s%s", out.Stdout, out.Stderr)
	}
	post.Stop()
	var processes []*program.Process
	for range 2 {
		p, _, err := program.Start(t, append(env, "SOCIAL_LISTEN="+server.FreeAddress(t)), "Social serves ", "serve")
		if err != nil {
			t.Fatal(err)
		}
		p.StopWithTest()
		processes = append(processes, p)
	}
	store, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	keys, err := keyring.Parse(sealingKey)
	if err != nil {
		t.Fatal(err)
	}
	queue, err := mail.NewQueue(mail.QueueConfig{Store: store, Keys: keys, Mailer: &mailtest.Box{}, From: "Acme <post@acme.example>"})
	if err != nil {
		t.Fatal(err)
	}
	const mails = 10
	for i := range mails {
		if err := queue.Put(t.Context(), mail.Letter{Kind: mail.KindReset, To: fmt.Sprintf("jane%d@example.com", i), Link: "https://acme.example/reset/SECRET"}); err != nil {
			t.Fatal(err)
		}
	}
	const waits = "mail is not sent, and waits in the queue"
	for end := time.Now().Add(time.Minute); !strings.Contains(processes[0].Log()+processes[1].Log(), waits) && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	post.Restart(t)
	for end := time.Now().Add(2 * time.Minute); len(post.Mails(t)) < mails && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	for _, p := range processes {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
		if strings.Contains(p.Log(), "SECRET") || strings.Contains(p.Log(), counterparty.MailPassword) || strings.Contains(p.Log(), "jane0@") {
			t.Errorf("the log is\n%s", p.Log())
		}
	}
	seen := map[string]int{}
	for _, m := range post.Mails(t) {
		seen[m.To[0]]++
	}
	if len(seen) != mails || len(post.Mails(t)) != mails {
		t.Errorf("arrived: %v", seen)
	}
	if log := processes[0].Log() + processes[1].Log(); strings.Count(log, waits) != 1 || strings.Count(log, "mail is sent again") != 1 || strings.Count(log, "event=mail_sent") != mails {
		t.Errorf("the logs are\n%s", log)
	}
}
