package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// progress draws a bar on a terminal. Elsewhere it writes nothing.
type progress struct {
	out         io.Writer
	total, done int
}

func (p *progress) begin() { p.done = 0; p.draw() }

func (p *progress) add(n int) { p.done += n; p.draw() }

func (p *progress) end() {
	if p.onTerminal() {
		fmt.Fprintln(p.out)
	}
}

func (p *progress) onTerminal() bool {
	f, ok := p.out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

const barWidth = 40

func (p *progress) draw() {
	if !p.onTerminal() {
		return
	}
	full := barWidth
	if p.total > 0 {
		full = min(barWidth, p.done*barWidth/p.total)
	}
	fmt.Fprintf(p.out, "\r[%s%s] %d of %d", strings.Repeat("#", full), strings.Repeat(" ", barWidth-full), p.done, max(p.done, p.total))
}
