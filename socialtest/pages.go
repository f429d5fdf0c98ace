package socialtest

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets
var assetFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"ago": func(now, t time.Time) string {
		switch d := now.Sub(t); {
		case d < time.Minute:
			return "just now"
		case d < time.Hour:
			return t.Format("15:04")
		default:
			return t.Format("2 Jan 15:04")
		}
	},
}).ParseFS(pageFiles, "pages/*.html"))

func assets() http.Handler {
	sub, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	files := http.FileServerFS(sub)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		files.ServeHTTP(w, r)
	})
}

// page is the data of every template.
type page struct {
	Title    string
	Provider *Provider // nil on the home page
	Now      time.Time
	Data     any
}

// Tagline says what the provider pretends to be.
func (p page) Tagline() string { return p.Provider.dialect.tagline }

// render makes an answer of a template. formAction are the origins, besides the
// server's own, that the page's forms may lead to.
func render(name string, status int, p page, scripts bool, formAction ...string) *answer {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, p); err != nil {
		return &answer{status: http.StatusInternalServerError, contentType: "text/plain", body: []byte(err.Error())}
	}
	policy := "default-src 'none'; style-src 'self'; img-src 'self' http: https:; base-uri 'none'; frame-ancestors 'none'; " +
		"form-action 'self' " + strings.Join(formAction, " ")
	if scripts {
		policy += "; script-src 'self'"
	}
	return &answer{status: status, contentType: "text/html; charset=utf-8", body: b.Bytes(), header: http.Header{
		"Content-Security-Policy": {strings.TrimSpace(policy)},
		"Referrer-Policy":         {"same-origin"},
		"X-Content-Type-Options":  {"nosniff"},
	}}
}

// origin returns the source expression of form-action for an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if u.Host == "" {
		return u.Scheme + ":"
	}
	return u.Scheme + "://" + u.Host
}

// leadsTo lists where a form may lead whose answer goes back to the application's
// origin. Browsers hold its redirects against form-action too, and it may send people
// on to a front end elsewhere.
func leadsTo(origin string) []string { return []string{"http:", "https:", origin} }

// refusal is the page for faults that cannot be reported to the application.
func (p *Provider) refusal(status int, complaint string) *answer {
	return render("refusal", status, page{Title: "This did not work", Provider: p, Data: complaint}, false)
}

// choice is an account on the consent page.
type choice struct {
	User
	Image   string
	Chosen  bool
	Current bool // signed in at the provider
}

// asked is the data of the consent page.
type asked struct {
	Request, App, Back string
	Login, Device      bool
	Wants              []string
	Accounts           []choice
}

func (p *Provider) consentPage(q *pending, s *session) *answer {
	data := asked{Request: q.id, App: q.app.Name, Back: origin(q.redirect), Device: q.device != nil, Login: q.login, Wants: p.wants(q)}
	chosen := 0
	for i, u := range p.Users() {
		c := choice{User: u, Image: p.picture(u), Current: s != nil && s.subject == u.Subject && !q.login}
		if hint := q.hint; hint != "" && (hint == u.Subject || hint == u.Username || hint == u.Email) || q.hint == "" && c.Current {
			chosen = i
		}
		data.Accounts = append(data.Accounts, c)
	}
	if len(data.Accounts) > 0 {
		data.Accounts[chosen].Chosen = true
	}
	var formAction []string
	if !data.Device {
		formAction = leadsTo(data.Back)
	}
	return render("consent", http.StatusOK, page{Title: "Allow " + q.app.Name + "?", Provider: p, Data: data}, false, formAction...)
}

