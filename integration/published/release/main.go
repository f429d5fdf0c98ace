// Program release checks the tree for a release, and says what to tag. It tags nothing
// itself.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/gosocial/social/integration/published"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	set := flags.Bool("set", false, "make the modules require each other at the version")
	folder := flags.String("C", ".", "the tree's folder")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: release [-set] VERSION\n\nChecks the tree for a release of VERSION and says which tags to make.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return fmt.Errorf("which version?")
	}
	version := flags.Arg(0)
	tree, err := published.Open(*folder)
	if err != nil {
		return err
	}
	if *set {
		return tree.Set(version)
	}
	faults, err := tree.CheckRelease(version)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		for _, fault := range faults {
			fmt.Fprintln(out, fault)
		}
		return fmt.Errorf("%s cannot be released: %d faults", version, len(faults))
	}
	modules, err := tree.Ordered()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "# %s can be released. Tag in this order, and push the tags together:\n", version)
	for _, m := range modules {
		fmt.Fprintf(out, "git tag -a %s -m %q\n", m.Tag(version), m.Path+" "+version)
	}
	fmt.Fprint(out, "git push --atomic origin")
	for _, m := range modules {
		fmt.Fprintf(out, " %s", m.Tag(version))
	}
	fmt.Fprintln(out)
	return nil
}
