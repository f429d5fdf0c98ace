package outbound

import "io"

// A CappedBody fails with TooLarge when more than Left bytes are there to read.
type CappedBody struct {
	io.ReadCloser
	Left     int64
	TooLarge error
}

// Read reads one byte more than is left before it fails, so that a body of
// exactly the limit ends well.
func (b *CappedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.Left+1 {
		p = p[:b.Left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.Left {
		n, err = int(b.Left), b.TooLarge
	}
	b.Left -= int64(n)
	return n, err
}
