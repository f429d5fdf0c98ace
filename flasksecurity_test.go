package social_test

import (
	"encoding/json"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/phrase"
)

const flaskSecurity = "docs/coming-from-flask-security.md"

// A parityRow is a row of the page that compares with Flask-Security.
type parityRow struct {
	line    int
	section string // its last heading
	theirs  string
	ours    string
	shown   string // names of tests, or a sentence
}

func parityRows(t *testing.T) (rows []parityRow) {
	t.Helper()
	section := ""
	for n, line := range strings.Split(read(t, flaskSecurity), "\n") {
		if strings.HasPrefix(line, "#") {
			section = strings.TrimLeft(line, "# ")
		}
		cells := strings.Split(strings.Trim(line, "|"), " | ")
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| Flask-Security | ") || strings.HasPrefix(line, "| Flask-Security's column") {
			continue
		}
		if len(cells) == 2 { // without one of ours: "| | "
			left, _, _ := strings.Cut(cells[0], " |")
			cells = []string{left, "", cells[1]}
		}
		if len(cells) != 3 {
			t.Errorf("%s:%d has %d cells", flaskSecurity, n+1, len(cells))
			continue
		}
		rows = append(rows, parityRow{n + 1, section, cells[0], strings.Trim(cells[1], "| "), strings.Trim(cells[2], "| ")})
	}
	return rows
}

var (
	code     = regexp.MustCompile("`([^`]+)`")
	testName = regexp.MustCompile(`\bTest[A-Z][A-Za-z0-9_]*`)
)

// testsOfTheProject are the names of all test functions.
func testsOfTheProject(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]*)\(`)
	must(t, filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			for _, m := range function.FindAllStringSubmatch(read(t, path), -1) {
				names[m[1]] = true
			}
		}
		return err
	}))
	return names
}

// Each row is shown by tests that exist, or says in a sentence why there is none. What it
// names of ours exists.
func TestFlaskSecurityRows(t *testing.T) {
	t.Parallel()
	tests, known := testsOfTheProject(t), namesOfOurs(t)
	for _, row := range parityRows(t) {
		found := testName.FindAllString(row.shown, -1)
		for _, name := range found {
			if !tests[name] {
				t.Errorf("%s:%d names the test %s, which does not exist", flaskSecurity, row.line, name)
			}
		}
		left := strings.Trim(testName.ReplaceAllString(row.shown, ""), ", ")
		switch {
		case len(found) > 0 && left != "":
			t.Errorf("%s:%d has both tests and %q", flaskSecurity, row.line, left)
		case len(found) > 0 && row.ours == "":
			t.Errorf("%s:%d has a test, and nothing of ours", flaskSecurity, row.line)
		case len(found) == 0 && !strings.HasSuffix(row.shown, "."):
			t.Errorf("%s:%d has neither a test nor a sentence: %q", flaskSecurity, row.line, row.shown)
		}
		for _, m := range code.FindAllStringSubmatch(row.ours+row.shown, -1) {
			if name := m[1]; !known.has(name) && !strings.Contains(row.theirs, "`"+name+"`") && !strings.HasPrefix(name, "--") && !fixedNames[name] {
				t.Errorf("%s:%d: there is no %s here", flaskSecurity, row.line, name)
			}
		}
	}
}

// fixedNames are words of ours that no list has: attributes of cookies, fields of requests.
var fixedNames = map[string]bool{"Authorization: Bearer": true, "HttpOnly": true, "Secure": true, "__Host-": true, "next": true, "remember": true, "roles": true, "totp_secret": true, "forbidden": true, "LOGIN": true, "/": true}

// ourNames are what the page may name.
type ourNames struct {
	keys, commands, messages map[string]bool
	api, http                string
}

func namesOfOurs(t *testing.T) ourNames {
	t.Helper()
	n := ourNames{keys: map[string]bool{}, commands: map[string]bool{}, messages: map[string]bool{}, api: read(t, "docs/api.txt"), http: read(t, "docs/http.md")}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` \\|").FindAllStringSubmatch(read(t, "docs/configuration.md"), -1) {
		n.keys[m[1]] = true
	}
	files, err := filepath.Glob("cmd/social/*.go")
	must(t, err)
	for _, file := range files {
		for _, m := range regexp.MustCompile(`"([a-z][a-z-]*)[ "]`).FindAllStringSubmatch(read(t, file), -1) {
			n.commands[m[1]] = true
		}
	}
	for name := range englishTexts(t) {
		n.messages[name] = true
		n.messages[strings.TrimPrefix(name, "message.")] = true
	}
	return n
}

