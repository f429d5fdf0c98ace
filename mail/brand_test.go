package mail_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/mail"
)

// A letter may bring the name, address and colors of its site; what is no color is left out.
func TestBrand(t *testing.T) {
	t.Parallel()
	made, err := mail.NewTemplates(mail.TemplateConfig{Site: "Social", SiteURL: "https://app.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	write := func(args map[string]string) mail.Message {
		m, err := made.Render(mail.Letter{Kind: mail.KindReset, To: "ann@example.org", Link: "https://app.example.com/reset/x", Args: args})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := write(map[string]string{mail.ArgSite: "Acme", mail.ArgSiteURL: "https://acme.example", mail.ArgColor: "#8a2f5d", mail.ArgDarkColor: "#c08da8"})
	for _, want := range []string{">Acme</a>", `href="https://acme.example"`, "background-color:#8a2f5d", "background-color: #c08da8 !important"} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("the mail lacks %s", want)
		}
	}
	if all := m.Subject + m.Text + m.HTML; strings.Contains(all, "Social") || !strings.Contains(m.Subject+m.Text, "Acme") {
		t.Errorf("the mail has the site's name: %s\n%s", m.Subject, m.Text)
	}
	for _, color := range []string{"red", "#8A2F5D;", "#fff", "#12345g", "url(https"} {
		if m := write(map[string]string{mail.ArgColor: color, mail.ArgDarkColor: color}); !strings.Contains(m.HTML, "background-color:#3a4fd8") || !strings.Contains(m.HTML, "background-color: #8c9bff") {
			t.Errorf("%q is taken for a color", color)
		}
	}
}
