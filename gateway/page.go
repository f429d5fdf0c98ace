package gateway

import (
	"net/http"
	"strconv"
)

const (
	defaultPage = 100
	largestPage = 1000
)

// A page is what a list shows of all that there is.
type page struct {
	after string
	limit int
}

// pageOf reads limit and after of a request.
func pageOf(r *http.Request) (page, error) {
	q := r.URL.Query()
	p := page{q.Get("after"), defaultPage}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > largestPage {
			return p, badRequest("limit is not a number from 1 to " + strconv.Itoa(largestPage) + ".")
		}
		p.limit = n
	}
	return p, nil
}
