package main

import (
	"cmp"
	"slices"
	"strings"
)

// An edit replaces a part of a file; it is given a function that returns the text of
// any part inside, with the edits there made.
type edit struct {
	from, to int
	taken    bool // apart: it uses the parts, not the whole
	make     func(text func(from, to int) string) string
}

// splice returns the source with all edits made. Edits nest and do not overlap
// otherwise; of those with the same range one that takes it apart is innermost, and
// of the others the later one.
func splice(src []byte, edits []edit) string {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to), rank(a)-rank(b))
	})
	return render(src, edits, 0, len(src))
}

func rank(e edit) int {
	if e.taken {
		return 1
	}
	return 0
}

func render(src []byte, edits []edit, from, to int) string {
	var b strings.Builder
	for i := 0; i < len(edits); {
		e := edits[i]
		i++
		if e.from < from || e.to > to {
			continue
		}
		first := i
		for i < len(edits) && edits[i].from >= e.from && edits[i].to <= e.to {
			i++
		}
		inside := edits[first:i]
		b.Write(src[from:e.from])
		b.WriteString(e.make(func(from, to int) string { return render(src, inside, from, to) }))
		from = e.to
	}
	b.Write(src[from:to])
	return b.String()
}