func englishTexts(t *testing.T) map[string]any {
	t.Helper()
	var texts map[string]any
	must(t, json.Unmarshal([]byte(read(t, "text/messages/en.json")), &texts))
	return texts
}

// has reports whether there is such a thing: a key of the configuration, the code of a
// message, an address, a command, a package, or a Go name.
func (n ourNames) has(name string) bool {
	if n.keys[name] || n.messages[name] {
		return true
	}
	if command, ok := strings.CutPrefix(name, "social "); ok {
		for word := range strings.FieldsSeq(command) {
			if !n.commands[word] {
				return false
			}
		}
		return true
	}
	if _, path, ok := strings.Cut(name, "/"); ok && (strings.HasPrefix(name, "/") || strings.Contains(name, " /")) {
		return strings.Contains(n.http, "/"+path+"`") && strings.Contains(n.http, name)
	}
	if strings.Contains(n.api, "github.com/gosocial/social/"+name+": ") || name == "social" {
		return true // a package
	}
	part := strings.Split(name, ".")
	of := func(text string) bool { return strings.Contains(n.api, "/"+part[0]+": "+text) }
	switch len(part) {
	case 2:
		return of("type "+part[1]+" ") || of("func "+part[1]+"(") || of("func "+part[1]+"[") || of("const "+part[1]+" ")
	case 3:
		return of("type "+part[1]+", "+part[2]+" ") || of("method (*"+part[1]+") "+part[2]+"(") || of("method ("+part[1]+") "+part[2]+"(") ||
			of("type "+part[1]+", method "+part[2]+"(")
	}
	return false
}

// The page has every name of Flask-Security's lists.
func TestFlaskSecurityIsWhole(t *testing.T) {
	t.Parallel()
	has := map[string]bool{}
	for _, row := range parityRows(t) {
		for _, m := range code.FindAllStringSubmatch(row.theirs, -1) {
			has[m[1]] = true
		}
	}
	for _, list := range []string{"settings", "messages", "signals", "addresses", "api"} {
		lines := strings.Fields(strings.Join(firsts(read(t, "testdata/flask-security/"+list+".txt")), " "))
		if len(lines) < 20 {
			t.Errorf("%s has %d names", list, len(lines))
		}
		for _, name := range lines {
			if !has[name] {
				t.Errorf("the page does not have %s (%s)", name, list)
			}
		}
	}
}

// firsts returns what is before the first tab of each line.
func firsts(text string) (list []string) {
	for line := range strings.Lines(text) {
		first, _, _ := strings.Cut(line, "\t")
		list = append(list, first)
	}
	return list
}

// A message of ours begins with the words of the one of Flask-Security's beside it, unless
// the page says why not.
func TestFlaskSecurityMessages(t *testing.T) {
	t.Parallel()
	theirs := map[string]string{}
	argument := regexp.MustCompile(`%\((\w+)\)[sd]`)
	for line := range strings.Lines(read(t, "testdata/flask-security/messages.txt")) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		theirs[name] = strings.TrimSuffix(argument.ReplaceAllString(text, "{$1}"), ".")
	}
	ours, compared := englishTexts(t), 0
	for _, row := range parityRows(t) {
		if row.section != "Messages" || !testName.MatchString(row.shown) {
			continue
		}
		for _, m := range code.FindAllStringSubmatch(row.theirs, -1) {
			for _, o := range code.FindAllStringSubmatch(row.ours, -1) {
				text, ok := ours["message."+o[1]].(string)
				if !ok {
					text, ok = ours[o[1]].(string)
				}
				if !ok {
					continue // a name of Go
				}
				compared++
				text = strings.ReplaceAll(text, "{n}", "{length}")
				if !strings.HasPrefix(text, theirs[m[1]]) {
					t.Errorf("%s is %q here, and %q there", o[1], text, theirs[m[1]])
				}
			}
		}
	}
	if compared < 15 {
		t.Errorf("%d messages are compared", compared)
	}
	if text := phrase.Fill(ours["message.email_taken"].(string), map[string]string{"email": "a@lp.com"}); text != "a@lp.com is already associated with an account" {
		t.Error(text)
	}
}
