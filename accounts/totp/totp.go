// Package totp draws what authenticator applications read with a camera: the address of
// accounts.TOTPSetup as a QR code. Package accounts makes the codes itself; only the picture
// needs a library, and is a module of its own.
//
// Give [QR] to the pages: web.Options{QR: totp.QR}.
package totp

import (
	"fmt"
	"strings"

	goqr "github.com/piglig/go-qr"
)

// quiet is the margin in modules (ISO/IEC 18004 §6.3.8).
const quiet = 4

// QR returns a QR code of the text as an SVG drawing, black on white, with the margin
// that cameras need. It has no size, so that the page gives it one, and no style. A text
// of more than some 2,300 bytes is an error.
func QR(text string) (svg string, err error) {
	code, err := goqr.EncodeText(text, goqr.Medium)
	if err != nil {
		return "", fmt.Errorf("totp: drawing a QR code: %w", err)
	}
	size := code.Size()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			if !code.Module(x, y) {
				continue
			}
			from := x
			for x < size && code.Module(x, y) {
				x++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
		}
	}
	side := size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges" aria-hidden="true" focusable="false">`+
		`<rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="%s"/></svg>`, side, side, side, side, path.String()), nil
}
