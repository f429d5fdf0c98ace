package web_test

import (
	"os"
	"strings"
	"testing"
)

// Buttons that lead to a brand have the colours that it asks for, in light and in dark:
// Google's "Sign in with Google branding guidelines", Apple's "Sign in with Apple" black and
// white, Microsoft's "Sign-in branding guidelines", Facebook's blue.
func TestButtonsKeepToTheBrands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("static/social.css")
	if err != nil {
		t.Fatal(err)
	}
	_, light, ok := strings.Cut(string(text), "\n.brand-google {")
	light, dark, both := strings.Cut(light, "@media (prefers-color-scheme: dark) {")
	if !ok || !both {
		t.Fatal("social.css has no buttons of brands in light and dark")
	}
	light = ".brand-google {" + light
	dark, _, _ = strings.Cut(dark, "\n}")
	for _, want := range []struct{ brand, in, background, border, text string }{
		{"google", light, "#ffffff", "#747775", "#1f1f1f"},
		{"google", dark, "#131314", "#8e918f", "#e3e3e3"},
		{"apple", light, "#000000", "#000000", "#ffffff"},
		{"apple", dark, "#ffffff", "#ffffff", "#000000"},
		{"microsoft", light, "#ffffff", "#8c8c8c", "#5e5e5e"},
		{"microsoft", dark, "#2f2f2f", "#2f2f2f", "#ffffff"},
		{"facebook", light, "#0866ff", "#0866ff", "#ffffff"},
	} {
		rule := ".brand-" + want.brand + " { background: " + want.background + "; border-color: " + want.border + "; color: " + want.text + "; }"
		if !strings.Contains(want.in, rule) {
			t.Errorf("social.css does not have %s", rule)
		}
		if contrast(want.background[1:], want.text[1:]) < 4.5 {
			t.Errorf("%s: the text is not read on its ground", want.brand)
		}
	}
	_, visitor := visitors(t)
	if page := visitor().do("GET", "/login", nil).Body.String(); !strings.Contains(page, `class="wide brand-github"`) {
		t.Errorf("a button does not name its brand:\n%s", page)
	}
}
