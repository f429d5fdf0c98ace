package integration_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/mail"
)

// Mails and the demo's outbox can be read by everybody, as far as axe can tell, in light
// and dark mail programs, on wide and narrow screens. The soak run looks at all kinds.
func TestMailsInBrowser(t *testing.T) {
	g := &gallery{person: &person{t, startChromium(t), ""}, axe: counterparty.Axe(t)}
	p, site, err := program.Start(t, nil, "Social demo: ", "demo", "--listen", "127.0.0.1:0", "--providers-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.StopWithTest()
	g.site = site
	res, err := http.PostForm(site+"/reset", url.Values{"email": {"matt@lp.com"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	paths := []string{"/outbox"}
	for _, kind := range mail.Kinds() {
		if os.Getenv("SOAK") != "" || kind == mail.KindMagicLink || kind == mail.KindEmailChanged {
			paths = append(paths, "/outbox/preview/"+kind)
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1100, 360} {
			for _, path := range paths {
				t.Run(fmt.Sprintf("%s-%s-%d", strings.ReplaceAll(path[1:], "/", "-"), scheme, width), func(t *testing.T) {
					g.T = t
					g.scheme(scheme)
					g.do("the screen", chromedp.EmulateViewport(width, 800))
					g.do("opening "+path, chromedp.Navigate(site+path), chromedp.WaitVisible(chromedp.CSS("h1")))
					for _, v := range g.violations() {
						// A mail is no page of its own: mail programs have the landmarks.
						rule, _, _ := strings.Cut(v, ":")
						if path == "/outbox" || !slices.Contains([]string{"region", "landmark-one-main"}, rule) {
							t.Error(v)
						}
					}
					g.fitsWidth(int(width))
					g.picture(strings.TrimPrefix(t.Name(), "TestMailsInBrowser/"))
				})
			}
		}
	}
}
