// Command table reads what the benchmarks printed, and prints each budget beside what was
// measured: medians of all rounds, as ratios to the baseline of the same run. It ends with
// the names of the benchmarks whose budget is missed, for a profile of each.
//
//	go run ./bench/table [-missed FILE] LINES
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	missedFile := flag.String("missed", "", "a file for the names of benchmarks whose budget is missed")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: table [-missed FILE] LINES")
		os.Exit(2)
	}
	f, err := os.Open(flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
	defer f.Close()
	runs, err := read(f)
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
	missed := print(os.Stdout, runs)
	if *missedFile != "" {
		if err := os.WriteFile(*missedFile, []byte(strings.Join(missed, "\n")+"\n"), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, "table:", err)
			os.Exit(1)
		}
	}
}

// results are the values of each benchmark and unit, one a round.
type results map[string]map[string][]float64

var procs = regexp.MustCompile(`-\d+$`)

func read(r io.Reader) (results, error) {
	all := results{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := procs.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		if all[name] == nil {
			all[name] = map[string][]float64{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("%q is no number, in: %s", fields[i], lines.Text())
			}
			all[name][fields[i+1]] = append(all[name][fields[i+1]], value)
		}
	}
	return all, lines.Err()
}

// median returns the median of a benchmark's values, and whether there are any.
func (r results) median(name, unit string) (value float64, ok bool) {
	values := slices.Sorted(slices.Values(r[name][unit]))
	n := len(values)
	if n == 0 {
		return 0, false
	}
	return (values[(n-1)/2] + values[n/2]) / 2, true
}

// print prints the table, and returns the names of the benchmarks whose budget is missed.
func print(w io.Writer, runs results) (missed []string) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "\tmeasured\tbudget\tbeyond\t")
	for _, b := range budgets {
		got, ok := b.of(runs)
		if !ok {
			continue
		}
		verdict := ""
		switch {
		case b.budget == 0:
		case !b.keeps(got, b.budget):
			verdict = "MISSED"
			missed = append(missed, b.name)
		case b.beyond != 0 && b.keeps(got, b.beyond):
			verdict = "beyond"
		default:
			verdict = "kept"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", b.what, b.text(got), b.text(b.budget), b.text(b.beyond), verdict)
	}
	out.Flush()
	return slices.Compact(missed)
}
