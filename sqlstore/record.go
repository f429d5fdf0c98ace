package sqlstore

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/escape"
)

// Rows that are read often come as a record: two columns, one with all numbers
// and one with all texts of the row. A driver pays for each column of a result,
// several allocations apiece, and these rows have about twenty. The lengths are in
// bytes of UTF-8.

// A part is the expression for a text of a record, and the one for its length.
type part struct{ text, length string }

// columns are parts that are columns, from their names with spaces between.
func columns(names string) []part {
	var parts []part
	for name := range strings.FieldsSeq(names) {
		parts = append(parts, measured(name))
	}
	return parts
}

func measured(text string) part { return part{text, "octet_length(" + text + ")"} }

// recordOf is the two result columns of a record. The numbers are the lengths of
// the texts in bytes, then the numbers themselves, with a comma behind each.
func recordOf(parts []part, numbers []string) string {
	var texts, lengths []string
	for _, p := range parts {
		texts, lengths = append(texts, p.text), append(lengths, p.length)
	}
	return "concat(" + strings.Join(append(lengths, numbers...), ", ',', ") + ", ',') AS numbers, concat(" +
		strings.Join(texts, ", ") + ") AS texts"
}

// A record is scanned from the two columns of recordOf and then read in order: all
// texts by cut, each number, and end.
type record struct {
	numbers, texts string
	err            error
}

// cut reads the texts, which share one string.
func (r *record) cut(into ...*string) {
	texts := r.texts
	for _, field := range into {
		n := int(r.number())
		if n < 0 || n > len(texts) {
			r.fail()
			return
		}
		*field, texts = escape.Undo(texts[:n]), texts[n:]
	}
	if texts != "" {
		r.fail()
	}
}

func (r *record) number() int64 {
	digits, rest, found := strings.Cut(r.numbers, ",")
	r.numbers = rest
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !found {
		r.fail()
	}
	return n
}

func (r *record) flag() bool { return r.number() != 0 }

func (r *record) time() time.Time { return fromMicros(r.number()) }

// end says whether everything was there and nothing was left.
func (r *record) end() error {
	if r.numbers != "" {
		r.fail()
	}
	return r.err
}

func (r *record) fail() {
	if r.err == nil {
		r.err = errors.New("a row does not have the columns of this version")
	}
}
