// Mutate finds code that no test needs. It makes small faults ("mutants") in the
// packages it is given: a condition that is always true or false, a statement left
// out, an error not returned, a limit that is another one, an entry missing in a
// list. Then it runs the tests that reach each of them, and lists the mutants with
// which all tests pass: the survivors.
//
// All mutants are compiled into the test programs at once, by an overlay of the go
// command, so that the tree is not changed and a mutant costs no compilation; an
// environment variable chooses the one that is active. Each test is run once alone to
// learn which mutants it reaches: those of a package's own tests run first, then
// those of the packages that use it.
//
// From the root of the repository:
//
//	make mutate PACKAGES="./oauth ./vault" FILES="claims.go idtoken.go"
//	make mutate PACKAGES=./internal/hosts TESTS=     # its own tests alone
//
// Tools that exist compile a copy of the module for each mutant, run the tests of one
// package or all, and leave no statements or guards out: for these modules, whose
// tests of one package are in several, that takes days and finds less.
//
// Verdicts are kept in a file, and a mutant that was killed is not tried again while
// its function is the same. Mutants that change nothing a test could see are listed
// with a reason in the folder equivalent, a file for each room: lines of
// "file | function | what # reason", where what may end in * for anything more. The
// program names lines that match no survivor any more.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Options are the arguments of a run.
type Options struct {
	Root       string         // of the repository
	Packages   []string       // patterns of the packages to mutate
	Files      []string       // base names, or "" for all files
	Tests      []string       // patterns of further packages whose tests may kill
	State      string         // file of verdicts; "" keeps none
	Equivalent string         // folder with the lists of equivalents
	Match      *regexp.Regexp // of mutants to try, as they are listed; nil: all
	Run        *regexp.Regexp // of tests, by their names; nil: all
	Budget     time.Duration  // of a package's tests for one mutant, quick ones first; 0: all
	Fresh      bool           // tries again what was killed before
	List       bool           // lists the mutants only
	Out        io.Writer
}

func main() {
	o := Options{Out: os.Stdout}
	cache, _ := os.UserCacheDir()
	var packages, files, tests, match, run string
	flag.StringVar(&o.Root, "root", "..", "root of the repository")
	flag.StringVar(&packages, "packages", "./oauth ./vault . ./accounts ./internal/...", "packages to mutate")
	flag.StringVar(&files, "files", "", "names of files to mutate; all by default")
	flag.StringVar(&tests, "tests", ". ./oauth ./vault ./accounts ./web ./providers ./socialtest ./jobs ./sqlstore/sqlite", "packages whose tests are run besides the package's own")
	flag.StringVar(&o.State, "state", filepath.Join(cache, "social-mutate", "verdicts.jsonl"), "file of verdicts")
	flag.StringVar(&match, "match", "", "try only mutants that match this expression, as they are listed")
	flag.StringVar(&run, "run", "", "run only tests whose names match this expression")
	flag.DurationVar(&o.Budget, "budget", 0, "run a package's quick tests for no longer than this, and leave out the rest; 0 runs all")
	flag.BoolVar(&o.Fresh, "fresh", false, "forget earlier verdicts")
	flag.BoolVar(&o.List, "list", false, "list the mutants and run nothing")
	flag.Parse()
	o.Packages, o.Files, o.Tests = strings.Fields(packages), strings.Fields(files), strings.Fields(tests)
	if match != "" {
		o.Match = regexp.MustCompile(match)
	}
	if run != "" {
		o.Run = regexp.MustCompile(run)
	}
	o.Equivalent = filepath.Join(o.Root, "integration", "mutate", "equivalent")

	// Whoever works at this machine goes first.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	survivors, err := Run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

// Run makes the mutants, tries them, and reports how many survived without being
// listed as equivalent.
func Run(ctx context.Context, o Options) (survivors int, err error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return 0, err
	}
	pkgs, err := load(ctx, o.Root, o.Packages)
	if err != nil {
		return 0, err
	}
	var mutants []*Mutant
	overlay := map[string]string{}
	for _, p := range pkgs {
		more, err := p.instrument(o, dir, len(mutants), overlay)
		if err != nil {
			return 0, err
		}
		mutants = append(mutants, more...)
	}
	if o.Match != nil {
		mutants = slices.DeleteFunc(mutants, func(m *Mutant) bool { return !o.Match.MatchString(m.String()) })
	}
	equivalent, err := readEquivalents(o.Equivalent)
	if err != nil {
		return 0, err
	}
	if o.List {
		for _, m := range mutants {
			fmt.Fprintln(o.Out, m)
		}
		return 0, nil
	}
	verdicts, err := openVerdicts(o.State, o.Fresh)
	if err != nil {
		return 0, err
	}
	defer verdicts.Close()

	started := time.Now()
	fmt.Fprintf(o.Out, "%d mutants in %d packages; building the tests\n", len(mutants), len(pkgs))
	suites, err := build(ctx, o, dir, pkgs, overlay)
	if err != nil {
		return 0, err
	}
	for _, s := range suites {
		if err := s.explore(ctx, o); err != nil {
			return 0, err
		}
	}
	fmt.Fprintf(o.Out, "tests explored after %s\n", time.Since(started).Round(time.Second))

	counts := map[Verdict]int{}
	perFile := map[string]map[Verdict]int{}
	hints := map[string]hint{}
	for i, m := range mutants {
		v := Killed
		if !verdicts.killed(m) {
			var by string
			if v, by, err = try(ctx, m, suites, hints, o.Budget); err != nil {
				return 0, err
			}
			if (v == Survived || v == Unreached) && equivalent.has(m) {
				v = Equivalent
			}
			if err := verdicts.keep(m, v, by); err != nil {
				return 0, err
			}
			if v == Survived || v == Unreached {
				fmt.Fprintf(o.Out, "%-9s %s\n", v, m)
			}
		}
		counts[v]++
		if perFile[m.File] == nil {
			perFile[m.File] = map[Verdict]int{}
		}
		perFile[m.File][v]++
		if (i+1)%100 == 0 {
			fmt.Fprintf(o.Out, "%d of %d after %s: %s\n", i+1, len(mutants), time.Since(started).Round(time.Second), describe(counts))
		}
	}
	summarize(o.Out, perFile)
	if len(o.Files) == 0 && o.Match == nil {
		equivalent.stale(o.Out, mutants)
	}
	fmt.Fprintf(o.Out, "%d mutants in %s: %s\n", len(mutants), time.Since(started).Round(time.Second), describe(counts))
	return counts[Survived] + counts[Unreached], nil
}
