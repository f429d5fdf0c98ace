// Package argon2id is Argon2id (RFC 9106) as IDKey of golang.org/x/crypto/argon2, but with
// memory that is used again by the next call. IDKey allocates its memory in every call,
// 19 MiB for a password, and until the next garbage collection as much again is garbage.
package argon2id

import (
	"encoding/binary"
	"sync"

	"golang.org/x/crypto/blake2b"
)

const (
	version    = 0x13
	variant    = 2 // Argon2id
	syncPoints = 4 // slices of a lane: lanes are filled in parallel, and wait for each other after each
)

// Key derives a key of so many bytes. memory is in KiB and at least 8 times threads; time
// and threads are at least 1. Several calls may run at the same time.
func (m *Memory) Key(password, salt []byte, time, memory uint32, threads uint8, keyLength uint32) []byte {
	lanes := uint32(threads)
	f := filling{passes: time, lanes: lanes, segment: memory / (syncPoints * lanes)}
	f.length = syncPoints * f.segment
	f.chunks = m.take(int(lanes*f.length+chunkBlocks-1) / chunkBlocks)
	defer m.leave(f.chunks)

	seed := f.begin(password, salt, memory, keyLength)
	for lane := range lanes {
		for i := range uint32(2) {
			binary.LittleEndian.PutUint32(seed[blake2b.Size:], i)
			binary.LittleEndian.PutUint32(seed[blake2b.Size+4:], lane)
			digest(f.block(lane, i)[:], seed[:])
		}
	}
	for pass := range time {
		for slice := range uint32(syncPoints) {
			var others sync.WaitGroup
			for lane := uint32(1); lane < lanes; lane++ {
				others.Go(func() { f.fill(pass, slice, lane) })
			}
			f.fill(pass, slice, 0)
			others.Wait()
		}
	}
	last := *f.block(0, f.length-1)
	for lane := uint32(1); lane < lanes; lane++ {
		for i, b := range f.block(lane, f.length-1) {
			last[i] ^= b
		}
	}
	key := make([]byte, keyLength)
	digest(key, last[:])
	return key
}

// A filling is one hash's memory and how it is filled.
type filling struct {
	chunks          []chunk
	passes, lanes   uint32
	length, segment uint32 // blocks of a lane, and of a segment of it
}

func (f *filling) block(lane, i uint32) *block {
	n := lane*f.length + i
	return (*block)(f.chunks[n/chunkBlocks][n%chunkBlocks*blockSize:])
}

// begin returns H0 (RFC 9106 §3.2), and room for the numbers of a block and a lane.
func (f *filling) begin(password, salt []byte, memory, keyLength uint32) (seed [blake2b.Size + 8]byte) {
	le := binary.LittleEndian
	var in []byte
	for _, n := range []uint32{f.lanes, keyLength, memory, f.passes, version, variant} {
		in = le.AppendUint32(in, n)
	}
	for _, text := range [][]byte{password, salt, nil, nil} { // no secret, no associated data
		in = append(le.AppendUint32(in, uint32(len(text))), text...)
	}
	h := blake2b.Sum512(in)
	copy(seed[:], h[:])
	return seed
}

// fill fills a segment: one slice of a lane (§3.4).
func (f *filling) fill(pass, slice, lane uint32) {
	var counter, addresses, zero block
	independent := pass == 0 && slice < syncPoints/2
	for i, n := range []uint32{pass, lane, slice, f.lanes * f.length, f.passes, variant} {
		binary.LittleEndian.PutUint64(counter[8*i:], uint64(n))
	}
	start := slice * f.segment
	for i := range f.segment {
		if independent && i%words == 0 {
			binary.LittleEndian.PutUint64(counter[8*6:], uint64(i/words+1))
			compress(&addresses, &counter, &zero, false)
			compress(&addresses, &addresses, &zero, false)
		}
		if pass == 0 && slice == 0 && i < 2 {
			continue // made of the seed
		}
		previous := f.block(lane, (start+i+f.length-1)%f.length)
		random := binary.LittleEndian.Uint64(previous[:])
		if independent {
			random = binary.LittleEndian.Uint64(addresses[8*(i%words):])
		}
		other := lane
		if pass > 0 || slice > 0 {
			other = uint32(random>>32) % f.lanes
		}
		compress(f.block(lane, start+i), previous, f.block(other, f.reference(random, pass, slice, i, other == lane)), pass > 0)
	}
}

// reference picks the block that is mixed in, among those that are finished (§3.4.2).
func (f *filling) reference(random uint64, pass, slice, i uint32, same bool) uint32 {
	finished, first := slice*f.segment, uint32(0)
	if pass > 0 {
		finished, first = f.length-f.segment, (slice+1)*f.segment
	}
	switch {
	case same:
		finished += i - 1 // besides the previous one
	case i == 0:
		finished--
	}
	x := random & 0xffffffff
	x = x * x >> 32
	back := uint32(uint64(finished) * x >> 32)
	return (first + finished - 1 - back) % f.length
}

// digest is H' (§3.3): it fills out, which has 4 bytes or more.
func digest(out, in []byte) {
	in = append(binary.LittleEndian.AppendUint32(nil, uint32(len(out))), in...)
	for len(out) > blake2b.Size {
		h := blake2b.Sum512(in)
		copy(out, h[:blake2b.Size/2])
		out, in = out[blake2b.Size/2:], h[:]
	}
	h, err := blake2b.New(len(out), nil)
	if err != nil {
		panic(err) // the key has no byte
	}
	h.Write(in)
	h.Sum(out[:0])
}
