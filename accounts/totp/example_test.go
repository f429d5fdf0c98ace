package totp_test

import (
	"fmt"
	"strings"

	"github.com/gosocial/social/accounts/totp"
)

// Draw what SetUpTOTP returned, for people to read with a camera.
func ExampleQR() {
	svg, err := totp.QR("otpauth://totp/app.example.com:ann%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=app.example.com")
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.HasPrefix(svg, "<svg "))
	// Output: true
}
