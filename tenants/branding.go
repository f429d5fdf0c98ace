package tenants

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const (
	largestMark   = 64 << 10  // bytes
	widestMark    = 1024      // pixels
	leastReadable = 4.5       // WCAG 2.2 §1.4.3
	lightGround   = "#f5f6f8" // of the pages, as in social.css
	darkGround    = "#191c23"
	darkInk       = "#10132b" // on buttons of dark pages
)

var colorPattern = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func (b *Branding) check(wrong *findings) {
	b.Color = strings.ToLower(strings.TrimSpace(b.Color))
	switch {
	case b.Color == "":
	case !colorPattern.MatchString(b.Color):
		wrong.add("branding.color", "%q is no color such as #2f5d8a", b.Color)
	case contrast(b.Color, lightGround) < leastReadable: // then it has more to white
		wrong.add("branding.color", "%s has a contrast of %.1f to a light page, and needs %.1f: choose a darker one", b.Color, contrast(b.Color, lightGround), leastReadable)
	}
	if b.Mark != "" {
		if _, _, ok := b.Picture(); !ok {
			wrong.add("branding.mark", "it is no picture: a data address such as data:image/png;base64,…, PNG or JPEG, at most %d kB and %d pixels wide and high", largestMark>>10, widestMark)
		}
	}
}

// Picture returns the mark and its media type, "image/png" or "image/jpeg". ok is false when
// there is none. Neither format can have a script in it.
func (b *Branding) Picture() (picture []byte, mediaType string, ok bool) {
	head, text, found := strings.Cut(b.Mark, ";base64,")
	mediaType = strings.TrimPrefix(head, "data:")
	if !found || mediaType == head || mediaType != "image/png" && mediaType != "image/jpeg" || len(text) > base64.StdEncoding.EncodedLen(largestMark) {
		return nil, "", false
	}
	picture, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(picture) > largestMark {
		return nil, "", false
	}
	measure, read := png.DecodeConfig, func(r io.Reader) error { _, err := png.Decode(r); return err }
	if mediaType == "image/jpeg" {
		measure, read = jpeg.DecodeConfig, func(r io.Reader) error { _, err := jpeg.Decode(r); return err }
	}
	// The whole picture has to be one. Its size is known first, so that none takes much memory.
	size, err := measure(bytes.NewReader(picture))
	if err != nil || size.Width < 1 || size.Height < 1 || size.Width > widestMark || size.Height > widestMark || read(bytes.NewReader(picture)) != nil {
		return nil, "", false
	}
	return picture, mediaType, true
}

// luminance is the relative luminance of a color such as "#2f5d8a" (WCAG 2.2).
func luminance(color string) float64 {
	n, _ := strconv.ParseUint(color[1:], 16, 32)
	part := func(shift uint) float64 {
		v := float64(n>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// contrast is the contrast ratio of two colors (WCAG 2.2).
func contrast(one, other string) float64 {
	a, b := luminance(one), luminance(other)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// dark returns the color for dark pages: the same, with as much white as it takes to be read
// there. "" stays.
func (b *Branding) dark() string {
	if b.Color == "" {
		return ""
	}
	n, _ := strconv.ParseUint(b.Color[1:], 16, 32)
	for white := uint64(0); ; white += 5 { // percent
		mixed := uint64(0)
		for _, shift := range []uint{16, 8, 0} {
			part := n >> shift & 0xff
			mixed |= (part + (255-part)*white/100) << shift
		}
		color := fmt.Sprintf("#%06x", mixed)
		if white == 100 || contrast(color, darkGround) >= leastReadable+1 && contrast(color, darkInk) >= leastReadable {
			return color
		}
	}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
