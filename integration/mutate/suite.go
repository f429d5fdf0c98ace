package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A suite is the test program of a package.
type suite struct {
	importPath, dir, program string
	env                      []string
	tests                    []*test
}

// A test of a suite, and the mutants that it reaches.
type test struct {
	name    string
	took    time.Duration
	reaches map[int]bool
}

// build compiles the tests of the mutated packages and of those that use them.
func build(ctx context.Context, o Options, dir string, pkgs []*Package, overlay map[string]string) ([]*suite, error) {
	file := filepath.Join(dir, "overlay.json")
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return nil, err
	}
	mutated := map[string]bool{}
	var paths []string
	for _, p := range pkgs {
		mutated[p.ImportPath] = true
		paths = append(paths, p.ImportPath)
	}
	list, err := goList(ctx, o.Root, append(append([]string{"-test"}, paths...), o.Tests...)...)
	if err != nil {
		return nil, err
	}
	var suites []*suite
	for _, l := range list {
		path, isTest := strings.CutSuffix(l.ImportPath, ".test")
		if !isTest || !slices.ContainsFunc(l.Deps, func(d string) bool { d, _, _ = strings.Cut(d, " "); return mutated[d] }) {
			continue
		}
		s := &suite{importPath: path, dir: l.Dir, program: filepath.Join(dir, strconv.Itoa(len(suites))+".test")}
		cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", file, "-o", s.program, path)
		cmd.Dir = o.Root
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building the tests of %s: %w\n%s", path, err, out)
		}
		// A test that builds programs builds them with the mutants inside.
		s.env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+file))
		suites = append(suites, s)
	}
	return suites, nil
}

var listedTest = regexp.MustCompile(`^(Test|Fuzz|Example)`)

// explore runs each test alone and learns what it reaches. A test that fails without
// a mutant is left out.
func (s *suite) explore(ctx context.Context, o Options) error {
	list, _, err := s.run(ctx, time.Minute, nil, "-test.list", ".")
	if err != nil {
		return fmt.Errorf("listing the tests of %s: %w\n%s", s.importPath, err, list)
	}
	for name := range strings.FieldsSeq(list) {
		if !listedTest.MatchString(name) || o.Run != nil && !o.Run.MatchString(name) {
			continue
		}
		reached := s.program + ".reached"
		_ = os.Remove(reached)
		started := time.Now()
		output, _, err := s.run(ctx, 5*time.Minute, []string{"MUTANT_REACHED=" + reached}, "-test.run", "^"+name+"$")
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(o.Out, "%s.%s fails without a mutant and is left out: %s\n", s.importPath, name, firstLine(output))
			continue
		}
		t := &test{name: name, took: time.Since(started), reaches: map[int]bool{}}
		data, _ := os.ReadFile(reached)
		for id := range strings.FieldsSeq(string(data)) {
			if n, err := strconv.Atoi(id); err == nil {
				t.reaches[n] = true
			}
		}
		if len(t.reaches) > 0 {
			s.tests = append(s.tests, t)
		}
	}
	slices.SortStableFunc(s.tests, func(a, b *test) int { return int(a.took - b.took) })
	return nil
}

func firstLine(output string) string {
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return ""
}

// run runs the program in the package's folder, and ends what it started.
func (s *suite) run(ctx context.Context, limit time.Duration, env []string, args ...string) (output string, late bool, err error) {
	limited, stop := context.WithTimeout(ctx, limit)
	defer stop()
	cmd := exec.CommandContext(limited, s.program, args...)
	cmd.Dir, cmd.Env = s.dir, append(slices.Clone(s.env), env...)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	return b.String(), limited.Err() != nil, err
}

// A hint is the test that killed the mutant before, in the same function.
type hint struct {
	s *suite
	t *test
}

var failedTest = regexp.MustCompile(`(?m)^\s*--- FAIL: ([^/\s]+)`)

// try runs the tests that reach a mutant, the package's own first, quick ones before
// slow ones, until one fails.
func try(ctx context.Context, m *Mutant, suites []*suite, hints map[string]hint, budget time.Duration) (v Verdict, by string, err error) {
	place := m.File + m.Function
	reached := false
	attempt := func(s *suite, tests []*test) (bool, error) {
		names, limit := make([]string, len(tests)), 10*time.Second
		for i, t := range tests {
			names[i] = t.name
			limit += 5 * t.took
		}
		out, late, err := s.run(ctx, limit, []string{"MUTANT=" + itoa(m.ID)}, "-test.failfast", "-test.run", "^("+strings.Join(names, "|")+")$")
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err == nil {
			return false, nil
		}
		v, by = Killed, s.importPath+" panic"
		if late {
			by = s.importPath + " timeout " + names[0]
		}
		if found := failedTest.FindStringSubmatch(out); found != nil {
			by = s.importPath + " " + found[1]
			for _, t := range tests {
				if t.name == found[1] {
					hints[place] = hint{s, t}
				}
			}
		}
		return true, nil
	}
	h, hinted := hints[place]
	if hinted && h.t.reaches[m.ID] {
		if done, err := attempt(h.s, []*test{h.t}); done || err != nil {
			return v, by, err
		}
	}
	order := slices.Clone(suites)
	slices.SortStableFunc(order, func(a, b *suite) int { return own(b, m) - own(a, m) })
	for _, s := range order {
		var quick, slow []*test
		var sum time.Duration
		for _, t := range s.tests {
			if !t.reaches[m.ID] {
				continue
			}
			switch sum += t.took; {
			case sum < 500*time.Millisecond:
				quick = append(quick, t)
			case budget == 0, sum < budget, len(quick)+len(slow) == 0:
				slow = append(slow, t)
			}
		}
		for _, tests := range [][]*test{quick, slow} {
			if len(tests) == 0 {
				continue
			}
			reached = true
			if done, err := attempt(s, tests); done || err != nil {
				return v, by, err
			}
		}
	}
	if !reached {
		return Unreached, "", nil
	}
	return Survived, "", nil
}

func own(s *suite, m *Mutant) int {
	if s.importPath == m.package_ {
		return 1
	}
	return 0
}
