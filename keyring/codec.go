package keyring

import (
	"encoding/binary"
	"math"
	"time"
)

// bindingV1 is the way in which Bind lays out its parts.
const bindingV1 = 1

// Bind makes associated data that says what a sealed value is for and which row
// and field it belongs to. Each part follows its length, so that no two lists of
// parts give the same bytes.
func Bind(purpose string, parts ...string) []byte {
	e := make(Encoder, 0, 160)
	e.Byte(bindingV1)
	e.Text(purpose)
	for _, p := range parts {
		e.Text(p)
	}
	return e
}

// An Encoder appends fields to a plaintext that is to be sealed. The reader has
// to know their order: nothing names them. Begin with a byte for the version of
// the layout. JSON would not do, because secret.Text prints as "[redacted]"
// there.
type Encoder []byte

// Byte appends one byte.
func (e *Encoder) Byte(b byte) { *e = append(*e, b) }

// Bool appends one byte, 1 for true.
func (e *Encoder) Bool(b bool) {
	if b {
		e.Byte(1)
	} else {
		e.Byte(0)
	}
}

// Number appends an unsigned varint.
func (e *Encoder) Number(n uint64) { *e = binary.AppendUvarint(*e, n) }

// Text appends the length of s and its bytes.
func (e *Encoder) Text(s string) {
	*e = binary.AppendUvarint(*e, uint64(len(s)))
	*e = append(*e, s...)
}

// Texts appends how many there are, and each.
func (e *Encoder) Texts(list []string) {
	e.Number(uint64(len(list)))
	for _, s := range list {
		e.Text(s)
	}
}

// Time appends Unix nanoseconds in eight bytes. The zero time has a number of
// its own.
func (e *Encoder) Time(t time.Time) {
	n := int64(noTime)
	if !t.IsZero() {
		n = t.UnixNano()
	}
	*e = binary.BigEndian.AppendUint64(*e, uint64(n))
}

const noTime = math.MinInt64

// A Decoder reads what an Encoder wrote, in the same order. After the first
// fault every read gives a zero value, and Whole reports false.
type Decoder struct {
	rest string
	bad  bool
}

// NewDecoder returns a Decoder of a copy of the plaintext. The texts it returns
// are parts of that copy.
func NewDecoder(plaintext []byte) *Decoder { return &Decoder{rest: string(plaintext)} }

// Whole reports whether everything was read, and nothing was missing.
func (d *Decoder) Whole() bool { return !d.bad && d.rest == "" }

// More reports whether there is something left to read.
func (d *Decoder) More() bool { return !d.bad && d.rest != "" }

func (d *Decoder) fail() { d.bad, d.rest = true, "" }

// Byte reads what Encoder.Byte wrote.
func (d *Decoder) Byte() byte {
	if d.rest == "" {
		d.fail()
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

// Bool reads what Encoder.Bool wrote.
func (d *Decoder) Bool() bool { return d.Byte() == 1 }

// Number reads what Encoder.Number wrote.
func (d *Decoder) Number() uint64 {
	var n uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		b := d.rest[i]
		if b < 0x80 {
			if i == binary.MaxVarintLen64-1 && b > 1 {
				break
			}
			d.rest = d.rest[i+1:]
			return n | uint64(b)<<(7*i)
		}
		n |= uint64(b&0x7f) << (7 * i)
	}
	d.fail()
	return 0
}

// Text reads what Encoder.Text wrote.
func (d *Decoder) Text() string {
	n := d.Number()
	if n > uint64(len(d.rest)) {
		d.fail()
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// Texts reads what Encoder.Texts wrote: nil for an empty list.
func (d *Decoder) Texts() []string {
	n := d.Number()
	// Each takes at least a byte: a larger count is no count, and must not allocate.
	if n > uint64(len(d.rest)) {
		d.fail()
	}
	if d.bad || n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.Text()
	}
	return list
}

// Time reads what Encoder.Time wrote, in UTC.
func (d *Decoder) Time() time.Time {
	if len(d.rest) < 8 {
		d.fail()
		return time.Time{}
	}
	var n uint64
	for i := range 8 {
		n = n<<8 | uint64(d.rest[i])
	}
	d.rest = d.rest[8:]
	if int64(n) == noTime {
		return time.Time{}
	}
	return time.Unix(0, int64(n)).UTC()
}
