package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Verdict is what became of a mutant.
type Verdict string

const (
	Killed     Verdict = "killed"
	Survived   Verdict = "survived"  // all tests pass
	Unreached  Verdict = "unreached" // no test comes there
	Equivalent Verdict = "equivalent"
)

// verdicts are kept in a file, one a line. Only those of killed mutants are used
// again: a test may have been added for the others.
type verdicts struct {
	file  *os.File
	known map[string]bool // the keys of killed mutants
}

type verdictLine struct {
	Key     string
	Verdict Verdict
	By      string `json:",omitempty"`
}

func openVerdicts(path string, fresh bool) (*verdicts, error) {
	v := &verdicts{known: map[string]bool{}}
	if path == "" {
		return v, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	flags := os.O_RDWR | os.O_CREATE | os.O_APPEND
	if fresh {
		flags |= os.O_TRUNC
	}
	var err error
	if v.file, err = os.OpenFile(path, flags, 0o600); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(v.file); lines.Scan(); {
		var l verdictLine
		if json.Unmarshal(lines.Bytes(), &l) != nil {
			continue
		}
		v.known[l.Key] = l.Verdict == Killed
	}
	return v, nil
}

func (v *verdicts) killed(m *Mutant) bool { return v.known[m.key()] }

func (v *verdicts) keep(m *Mutant, verdict Verdict, by string) error {
	if v.file == nil {
		return nil
	}
	return json.NewEncoder(v.file).Encode(verdictLine{m.key(), verdict, by})
}

func (v *verdicts) Close() error {
	if v.file == nil {
		return nil
	}
	return v.file.Close()
}

// equivalents are mutants that no test can kill, each with a reason: lines of
// "file | function | what # reason". What may end in * for anything more.
type equivalents map[string]bool // used or not

// readEquivalents reads the lists in a folder.
func readEquivalents(folder string) (equivalents, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	list := equivalents{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for n, line := range strings.Split(string(data), "\n") {
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			what, reason, ok := cutLast(line, " # ")
			if !ok || strings.TrimSpace(reason) == "" || strings.Count(what, " | ") != 2 {
				return nil, fmt.Errorf("%s:%d: want file | function | what # reason", file, n+1)
			}
			list[strings.TrimSpace(what)] = false
		}
	}
	return list, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func (e equivalents) has(m *Mutant) bool {
	key := m.File + " | " + m.Function + " | " + m.What
	for listed := range e {
		prefix, open := strings.CutSuffix(listed, "*")
		if listed == key || open && strings.HasPrefix(key, prefix) {
			e[listed] = true
			return true
		}
	}
	return false
}

// stale tells of lines that are no longer of use: there is no such mutant, or a test
// kills it.
func (e equivalents) stale(out io.Writer, mutants []*Mutant) {
	files := map[string]bool{}
	for _, m := range mutants {
		files[m.File] = true
	}
	for _, key := range slices.Sorted(maps.Keys(e)) {
		if file, _, _ := strings.Cut(key, " | "); !e[key] && files[file] {
			fmt.Fprintf(out, "listed as equivalent for nothing: %s\n", key)
		}
	}
}

var order = []Verdict{Killed, Equivalent, Survived, Unreached}

func describe(counts map[Verdict]int) string {
	var parts []string
	for _, v := range order {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	return strings.Join(parts, ", ")
}

func summarize(out io.Writer, perFile map[string]map[Verdict]int) {
	fmt.Fprintf(out, "%-32s %8s %10s %8s %9s\n", "file", order[0], order[1], order[2], order[3])
	for _, file := range slices.Sorted(maps.Keys(perFile)) {
		c := perFile[file]
		fmt.Fprintf(out, "%-32s %8d %10d %8d %9d\n", file, c[Killed], c[Equivalent], c[Survived], c[Unreached])
	}
}
