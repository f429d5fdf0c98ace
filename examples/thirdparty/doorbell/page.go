package doorbell

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gosocial/social/secret"
)

// A Page plays Doorbell. Its only user is Bell.
type Page struct {
	App    string
	Secret secret.Text
}

var post = template.Must(template.New("post").Parse(`<!doctype html><title>Doorbell</title>
<form method="post" action="{{.To}}">{{range $name, $values := .Answer}}
<input type="hidden" name="{{$name}}" value="{{index $values 0}}">{{end}}
<button>Go back</button></form>`))

// ServeHTTP goes back to the application with a signed profile.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("app") != p.App {
		http.Error(w, "There is no such application.", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if q.Get("user") == "none" {
		answer.Set("cancelled", "1")
	} else {
		answer.Set("id", "1001")
		answer.Set("name", "Bell")
		answer.Set("picture", "https://doorbell.example/1001.png")
		answer.Set("time", strconv.FormatInt(time.Now().Unix(), 10))
		answer.Set("signature", Sign(p.Secret, answer))
	}
	to := q.Get("return_to")
	if q.Get("mode") != "post" {
		http.Redirect(w, r, to+"?"+answer.Encode(), http.StatusSeeOther)
		return
	}
	post.Execute(w, struct {
		To     string
		Answer url.Values
	}{to, answer})
}
