package integration_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/gosocial/social/integration/program"
)

// startChromium starts a headless browser. Without one it skips the test, or fails it
// in CI.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is missing")
		}
		t.Skip("SKIPPED: chromium is missing, so no page was tested in a browser")
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // CI runs as root
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(1100, 900),
	)...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	return ctx
}

// A person uses the demo in a browser.
type person struct {
	*testing.T
	ctx  context.Context
	site string // the demo's address
}

func (p *person) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		at, _ := chromedp.Run(p.ctx, chromedp.Location())
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		p.Fatalf("%s: %v\nat %s:\n%s", what, err, at, text)
	}
}

// result runs an action and returns its result.
func result[T any](p *person, what string, action chromedp.Action[T]) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		p.Fatalf("%s: %v", what, err)
	}
	return value
}

func (p *person) open(path string) {
	p.Helper()
	p.do("opening "+path, chromedp.Navigate(p.site+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

// press presses the button with the text.
func (p *person) press(text string) {
	p.Helper()
	p.do("pressing "+text, chromedp.Click(`//button[contains(normalize-space(.), "`+text+`")]`))
}

func (p *person) fill(name, value string) {
	p.Helper()
	field := `input[name="` + name + `"]`
	p.do("filling "+name, chromedp.SendKeys(chromedp.CSS(field), value))
}

// sees waits until the page has the text.
func (p *person) sees(text string) {
	p.Helper()
	p.do("waiting for "+text, chromedp.WaitVisible(`//body//*[text()[contains(normalize-space(.), "`+text+`")]]`))
}

func (p *person) seesNot(text string) {
	p.Helper()
	body := result(p, "reading the page", chromedp.Evaluate[string]("document.body.innerText"))
	if strings.Contains(body, text) {
		p.Fatalf("the page has %q:\n%s", text, body)
	}
}

// consent chooses the pretend provider's first account and allows the request.
func (p *person) consent() {
	p.Helper()
	p.do("choosing an account", chromedp.Click(chromedp.CSS(`input[name="account"]`)))
	p.do("allowing", chromedp.Click(chromedp.CSS(`button[value="allow"]`)), chromedp.WaitVisible(chromedp.CSS(".bar")))
}

// seesPictures waits until every picture in view is loaded.
func (p *person) seesPictures() {
	p.Helper()
	const inView = `[...document.images].filter(i => i.getBoundingClientRect().top < innerHeight)`
	result(p, "waiting for pictures", chromedp.Poll[bool](inView+`.every(i => i.complete && i.naturalWidth > 0)`))
}

// screenshot saves a picture of the page into the folder SCREENSHOTS, if that is set.
func (p *person) screenshot(name string) {
	p.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png := result(p, "taking a picture", chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		p.Fatal(err)
	}
}

func TestBrowser(t *testing.T) {
	p := &person{t, startChromium(t), program.Demo(t)}
	const email = "ada@example.org"

	p.open("/register")
	p.screenshot("register")
	p.fill("email", email)
	p.fill("password", "a sentence is fine")
	p.fill("password_confirm", "a sentence is fine")
	p.press("Register")
	p.sees("Account created successfully")
	p.sees("Hello " + email)

	for _, provider := range []string{"Twitter", "Google"} {
		p.open("/profile")
		p.do("connecting "+provider, chromedp.Click(chromedp.CSS(`form[action="/connect/`+strings.ToLower(provider)+`"] button`)),
			chromedp.WaitVisible(chromedp.CSS(`button[value="allow"]`)))
		p.screenshot("consent-" + strings.ToLower(provider))
		p.consent()
		p.sees("Connection established to " + provider)
	}

	p.press("Log out")
	p.sees("You are signed out.")
	for _, provider := range []string{"Twitter", "Google"} {
		p.open("/login")
		p.screenshot("login")
		p.press("Sign in with " + provider)
		p.do("at "+provider, chromedp.WaitVisible(chromedp.CSS(`button[value="allow"]`)))
		p.consent()
		p.sees("Hello " + email)
		p.press("Log out")
		p.sees("You are signed out.")
	}

	p.open("/login")
	p.fill("email", email)
	p.fill("password", "a sentence is fine")
	p.press("Sign in")
	p.sees("Hello " + email)
	p.press("Post to Twitter")
	p.sees("Posted to Twitter")
	p.sees("On Twitter now")
	p.seesPictures()
	p.screenshot("profile")
	twitter := result(p, "finding the pretend Twitter", chromedp.Text(chromedp.CSS("section[aria-labelledby=twitter-posts] .hint a")))
	p.do("opening the pretend Twitter", chromedp.Navigate(twitter))
	p.sees("hello from my Go app!")
	p.screenshot("twitter")

	p.open("/connections")
	p.screenshot("connections")
	p.do("asking to disconnect Twitter", chromedp.Click(`//section[@aria-labelledby="provider-twitter"]//a[contains(., "Disconnect")]`))
	p.sees("Disconnect this Twitter account?")
	p.screenshot("disconnect")
	p.press("Disconnect")
	p.sees("Connection to Twitter removed")
	p.open("/profile")
	p.seesNot("On Twitter now")

	p.do("dark mode", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		})
		return err
	}))
	p.open("/profile")
	p.screenshot("profile-dark")
	p.do("a narrow screen", chromedp.EmulateViewport(360, 740))
	p.open("/profile")
	p.screenshot("profile-narrow")
	p.fitsWidth(360)
}

// fitsWidth fails the test when a screen of that width has to scroll sideways.
func (p *person) fitsWidth(screen int) {
	p.Helper()
	width := result(p, "measuring", chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
	if width > screen {
		p.Errorf("the page is %d pixels wide on a screen of %d", width, screen)
	}
}
