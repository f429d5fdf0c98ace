package oauth_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

// A document is fresh for as long as its answer says (RFC 9111 §5.2.2.1), but no less
// than five minutes and no more than a day; for an hour when it does not say. It serves
// for a day more while it cannot be fetched, and then no longer.
func TestDocumentsServeForTheirTime(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"":                                   time.Hour,
		"no-cache":                           time.Hour,
		"max-age=":                           time.Hour,
		"max-age=soon":                       time.Hour,
		"max-age=99999999999":                time.Hour,
		"s-maxage=600":                       time.Hour,
		"7200":                               time.Hour,
		"max-age=0x2000":                     time.Hour,
		"max-age=007200":                     2 * time.Hour,
		"no-store, 7200, max-age=600":        10 * time.Minute,
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
			next := op.Config.Handler
			op.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/keys" && header != "" {
					w.Header().Set("Cache-Control", header)
				}
				next.ServeHTTP(w, r)
			})
			op.claims = func(m map[string]any) { m["exp"] = op.now.Add(time.Minute).Unix(); m["iat"] = op.now.Unix() }
			c := op.open(t, op.provider())
			mustLogin(t, op, c)
			const stale = 24 * time.Hour
			op.bend(func() { op.fail["/keys"], op.now = http.StatusServiceUnavailable, started.Add(want+stale-time.Second) })
			mustLogin(t, op, c)
			op.bend(func() { op.now = started.Add(want + stale) })
			if _, err := op.login(t, c, oauth.Request{}); err == nil {
				t.Errorf("the key set serves for longer than %v", want+stale)
			}
		})
	}
}
