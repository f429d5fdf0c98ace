package web

import "net/http"

// A homeView is the view of templates/home.html.
type homeView struct{ layout }

func (w *Web) home(rw http.ResponseWriter, r *http.Request) {
	w.render(rw, r, http.StatusOK, "home", homeView{w.layout(rw, r)})
}
