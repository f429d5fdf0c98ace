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

// compress sets out to G(x, y) (RFC 9106 §3.5), or adds that to it. The race
// detector leaves it out: it would make each hash of a test take a hundred times as long.
//
//go:norace
func compress(out, x, y *block, add bool) {
	le := binary.LittleEndian
	var z [words]uint64
	for i := range z {
		z[i] = le.Uint64(x[8*i:8*i+8]) ^ le.Uint64(y[8*i:8*i+8])
	}
	r := z
	var a, b, c, d uint64
	for i := 0; i < words; i += 16 { // the rows
		v := (*[16]uint64)(z[i : i+16])
		a, b, c, d = mix(v[0], v[4], v[8], v[12], 32, 24)
		v[0], v[4], v[8], v[12] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[1], v[5], v[9], v[13], 32, 24)
		v[1], v[5], v[9], v[13] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[2], v[6], v[10], v[14], 32, 24)
		v[2], v[6], v[10], v[14] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[3], v[7], v[11], v[15], 32, 24)
		v[3], v[7], v[11], v[15] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[0], v[5], v[10], v[15], 32, 24)
		v[0], v[5], v[10], v[15] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[1], v[6], v[11], v[12], 32, 24)
		v[1], v[6], v[11], v[12] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[2], v[7], v[8], v[13], 32, 24)
		v[2], v[7], v[8], v[13] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[3], v[4], v[9], v[14], 32, 24)
		v[3], v[4], v[9], v[14] = mix(a, b, c, d, 16, 63)
	}
	for i := 0; i < 16; i += 2 { // the columns
		v := (*[words - 14]uint64)(z[i : i+words-14])
		a, b, c, d = mix(v[0], v[32], v[64], v[96], 32, 24)
		v[0], v[32], v[64], v[96] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[1], v[33], v[65], v[97], 32, 24)
		v[1], v[33], v[65], v[97] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[16], v[48], v[80], v[112], 32, 24)
		v[16], v[48], v[80], v[112] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[17], v[49], v[81], v[113], 32, 24)
		v[17], v[49], v[81], v[113] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[0], v[33], v[80], v[113], 32, 24)
		v[0], v[33], v[80], v[113] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[1], v[48], v[81], v[96], 32, 24)
		v[1], v[48], v[81], v[96] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[16], v[49], v[64], v[97], 32, 24)
		v[16], v[49], v[64], v[97] = mix(a, b, c, d, 16, 63)
		a, b, c, d = mix(v[17], v[32], v[65], v[112], 32, 24)
		v[17], v[32], v[65], v[112] = mix(a, b, c, d, 16, 63)
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

// mix is a half of GB (§3.6): BLAKE2b's, with products of the lower halves.
func mix(a, b, c, d uint64, first, second int) (uint64, uint64, uint64, uint64) {
	a += b + 2*uint64(uint32(a))*uint64(uint32(b))
	d = bits.RotateLeft64(d^a, -first)
	c += d + 2*uint64(uint32(c))*uint64(uint32(d))
	b = bits.RotateLeft64(b^c, -second)
	return a, b, c, d
}
