package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The module has guards that its tests need, and some that they do not.
var files = map[string]string{
	"go.mod": "module example.test/m\n\ngo 1.26.0\n",
	"guard/guard.go": `package guard

import (
	"errors"
	"strings"
)

var ErrRefused = errors.New("refused")

var hosts = []string{"a.test", "b.test"}

type Answer struct {
	Name string
	Safe bool
}

func Allows(host string, port int) error {
	if port != 443 || host == "" {
		return ErrRefused
	}
	for _, h := range hosts {
		if h == host {
			return nil
		}
	}
	return ErrRefused
}

func Small(n int) bool { return n < 10 }

func Of(name string) Answer {
	return Answer{Name: strings.ToLower(name), Safe: true}
}

func Never(err error) error {
	if err != nil {
		return err
	}
	return nil
}

func kind(s string) int {
	switch s {
	case "one":
		return 1
	case "two":
		return 2
	}
	return 0
}
`,
	"guard/guard_test.go": `package guard

import "testing"

func TestAllows(t *testing.T) {
	if Allows("a.test", 443) != nil || Allows("a.test", 80) == nil || Allows("c.test", 443) == nil {
		t.Error("wrong")
	}
}

func TestSmall(t *testing.T) {
	if !Small(9) || Small(11) {
		t.Error("wrong")
	}
}

func TestOf(t *testing.T) {
	if Of("a").Name != "a" || kind("one") != 1 || kind("two") == 1 {
		t.Error("wrong")
	}
}

func TestBroken(t *testing.T) { t.Error("always") }
`,
	"use/use_test.go": `package use

import (
	"testing"

	"example.test/m/guard"
)

func TestUse(t *testing.T) {
	if !guard.Of("X").Safe {
		t.Error("unsafe")
	}
}
`,
	"integration/mutate/equivalent/guard.txt": `# why not
guard/guard.go | Small | n < 10 → <= # ten is as small as nine
guard/guard.go | gone | x → true # there is no such function
`,
}

func TestSurvivorsAreListed(t *testing.T) {
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	o := Options{
		Root: dir, Packages: []string{"./guard"}, Tests: []string{"./use"}, Out: &out,
		State: filepath.Join(dir, "verdicts"), Equivalent: filepath.Join(dir, "integration/mutate/equivalent"),
	}
	n, err := Run(t.Context(), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	want := []string{
		`survived  guard/guard.go:10 | hosts | without element "b.test"`,
		`survived  guard/guard.go:10 | hosts | "b.test" → empty`,
		`survived  guard/guard.go:18 | Allows | host == "" → false`,
		`survived  guard/guard.go:32 | Of | strings.ToLower(name) → name`,
		`unreached guard/guard.go:36 | Never | err != nil → false`,
		`survived  guard/guard.go:46 | kind | without case "two"`,
		`survived  guard/guard.go:47 | kind | return 2: 2 → 0`,
		`survived  guard/guard.go:47 | kind | return 2: 2 → ×1000`,
		`unreached guard/guard.go:49 | kind | return 0: 0 → 1`,
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, " | ") && !strings.HasPrefix(line, "listed") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if !slices.Equal(got, want) || n != len(want) {
		t.Errorf("%d survivors:\n%s\nwant\n%s", n, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range []string{"TestBroken fails without a mutant", "listed as equivalent for nothing: guard/guard.go | gone", "14 killed, 1 equivalent"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, &out)
		}
	}

	// What was killed is not tried again: without tests it would survive.
	for _, name := range []string{"guard/guard_test.go", "use/use_test.go"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("package "+filepath.Dir(name)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := Run(t.Context(), o); err != nil || again != n {
		t.Errorf("again: %d survivors instead of %d, %v", again, n, err)
	}
	o.Fresh = true
	if fresh, err := Run(t.Context(), o); err != nil || fresh <= n {
		t.Errorf("fresh: %d survivors, %v", fresh, err)
	}
}
