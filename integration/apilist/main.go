// Command apilist lists the public API of every module of the repository, one
// line a name, sorted, so that a change of it shows in a diff:
//
//	go run ./apilist > ../docs/api.txt
//
// It reads syntax alone: what a package exports, without comments, bodies and
// unexported fields.
package main

import (
	"fmt"
	"log"
	"os"
)

func main() {
	lines, err := list("..")
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range lines {
		fmt.Fprintln(os.Stdout, l)
	}
}
