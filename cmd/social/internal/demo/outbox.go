package demo

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/mail"
)

// maxOutbox is how many mails the outbox keeps: the newest.
const maxOutbox = 200

// An outbox is the demo's Mailer: it shows mails instead of sending them. It is safe for
// concurrent use.
type outbox struct {
	mu    sync.Mutex
	mails []outgoing // the oldest first
	next  int        // number of the next one
}

// An outgoing is a mail in the outbox.
type outgoing struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	At      time.Time `json:"at"`

	Number int `json:"-"`
}

// Send implements mail.Mailer.
func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next++
	o.mails = append(o.mails, outgoing{To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, At: time.Now().UTC(), Number: o.next})
	if len(o.mails) > maxOutbox {
		o.mails = slices.Delete(o.mails, 0, 1)
	}
	return nil
}

// all returns the mails, the newest first.
func (o *outbox) all() []outgoing {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := slices.Clone(o.mails)
	slices.Reverse(list)
	return list
}

// A line is one of a mail's text, and perhaps a link.
type line struct {
	Text string
	Link bool
}

// Lines returns the lines of the mail's text.
func (m outgoing) Lines() (list []line) {
	for text := range strings.SplitSeq(strings.TrimSpace(m.Text), "\n") {
		list = append(list, line{text, strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")})
	}
	return list
}

//go:embed outbox.html
var outboxHTML string

// mountOutbox adds the outbox's pages.
func (d *Demo) mountOutbox(mux *http.ServeMux) {
	page := template.Must(template.New("outbox").Parse(outboxHTML))
	mux.HandleFunc("GET /outbox", func(w http.ResponseWriter, r *http.Request) { d.outbox.show(w, r, page) })
	mux.HandleFunc("GET /outbox/{number}", d.outbox.showMail)
	mux.HandleFunc("GET /outbox/preview/{kind}", d.preview)
}

// show shows the outbox, or answers with it as JSON.
func (o *outbox) show(w http.ResponseWriter, r *http.Request, page *template.Template) {
	mails := o.all()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	if social.WantsJSON(r) {
		if mails == nil {
			mails = []outgoing{}
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(mails)
		return
	}
	var b bytes.Buffer
	err := page.Execute(&b, struct {
		Mails []outgoing
		Kinds []string // of previews
	}{mails, mail.Kinds()})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writePage(w, b.String())
}

// showMail shows the HTML of one mail.
func (o *outbox) showMail(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number"))
	for _, m := range o.all() {
		if m.Number == number {
			writePage(w, m.HTML)
			return
		}
	}
	http.NotFound(w, r)
}

// preview shows the HTML of a made-up mail.
func (d *Demo) preview(w http.ResponseWriter, r *http.Request) {
	templates, err := app.MailTemplates(d.App.Config, d.App.Texts, site)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for _, l := range mail.Samples(d.App.Config.AppURL) {
		if l.Kind != r.PathValue("kind") {
			continue
		}
		if m, err := templates.Render(l); err == nil {
			writePage(w, m.HTML)
			return
		}
	}
	http.NotFound(w, r)
}

// writePage writes a page that may have styles, and load nothing.
func writePage(w http.ResponseWriter, html string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Write([]byte(html))
}
