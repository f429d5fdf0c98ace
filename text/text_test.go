package text_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gosocial/social/text"
)

func catalog(t *testing.T, o text.Options) *text.Catalog {
	t.Helper()
	c, err := text.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func said(t *testing.T, l *text.Language, key string, args map[string]string) string {
	t.Helper()
	s, ok := l.Text(key, args)
	if !ok {
		t.Errorf("%s has no text %s", l.Tag(), key)
	}
	return s
}

// Every language is complete: the same keys and arguments as English, and the plural
// forms that it needs.
func TestLanguagesAreComplete(t *testing.T) {
	t.Parallel()
	if tags := text.Languages(); !slices.Equal(tags, []string{"ar", "de", "en", "es", "fr"}) {
		t.Errorf("the languages are %v", tags)
	}
	for _, tag := range text.Languages() {
		file, err := os.ReadFile("messages/" + tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		faults, err := text.Check(tag, file)
		if err != nil || len(faults) > 0 {
			t.Errorf("%s: %v\n%s", tag, err, strings.Join(faults, "\n"))
		}
		exported, err := text.Export(tag)
		if err != nil || string(exported) != string(file) {
			t.Errorf("%s is not as Export writes it: %v", tag, err)
		}
	}
}

// A message is a whole sentence, with a full stop, in all languages or in none.
func TestMessagesEndAlike(t *testing.T) {
	t.Parallel()
	messages := map[string]map[string]string{}
	for _, tag := range text.Languages() {
		file, err := os.ReadFile("messages/" + tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]any
		if err := json.Unmarshal(file, &texts); err != nil {
			t.Fatal(err)
		}
		messages[tag] = map[string]string{}
		for key, value := range texts {
			if said, ok := value.(string); ok && strings.HasPrefix(key, "message.") {
				messages[tag][key] = said
			}
		}
	}
	if len(messages["en"]) < 90 {
		t.Fatalf("%d messages", len(messages["en"]))
	}
	for key, english := range messages["en"] {
		for tag, all := range messages {
			if strings.HasSuffix(all[key], ".") != strings.HasSuffix(english, ".") {
				t.Errorf("%s: %q in English, %q in %s", key, english, all[key], tag)
			}
		}
	}
}

// A translation that is the English text was forgotten, but for words that are the same.
func TestTextsAreTranslated(t *testing.T) {
	t.Parallel()
	read := func(tag string) (texts map[string]any) {
		file, err := text.Export(tag)
		if err == nil {
			err = json.Unmarshal(file, &texts)
		}
		if err != nil {
			t.Fatal(err)
		}
		return texts
	}
	english := read("en")
	for _, tag := range text.Languages() {
		if tag == "en" {
			continue
		}
		same := 0
		for key, s := range read(tag) {
			if reflect.DeepEqual(s, english[key]) {
				if same++; strings.Count(fmt.Sprint(s), " ") > 3 {
					t.Errorf("%s: %s is English: %v", tag, key, s)
				}
			}
		}
		if same > len(english)/10 {
			t.Errorf("%s: %d of %d texts are the English ones", tag, same, len(english))
		}
	}
}

func TestLanguageThatIsWanted(t *testing.T) {
	t.Parallel()
	c := catalog(t, text.Options{Languages: []string{"fr", "en", "de", "ar"}})
	for _, tt := range []struct {
		wanted []string
		want   string
	}{
		{nil, "fr"},
		{[]string{""}, "fr"},
		{[]string{"de"}, "de"},
		{[]string{"de-AT,de;q=0.9,en;q=0.8"}, "de"},
		{[]string{"en-GB;q=0.5, ar;q=0.7"}, "ar"},
		{[]string{"ja, ko;q=0.9"}, "fr"},
		{[]string{"ja, en;q=0.1"}, "en"},
		{[]string{"*"}, "fr"},
		{[]string{"de", "en"}, "de"},
		{[]string{"", "en"}, "en"},
		{[]string{"ja", "en"}, "en"},
		{[]string{"not a header at all;;;", "de"}, "de"},
		{[]string{strings.Repeat("ja,", 5000) + "de"}, "fr"},
	} {
		if got := c.Match(tt.wanted...).Tag(); got != tt.want {
			t.Errorf("%.60q: %s, want %s", tt.wanted, got, tt.want)
		}
	}
	if l, ok := c.Find("ar"); !ok || l.Direction() != "rtl" || l.Name() != "العربية" {
		t.Errorf("ar: %v, %v", l, ok)
	}
	if _, ok := c.Find("es"); ok {
		t.Error("a language that the catalog does not have is found")
	}
	if c.Default().Tag() != "fr" || c.Default().Direction() != "ltr" || len(c.Languages()) != 4 {
		t.Errorf("%s %s, %d languages", c.Default().Tag(), c.Default().Direction(), len(c.Languages()))
	}
	if l := catalog(t, text.Options{Languages: []string{"de"}}).Match("en"); l.Tag() != "de" {
		t.Errorf("the only language is %s", l.Tag())
	}
}

func TestTextsAreFilledIn(t *testing.T) {
	t.Parallel()
	c := catalog(t, text.Options{Languages: []string{"en", "ar"}, Files: fstest.MapFS{
		"en.json": {Data: []byte(`{"apples": {"one": "one apple", "other": "{n} apples"}, "pears": {"two": "a pair", "other": "{n} pears"}, "plain": "{n} and {a}"}`)},
		"ar.json": {Data: []byte(`{"apples": {"zero": "0", "one": "1", "two": "2", "few": "few {n}", "many": "many {n}", "other": "other {n}"}}`)},
	}})
	en, ar := c.Languages()[0], c.Languages()[1]
	for _, tt := range []struct {
		language *text.Language
		key      string
		args     map[string]string
		want     string
	}{
		{en, "apples", map[string]string{"n": "1"}, "one apple"},
		{en, "apples", map[string]string{"n": "0"}, "0 apples"},
		{en, "apples", map[string]string{"n": "21"}, "21 apples"},
		{en, "apples", map[string]string{"n": "many"}, "many apples"},
		{en, "apples", nil, " apples"},
		{en, "pears", map[string]string{"n": "1"}, "1 pears"}, // a form that is not there
		{en, "plain", map[string]string{"n": "1", "a": "{n}"}, "1 and {n}"},
		{ar, "apples", map[string]string{"n": "0"}, "0"},
		{ar, "apples", nil, "other "},
		{ar, "apples", map[string]string{"n": "2"}, "2"},
		{ar, "apples", map[string]string{"n": "5"}, "few \u20685\u2069"},
		{ar, "apples", map[string]string{"n": "11"}, "many \u206811\u2069"},
		{ar, "apples", map[string]string{"n": "100"}, "other \u2068100\u2069"},
		{ar, "plain", map[string]string{"n": "1", "a": "b"}, "\u20681\u2069 and \u2068b\u2069"}, // English, where the language has none
	} {
		if got := said(t, tt.language, tt.key, tt.args); got != tt.want {
			t.Errorf("%s %s %v: %q, want %q", tt.language.Tag(), tt.key, tt.args, got, tt.want)
		}
	}
	if s, ok := en.Text("nothing", nil); ok || s != "" {
		t.Errorf("a text that is not there: %q", s)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	c := catalog(t, text.Options{Languages: text.Languages()})
	first, other := time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC), time.Date(2026, 12, 24, 23, 59, 0, 0, time.UTC)
	for tag, want := range map[string][3]string{
		"en": {"1 March 2026", "24 December 2026", "24 December 2026, 23:59 UTC"},
		"de": {"1. März 2026", "24. Dezember 2026", "24. Dezember 2026, 23:59 UTC"},
		"fr": {"1er mars 2026", "24 décembre 2026", "24 décembre 2026 à 23:59 UTC"},
		"es": {"1 de marzo de 2026", "24 de diciembre de 2026", "24 de diciembre de 2026, 23:59 UTC"},
		"ar": {"1 مارس 2026", "24 ديسمبر 2026", "24 ديسمبر 2026، 23:59 UTC"},
	} {
		l, _ := c.Find(tag)
		if got := [3]string{l.Date(first), l.Date(other), l.Time(other)}; got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

// Applications replace single texts, and bring languages.
func TestTextsOfTheApplication(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"de.json": {Data: []byte(`{"home.title": "Daheim"}`)},
		"nl.json": {Data: []byte(`{"home.title": "Thuis", "own": "Eigen {x}"}`)},
	}
	c := catalog(t, text.Options{Languages: []string{"en", "de", "nl"}, Files: files})
	want := map[string]string{"en": "Home", "de": "Daheim", "nl": "Thuis"}
	for _, l := range c.Languages() {
		if got := said(t, l, "home.title", nil); got != want[l.Tag()] {
			t.Errorf("%s: %q", l.Tag(), got)
		}
	}
	nl, _ := c.Find("nl")
	if got := said(t, nl, "login.title", nil); got != "Sign in" {
		t.Errorf("what the language lacks is %q", got)
	}
	if got := said(t, nl, "own", map[string]string{"x": "1"}); got != "Eigen 1" {
		t.Error(got)
	}
	for name, tt := range map[string]struct {
		o    text.Options
		want string
	}{
		"no language":         {text.Options{Languages: []string{"nl"}}, "there are no texts in the language nl: there are ar, de"},
		"no tag":              {text.Options{Languages: []string{"Deutsch!"}}, "is no language tag"},
		"twice":               {text.Options{Languages: []string{"en", "EN"}}, "twice"},
		"an unknown argument": {text.Options{Languages: []string{"de"}, Files: fstest.MapFS{"de.json": {Data: []byte(`{"home.welcome": "Bei {seite}"}`)}}}, "de.json: home.welcome has {seite}"},
		"no JSON":             {text.Options{Languages: []string{"de"}, Files: fstest.MapFS{"de.json": {Data: []byte(`{`)}}}, "de.json: unexpected end"},
		"a number":            {text.Options{Languages: []string{"de"}, Files: fstest.MapFS{"de.json": {Data: []byte(`{"home.title": 1}`)}}}, "de.json: home.title is neither"},
		"no other":            {text.Options{Languages: []string{"de"}, Files: fstest.MapFS{"de.json": {Data: []byte(`{"home.title": {"one": "x"}}`)}}}, `de.json: home.title lacks the form "other"`},
		"a strange form":      {text.Options{Languages: []string{"de"}, Files: fstest.MapFS{"de.json": {Data: []byte(`{"home.title": {"other": "x", "eins": "x"}}`)}}}, `de.json: home.title has "eins"`},
	} {
		if _, err := text.New(tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckOfATranslation(t *testing.T) {
	t.Parallel()
	file, err := text.Export("ru")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(file, &texts); err != nil {
		t.Fatal(err)
	}
	delete(texts, "home.title")
	delete(texts, "security.sessions") // of which nothing else is said
	texts["login.title"] = ""
	texts["home.welcome"] = "Добро пожаловать"
	texts["home.wellcome"] = "x"
	texts["day.1"] = "1-е"
	texts["time"] = "{zone} {clock} {date}"
	b, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	faults, err := text.Check("ru", b)
	want := []string{
		`home.title: missing`, `security.sessions: missing`, `home.welcome: has the arguments [], and English has ["site"]`, `home.wellcome: English has no such text`, `login.title: empty`,
		`wait.hours: the language needs the form "few"`, `wait.hours: the language needs the form "many"`,
	}
	for _, w := range want {
		if !slices.Contains(faults, w) {
			t.Errorf("%q is missing in %q", w, faults)
		}
	}
	once := slices.Compact(slices.Clone(faults))
	if err != nil || !slices.IsSorted(faults) || len(once) != len(faults) || slices.ContainsFunc(faults, func(f string) bool {
		return strings.HasPrefix(f, "time:") || strings.HasPrefix(f, "day.") || strings.HasPrefix(f, "security.sessions: ") && f != want[1]
	}) {
		t.Errorf("%v %q", err, faults)
	}
	for tag, file := range map[string]string{"!": "{}", "de": "["} {
		if _, err := text.Check(tag, []byte(file)); err == nil {
			t.Errorf("%s %s: no error", tag, file)
		}
	}
	if _, err := text.Export("!"); err == nil {
		t.Error("an export in no language")
	}
}
