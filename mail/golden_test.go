package mail_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/gosocial/social/mail"
)

var update = flag.Bool("update", false, "write testdata anew")

// Mails read as in testdata: every kind as text, and one as HTML. Look at what changes
// there.
func TestMailsReadAsBefore(t *testing.T) {
	t.Parallel()
	all := templates(t, mail.TemplateConfig{Site: "Acme", SiteURL: "https://app.example.com"})
	var texts strings.Builder
	for _, l := range mail.Samples("https://app.example.com") {
		m, err := all.Render(l)
		must(t, err)
		texts.WriteString("==== " + l.Kind + " to " + m.To + ": " + m.Subject + "\n\n" + m.Text)
		if l.Kind == mail.KindMagicLink {
			golden(t, "testdata/magic_link.html", m.HTML)
		}
	}
	golden(t, "testdata/mails.txt", texts.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if got != string(want) {
		t.Errorf("%s is another one now; go test ./mail -update writes it anew:\n%s", file, got)
	}
}
