package integration_test

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// The pages of a tenant with a name, mark and color of its own can be read by everybody, as far
// as axe can tell, in light and dark, on wide and narrow screens; and they have its look.
func TestTenantPagesInBrowser(t *testing.T) {
	g := &gallery{person: &person{t, startChromium(t), ""}, axe: counterparty.Axe(t)}
	dir := t.TempDir()
	address := server.FreeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	g.site = "http://localhost:" + port
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	configuration, err := json.Marshal(map[string]any{
		"app_url": g.site, "listen": address, "database": "sqlite:" + filepath.Join(dir, "social.db"),
		"keys": []string{"aWvVCVZ7pM5Qk1oqpJd0mWlL8mC0y4tq6c3r2Zs9bYE="},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := write("social.json", configuration)
	mark := image.NewRGBA(image.Rect(0, 0, 96, 48))
	for i := range 48 * 96 {
		if x, y := i%96, i/96; (x+y)%32 < 16 {
			mark.Set(x, y, color.RGBA{0x8a, 0x2f, 0x5d, 0xff})
		}
	}
	picture, err := os.Create(filepath.Join(dir, "mark.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(picture, mark); err != nil {
		t.Fatal(err)
	}
	picture.Close()
	run := func(stdin string, args ...string) {
		if out := program.Run(t, nil, stdin, append(args, "--config", file)...); out.Code != 0 {
			t.Fatal(out.Stderr)
		}
	}
	run("", "tenants", "create", "acme", "--brand", "Acme Cycles of the North", "--color", "#8a2f5d", "--mark", picture.Name(), "--verified-domain", "acme.example")
	run("secret\n", "apps", "create", "--tenant", "acme", "--provider", "own", "--type", "oidc", "--parameter", "issuer=https://id.acme.example", "--parameter", "name=Acme", "--client-id", "c")
	p, _, err := program.Start(t, nil, "Social serves ", "serve", "--config", file)
	if err != nil {
		t.Fatal(err)
	}
	p.StopWithTest()
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1100, 360} {
			for _, path := range []string{"/t/acme/login", "/t/acme/register"} {
				t.Run(fmt.Sprintf("%s-%s-%d", filepath.Base(path), scheme, width), func(t *testing.T) {
					g.T = t
					g.scheme(scheme)
					g.do("the screen", chromedp.EmulateViewport(width, 800))
					g.do("opening "+path, chromedp.Navigate(g.site+path), chromedp.WaitVisible(chromedp.CSS("h1")))
					for _, v := range g.violations() {
						t.Error(v)
					}
					g.fitsWidth(int(width))
					g.sees("Acme Cycles of the North")
					if n := result(g.person, "the mark", chromedp.Evaluate[int](`document.querySelector(".brand img").naturalWidth`)); n != 96 {
						t.Errorf("the mark is %d pixels wide", n)
					}
					ground := result(g.person, "the button", chromedp.Evaluate[string](`getComputedStyle(document.querySelector("button.primary")).backgroundColor`))
					if (ground == "rgb(138, 47, 93)") != (scheme == "light") || strings.Contains(ground, "58, 79, 216") || strings.Contains(ground, "140, 155, 255") {
						t.Errorf("the button is %s", ground)
					}
					g.picture(strings.TrimPrefix(t.Name(), "TestTenantPagesInBrowser/"))
				})
			}
		}
	}
}
