package argon2id

import (
	"encoding/binary"
	"math/bits"
)

const (
	blockSize = 1024
	words     = blockSize / 8
)

type block = [blockSize]byte

// compress sets out to G(a, b) (RFC 9106 §3.5), or adds that to it.
func compress(out, a, b *block, add bool) {
	le := binary.LittleEndian
	var z [words]uint64
	for i := range z {
		z[i] = le.Uint64(a[8*i:8*i+8]) ^ le.Uint64(b[8*i:8*i+8])
	}
	r := z
	for i := 0; i < words; i += 16 { // the rows
		v := (*[16]uint64)(z[i : i+16])
		mix(&v[0], &v[4], &v[8], &v[12])
		mix(&v[1], &v[5], &v[9], &v[13])
		mix(&v[2], &v[6], &v[10], &v[14])
		mix(&v[3], &v[7], &v[11], &v[15])
		mix(&v[0], &v[5], &v[10], &v[15])
		mix(&v[1], &v[6], &v[11], &v[12])
		mix(&v[2], &v[7], &v[8], &v[13])
		mix(&v[3], &v[4], &v[9], &v[14])
	}
	for i := 0; i < 16; i += 2 { // the columns
		v := (*[words - 14]uint64)(z[i : i+words-14])
		mix(&v[0], &v[32], &v[64], &v[96])
		mix(&v[1], &v[33], &v[65], &v[97])
		mix(&v[16], &v[48], &v[80], &v[112])
		mix(&v[17], &v[49], &v[81], &v[113])
		mix(&v[0], &v[33], &v[80], &v[113])
		mix(&v[1], &v[48], &v[81], &v[96])
		mix(&v[16], &v[49], &v[64], &v[97])
		mix(&v[17], &v[32], &v[65], &v[112])
	}
	for i := range z {
		z[i] ^= r[i]
	}
	if add {
		for i := range z {
			le.PutUint64(out[8*i:8*i+8], le.Uint64(out[8*i:8*i+8])^z[i])
		}
		return
	}
	for i := range z {
		le.PutUint64(out[8*i:8*i+8], z[i])
	}
}

// mix is GB (§3.6): BLAKE2b's, with products of the lower halves.
func mix(pa, pb, pc, pd *uint64) {
	a, b, c, d := *pa, *pb, *pc, *pd
	a += b + 2*uint64(uint32(a))*uint64(uint32(b))
	d = bits.RotateLeft64(d^a, -32)
	c += d + 2*uint64(uint32(c))*uint64(uint32(d))
	b = bits.RotateLeft64(b^c, -24)
	a += b + 2*uint64(uint32(a))*uint64(uint32(b))
	d = bits.RotateLeft64(d^a, -16)
	c += d + 2*uint64(uint32(c))*uint64(uint32(d))
	b = bits.RotateLeft64(b^c, -63)
	*pa, *pb, *pc, *pd = a, b, c, d
}
