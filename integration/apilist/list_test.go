package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The list in the documentation is today's. To bring it up to date: make api
func TestListIsCurrent(t *testing.T) {
	t.Parallel()
	lines, err := list("../..")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../../docs/api.txt")
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Split(strings.TrimSpace(string(kept)), "\n")
	for _, l := range lines {
		if !slices.Contains(old, l) {
			t.Errorf("docs/api.txt lacks: %s", l)
		}
	}
	for _, l := range old {
		if !slices.Contains(lines, l) {
			t.Errorf("docs/api.txt has, and the code does not: %s", l)
		}
	}
	if t.Failed() {
		t.Log("make api brings the list up to date")
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.go")
	source := `package a
import "io"
const A, b = 1, 2
type Kind int
const ( First Kind = iota; Second )
var V io.Reader
type T struct { X, y int; *Kind; F func(int) error }
type I interface { io.Reader; M(a int, b string) (n int, err error) }
type L = []string
func F(a int) (err error) { return nil }
func (t *T) M() {}
func (t *T) m() {}
func g() {}
`
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := listFile("a", file)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a: const A = 1", "a: type Kind int", "a: const First Kind = iota", "a: const Second Kind", "a: var V io.Reader",
		"a: type T struct", "a: type T, X int", "a: type T, embeds *Kind", "a: type T, F func(int) error",
		"a: type I interface", "a: type I, embeds io.Reader", "a: type I, M(a int, b string) (n int, err error)",
		"a: type L = []string", "a: func F(a int) (err error)", "a: method (*T) M()",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
