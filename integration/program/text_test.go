package program_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// A translator exports the texts and checks the translation, and the program then speaks
// the language.
func TestTranslation(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "nl.json")
	succeeds(t, "text", "export", "nl", "--output", file)
	if out := program.Run(t, nil, "", "text", "export", "nl", "--output", file); out.Code != 1 || !strings.Contains(out.Stderr, "is there already") {
		t.Errorf("a second time: %d %s", out.Code, out.Stderr)
	}
	if out := program.Run(t, nil, "", "text", "export", "no-language!"); out.Code != 1 || !strings.Contains(out.Stderr, "BCP 47") {
		t.Errorf("no language: %d %s", out.Code, out.Stderr)
	}
	if text := succeeds(t, "text", "export", "de"); !strings.Contains(text, `"home.welcome": "Willkommen bei {site}"`) {
		t.Errorf("the German texts are\n%s", text)
	}
	change := func(key, text string) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]any
		if err := json.Unmarshal(b, &texts); err != nil {
			t.Fatal(err)
		}
		texts[key] = text
		if b, err = json.Marshal(texts); err == nil {
			err = os.WriteFile(file, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	change("home.welcome", "Welkom bij {siet}")
	if out := program.Run(t, nil, "", "text", "check", file); out.Code != 1 || !strings.Contains(out.Stdout, `home.welcome: has the arguments ["siet"]`) || !strings.Contains(out.Stderr, "1 texts") {
		t.Errorf("a mistake: %d %s %s", out.Code, out.Stdout, out.Stderr)
	}
	change("home.welcome", "Welkom bij {site}")
	succeeds(t, "text", "check", file)

	s := serve(t, settings{"languages": []string{"en", "nl"}, "texts": folder})
	v := s.visitor()
	v.do("GET", "/", "header:Accept-Language", "nl").is(200).says(`<html lang="nl"`, "Welkom bij Social")
	v.do("GET", "/", "header:Accept-Language", "de").is(200).says(`<html lang="en"`, "Welcome to Social")
}
