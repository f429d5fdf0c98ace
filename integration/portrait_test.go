package integration_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"github.com/chromedp/chromedp"
)

// Where a portrait cannot be loaded, people see the initial of the account's name, and not
// the browser's sign of a broken picture.
func TestBrokenPortrait(t *testing.T) {
	g := openGallery(t)
	g.as("full")
	g.open("/connections")
	const portrait = `document.querySelector(".portrait")`
	result(g.person, "waiting for the picture", chromedp.Poll[bool](portrait+`.querySelector("img").complete`))
	if result(g.person, "the picture", chromedp.Evaluate[bool](portrait+`.querySelector("img").naturalWidth > 0`)) {
		t.Fatal("the picture is not broken")
	}
	look := func() image.Image {
		shot, err := png.Decode(bytes.NewReader(result(g.person, "a picture of it", chromedp.Screenshot(chromedp.CSS(".portrait")))))
		if err != nil {
			t.Fatal(err)
		}
		return shot
	}
	broken := look()
	g.do("removing the picture", chromedp.Evaluate[chromedp.Void](portrait+`.querySelector("img").remove()`))
	if n := different(broken, look()); n > 8 {
		t.Errorf("the broken picture is seen: %d pixels", n)
	}
	g.do("removing the initial", chromedp.Evaluate[chromedp.Void](portrait+`.dataset.initial = ""`))
	if n := different(broken, look()); n < 20 {
		t.Errorf("the initial is not seen: %d pixels", n)
	}
}

// different returns how many pixels of two pictures differ by more than the smoothing of an
// edge.
func different(a, b image.Image) (n int) {
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r, _, _, _ := a.At(x, y).RGBA()
			s, _, _, _ := b.At(x, y).RGBA()
			if max(r, s)-min(r, s) > 0x4000 {
				n++
			}
		}
	}
	return n
}