// wants says in words what the scopes give.
func (p *Provider) wants(q *pending) []string {
	words := []string{"Know who you are: your name and picture"}
	if p.ID() == "twitter" {
		if q.app.RequestEmail {
			words = append(words, "See your e-mail address")
		}
		return append(words, "Read your posts", "Post for you")
	}
	for _, scope := range q.scopes {
		switch scope {
		case "openid", "profile", "public_profile":
		case "email":
			words = append(words, "See your e-mail address")
		case "offline_access":
			words = append(words, "Act for you while you are away")
		default:
			words = append(words, "Use “"+scope+"”")
		}
	}
	if q.offline && !slices.Contains(q.scopes, "offline_access") {
		words = append(words, "Act for you while you are away")
	}
	return words
}

// posted is a callback that the browser has to post.
type posted struct {
	Action string
	Fields []field
}

type field struct{ Name, Value string }

// formPostPage makes the answer a page that posts its callback.
func (p *Provider) formPostPage(a *answer) {
	data := posted{Action: a.callback.redirect}
	for name, values := range a.callback.params {
		for _, value := range values {
			data.Fields = append(data.Fields, field{name, value})
		}
	}
	rendered := render("form-post", http.StatusOK, page{Title: "Back to the application", Provider: p, Data: data}, true, leadsTo(origin(data.Action))...)
	a.status, a.contentType, a.body = rendered.status, rendered.contentType, rendered.body
	for name, values := range rendered.header {
		a.header[name] = values
	}
}

func (p *Provider) signedOutPage() *answer {
	return render("signed-out", http.StatusOK, page{Title: "Signed out", Provider: p}, false)
}

// home lists the providers and their accounts.
func (s *Server) home(w http.ResponseWriter, _ *http.Request) {
	render("home", http.StatusOK, page{Title: "Pretend providers", Data: s.providers}, false).write(w)
}

// shownPost is a post on the timeline.
type shownPost struct {
	Post
	Name, Username, Image string
}

// account is a person on a provider's page.
type account struct {
	User
	Image        string
	Applications []string
}

// index is the provider's own page: its people, and on Twitter the timeline.
func (p *Provider) index(w http.ResponseWriter, _ *http.Request) {
	var data struct {
		Posts    []shownPost
		Timeline bool
		People   []account
	}
	data.Timeline = p.ID() == "twitter"
	for _, post := range p.Posts("") {
		u, _ := p.findUser(post.Subject)
		data.Posts = append(data.Posts, shownPost{Post: post, Name: u.Name, Username: u.Username, Image: p.picture(u)})
	}
	for _, u := range p.Users() {
		data.People = append(data.People, p.account(u))
	}
	render("index", http.StatusOK, page{Title: "Pretend " + p.Name(), Provider: p, Now: p.srv.now(), Data: data}, false).write(w)
}

// account says which applications may act for a user.
func (p *Provider) account(u User) account {
	a := account{User: u, Image: p.picture(u)}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.tokens {
		app := p.apps[t.client]
		if t.subject == u.Subject && !t.used && app != nil && !slices.Contains(a.Applications, app.Name) {
			a.Applications = append(a.Applications, app.Name)
		}
	}
	slices.Sort(a.Applications)
	return a
}

// person serves an account's page, and its picture under NAME.svg.
func (p *Provider) person(w http.ResponseWriter, r *http.Request) {
	subject, isPicture := strings.CutSuffix(r.PathValue("name"), ".svg")
	u, found := p.findUser(subject)
	if !found || r.PathValue("size") != "" && !isPicture {
		http.NotFound(w, r)
		return
	}
	if isPicture {
		h := w.Header()
		h.Set("Content-Type", "image/svg+xml")
		h.Set("Content-Security-Policy", "default-src 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		w.Write([]byte(portrait(u)))
		return
	}
	render("person", http.StatusOK, page{Title: u.Name, Provider: p, Data: p.account(u)}, false).write(w)
}

// removeAccess is a user who removes all applications at the provider.
func (p *Provider) removeAccess(w http.ResponseWriter, r *http.Request) {
	p.RevokeTokens(r.PathValue("name"))
	http.Redirect(w, r, "/"+p.ID()+"/", http.StatusSeeOther)
}
