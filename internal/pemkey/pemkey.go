// Package pemkey reads PEM texts as configurations hold them.
package pemkey

import (
	"encoding/pem"
	"strings"
)

var lineEnds = strings.NewReplacer(`\r`, "", `\n`, "\n")

// Decode returns the first PEM block of the text (RFC 7468), nil when there is none.
// Line ends may be written as the two characters \n, as they come out of environment
// variables and JSON.
func Decode(text string) *pem.Block {
	block, _ := pem.Decode([]byte(lineEnds.Replace(text)))
	return block
}
