package providers_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/gosocial/social/providers"
)

// The limits of BENCHMARKS.md, in what does not depend on the machine.
func TestCatalogIsFoundByTheEntry(t *testing.T) {
	all := testing.AllocsPerRun(3, func() { providers.All() })
	if all > 16*float64(len(providers.All())) {
		t.Errorf("%v allocations make %d entries", all, len(providers.All()))
	}
	for _, e := range providers.All() {
		s := settings(e.ID)
		find := testing.AllocsPerRun(1, func() { providers.Find(e.ID) })
		made := testing.AllocsPerRun(1, func() {
			if _, err := providers.New(e.ID, s); err != nil {
				t.Fatal(err)
			}
		})
		if find > all/5 || made > all/4 {
			t.Errorf("%s: %v allocations find it and %v make it, of %v for all entries", e.ID, find, made, all)
		}
	}
}

// The catalog does not slow down the start of a program: nothing of it is made before the
// first call.
func TestCatalogCostsNothingAtTheStart(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`init github\.com/gosocial/social/providers @.* (\d+) bytes, (\d+) allocs`).FindSubmatch(trace)
	if line == nil {
		t.Fatalf("no trace of the package:\n%s", trace)
	}
	if allocs, _ := strconv.Atoi(string(line[2])); allocs > 30 {
		t.Errorf("the package makes %d allocations when it is loaded, in %s bytes", allocs, line[1])
	}
}

func BenchmarkCatalog(b *testing.B) {
	b.Run("All", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			providers.All()
		}
	})
	for _, id := range []string{"google", "stackexchange", "surfconext"} {
		b.Run("Find/"+id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				providers.Find(id)
			}
		})
		b.Run("New/"+id, func(b *testing.B) {
			s := settings(id)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := providers.New(id, s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
