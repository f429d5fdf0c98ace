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

// startChromium starts a headless browser, or says aloud that there is none.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is missing")
		}
		t.Skip("SKIPPED: chromium is missing, so no page was tried in a browser")
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

// A person drives the browser.
type person struct {
	*testing.T
	ctx  context.Context
	home string
}

func (p *person) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		at, _ := chromedp.Run(p.ctx, chromedp.Location())
		text, _ := chromedp.Run(p.ctx, chromedp.Text(chromedp.CSS("body")))
		p.Fatalf("%s: %v\nat %s:\n%s", what, err, at, text)
	}
}

// ask runs an action that has an answer.
func ask[T any](p *person, what string, action chromedp.Action[T]) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	answer, err := chromedp.Run(ctx, action)
	if err != nil {
		p.Fatalf("%s: %v", what, err)
	}
	return answer
}

func (p *person) open(path string) {
	p.Helper()
	p.do("opening "+path, chromedp.Navigate(p.home+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

// press presses the button with the text, as it stands in the page.
func (p *person) press(text string) {
	p.Helper()
	p.do("pressing "+text, chromedp.Click(`//button[contains(normalize-space(.), "`+text+`")]`))
}

func (p *person) fill(name, value string) {
	p.Helper()
	field := `input[name="` + name + `"]`
	p.do("filling "+name, chromedp.SendKeys(chromedp.CSS(field), value))
}

// sees waits for the text to stand on the page.
func (p *person) sees(text string) {
	p.Helper()
	p.do("waiting for "+text, chromedp.WaitVisible(`//*[text()[contains(normalize-space(.), "`+text+`")]]`))
}

func (p *person) seesNot(text string) {
	p.Helper()
	body := ask(p, "reading the page", chromedp.Text(chromedp.CSS("body")))
	if strings.Contains(body, text) {
		p.Fatalf("the page says %q:\n%s", text, body)
	}
}

// consent allows at the pretend provider, as its first account.
func (p *person) consent() {
	p.Helper()
	p.do("choosing an account", chromedp.Click(chromedp.CSS(`input[name="account"]`)))
	p.do("allowing", chromedp.Click(chromedp.CSS(`button[value="allow"]`)), chromedp.WaitVisible(chromedp.CSS(".bar")))
}

// seesPictures waits until every picture that is in view has been loaded.
func (p *person) seesPictures() {
	p.Helper()
	const inView = `[...document.images].filter(i => i.getBoundingClientRect().top < innerHeight)`
	ask(p, "waiting for pictures", chromedp.Poll[bool](inView+`.every(i => i.complete && i.naturalWidth > 0)`))
}

// shoot keeps a picture of the page where SCREENSHOTS says so.
func (p *person) shoot(name string) {
	p.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png := ask(p, "taking a picture", chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		p.Fatal(err)
	}
}

func TestBrowser(t *testing.T) {
	p := &person{t, startChromium(t), program.Demo(t)}
	const email = "ada@example.org"

	p.open("/register")
	p.shoot("register")
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
		p.shoot("consent-" + strings.ToLower(provider))
		p.consent()
		p.sees("Connection established to " + provider)
	}

	p.press("Log out")
	p.sees("Welcome to Social demo")
	for _, provider := range []string{"Twitter", "Google"} {
		p.open("/login")
		p.shoot("login")
		p.press("Sign in with " + provider)
		p.do("at "+provider, chromedp.WaitVisible(chromedp.CSS(`button[value="allow"]`)))
		p.consent()
		p.sees("Hello " + email)
		p.press("Log out")
		p.sees("Welcome to Social demo")
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
	p.shoot("profile")
	twitter := ask(p, "finding the pretend Twitter", chromedp.Text(chromedp.CSS(".hint a")))
	p.do("opening it", chromedp.Navigate(twitter))
	p.sees("hello from my Go app!")
	p.shoot("twitter")

	p.open("/connections")
	p.shoot("connections")
	p.do("disconnecting Twitter", chromedp.Click(chromedp.CSS(`form[action^="/connect/twitter/"] button`)))
	p.sees("Connection to Twitter removed")
	p.open("/profile")
	p.seesNot("On Twitter now")

	p.do("the dark", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		})
		return err
	}))
	p.open("/profile")
	p.shoot("profile-dark")
	p.do("the narrow", chromedp.EmulateViewport(360, 740))
	p.open("/profile")
	p.shoot("profile-narrow")
	p.narrowEnough()
}

// narrowEnough fails when the page has to be scrolled sideways.
func (p *person) narrowEnough() {
	p.Helper()
	width := ask(p, "measuring", chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
	if width > 360 {
		p.Errorf("the page is %d pixels wide on a screen of 360", width)
	}
}
