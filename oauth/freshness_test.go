package oauth_test

import (
	"net/http"
	"testing"
	"time"
)

// A document is used for as long as its answer says (RFC 9111 §5.2.2.1), but no less
// than five minutes and no more than a day; for an hour when it does not say. Then it
// is fetched once more.
func TestDocumentsAreRenewedWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"":                                   time.Hour,
		"no-cache":                           time.Hour,
		"max-age=":                           time.Hour,
		"max-age=soon":                       time.Hour,
		"max-age=99999999999":                time.Hour,
		"s-maxage=600":                       time.Hour,
		"max-age=0":                          5 * time.Minute,
		"max-age=-1":                         5 * time.Minute,
		"max-age=299":                        5 * time.Minute,
		"max-age=600":                        10 * time.Minute,
		"public, Max-Age=\"600\", immutable": 10 * time.Minute,
		"max-age=86400":                      24 * time.Hour,
		"max-age=86401":                      24 * time.Hour,
		"max-age=31536000":                   24 * time.Hour,
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			started := op.now
			fetched := make(chan time.Duration, 9)
			next := op.Config.Handler
			op.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/keys" {
					if header != "" {
						w.Header().Set("Cache-Control", header)
					}
					fetched <- op.clock().Sub(started)
				}
				next.ServeHTTP(w, r)
			})
			c := op.open(t, op.provider())
			op.claims = func(m map[string]any) { m["exp"] = op.now.Add(time.Minute).Unix(); m["iat"] = op.now.Unix() }
			mustLogin(t, op, c)
			if at := <-fetched; at != 0 {
				t.Errorf("first fetched after %v", at)
			}
			op.bend(func() { op.now = started.Add(want - time.Second) })
			mustLogin(t, op, c)
			op.bend(func() { op.now = started.Add(want) })
			mustLogin(t, op, c)
			select {
			case at := <-fetched: // in the background
				if at != want {
					t.Errorf("fetched again after %v, want %v", at, want)
				}
			case <-time.After(10 * time.Second):
				t.Errorf("not fetched again after %v", want)
			}
		})
	}
}
