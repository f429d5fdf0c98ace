package totp_test

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts/totp"
)

const uri = "otpauth://totp/app.example.com:ann%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=app.example.com&algorithm=SHA1&digits=6&period=30"

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// draw returns the dark modules of a drawing.
func draw(t *testing.T, svg string) (dark map[[2]int]bool, side int) {
	t.Helper()
	if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`).FindStringSubmatch(svg)
	if m == nil || m[1] != m[2] {
		t.Fatalf("%s", svg)
	}
	side, _ = strconv.Atoi(m[1])
	dark = map[[2]int]bool{}
	_, path, _ := strings.Cut(svg, ` d="`)
	path, _, _ = strings.Cut(path, `"`)
	if rest := run.ReplaceAllString(path, ""); rest != "" {
		t.Errorf("the path has %q", rest)
	}
	for _, r := range run.FindAllStringSubmatch(path, -1) {
		x, _ := strconv.Atoi(r[1])
		y, _ := strconv.Atoi(r[2])
		n, _ := strconv.Atoi(r[3])
		if r[3] != r[4] || n == 0 {
			t.Errorf("a run of %s goes back %s", r[3], r[4])
		}
		for i := range n {
			dark[[2]int{x + i, y}] = true
		}
	}
	return dark, side
}

// The drawing has the three finder patterns and the timing patterns of ISO/IEC 18004, in a
// margin of four modules.
func TestQR(t *testing.T) {
	t.Parallel()
	svg, err := totp.QR(uri)
	if err != nil {
		t.Fatal(err)
	}
	dark, side := draw(t, svg)
	size := side - 8
	if size < 21 || (size-17)%4 != 0 {
		t.Fatalf("the side is %d modules", size)
	}
	at := func(x, y int) bool { return dark[[2]int{x + 4, y + 4}] }
	for p := range dark {
		if p[0] < 4 || p[1] < 4 || p[0] >= side-4 || p[1] >= side-4 {
			t.Errorf("the module %v is in the margin", p)
		}
	}
	for _, corner := range [][2]int{{0, 0}, {size - 7, 0}, {0, size - 7}} {
		for y := range 7 {
			for x := range 7 {
				ring := min(min(x, 6-x), min(y, 6-y))
				if got := at(corner[0]+x, corner[1]+y); got != (ring != 1) {
					t.Errorf("the finder pattern at %v has %v at %d, %d", corner, got, x, y)
				}
			}
		}
	}
	for i := 8; i < size-8; i++ {
		if at(i, 6) != (i%2 == 0) || at(6, i) != (i%2 == 0) {
			t.Errorf("the timing pattern at %d", i)
		}
	}
	other, err := totp.QR(uri + "0")
	if err != nil || other == svg {
		t.Errorf("another text has the same drawing, %v", err)
	}
	if strings.Contains(svg, "style") || strings.Contains(svg, "GEZD") || !strings.Contains(svg, `aria-hidden="true"`) {
		t.Errorf("%.200s", svg)
	}
}

func TestQRTooLong(t *testing.T) {
	t.Parallel()
	if svg, err := totp.QR(strings.Repeat("x", 3000)); err == nil || svg != "" || strings.Contains(err.Error(), "xxx") {
		t.Errorf("%.80s, %v", svg, err)
	}
}
