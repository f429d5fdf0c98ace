package text_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/text"
)

// Mails have the catalog's texts, not filled in, and its times, in UTC.
func TestTextsOfMails(t *testing.T) {
	t.Parallel()
	c := catalog(t, text.Options{Languages: []string{"de", "en", "ar"}})
	for _, tt := range []struct{ tag, key, want string }{
		{"de", "reset.title", "Neues Passwort"},
		{"en", "reset.title", "Reset your password"},
		{"en", "common.hello", "Hello {name},"},
		{"en", "common.direction", "ltr"},
		{"ar", "common.direction", "rtl"},
		{"fr", "reset.title", ""}, // the catalog does not have it
		{"en", "nothing", ""},
	} {
		if got := c.Mail(tt.tag, tt.key); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.tag, tt.key, got, tt.want)
		}
	}
	at := time.Date(2030, 4, 6, 0, 30, 0, 0, time.FixedZone("CEST", 2*60*60))
	for tag, want := range map[string]string{"en": "5 April 2030, 22:30 UTC", "de": "5. April 2030, 22:30 UTC", "fr": "5. April 2030, 22:30 UTC"} {
		if got := c.MailTime(tag, at); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

// What a request asks for is the tag of a language of the catalog.
func TestRequestedLanguage(t *testing.T) {
	t.Parallel()
	c := catalog(t, text.Options{})
	for accept, want := range map[string]string{"": "en", "fr-CA, en;q=0.5": "fr", "ja": "en"} {
		if got := c.Requested(&http.Request{Header: http.Header{"Accept-Language": {accept}}}); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
	var tags []string
	for _, l := range c.Languages() {
		tags = append(tags, l.Tag())
	}
	if len(tags) != 4 || tags[0] != "en" || tags[1] != "de" || tags[2] != "es" || tags[3] != "fr" {
		t.Errorf("the languages are %v", tags)
	}
}
