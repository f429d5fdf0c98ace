// Package published checks and lays out what a release of the modules publishes. They
// require each other by one version, and are tagged together.
package published

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// Root is the path of the root module, which the others' begin with.
const Root = "github.com/gosocial/social"

// unpublished are the modules that no other one requires.
var unpublished = []string{Root + "/examples", Root + "/integration"}

// A Module is one of the workspace.
type Module struct {
	Path   string
	Folder string // of the tree, with slashes; "." for the root
	File   *modfile.File
}

// Published reports whether the module is tagged and can be required.
func (m Module) Published() bool { return !slices.Contains(unpublished, m.Path) }

// Tag is the name of the module's tag of a version.
func (m Module) Tag(version string) string {
	if m.Folder == "." {
		return version
	}
	return m.Folder + "/" + version
}

// requires returns the requirements of the module that are of this tree.
func (m Module) requires() (ours []*modfile.Require) {
	for _, r := range m.File.Require {
		if ourPath(r.Mod.Path) {
			ours = append(ours, r)
		}
	}
	return ours
}

func ourPath(path string) bool { return path == Root || strings.HasPrefix(path, Root+"/") }

// A Tree is a working copy.
type Tree struct {
	Folder  string
	Work    *modfile.WorkFile
	Modules []Module // in the order of go.work
}

// Open reads go.work and the go.mod files it uses. The folder may be any of the tree.
func Open(folder string) (*Tree, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	for !exists(filepath.Join(folder, "go.work")) {
		up := filepath.Dir(folder)
		if up == folder {
			return nil, errors.New("no go.work here or above")
		}
		folder = up
	}
	t := &Tree{Folder: folder}
	text, err := os.ReadFile(filepath.Join(folder, "go.work"))
	if err != nil {
		return nil, err
	}
	if t.Work, err = modfile.ParseWork("go.work", text, nil); err != nil {
		return nil, err
	}
	for _, use := range t.Work.Use {
		m := Module{Folder: filepath.ToSlash(filepath.Clean(use.Path))}
		name := filepath.Join(folder, use.Path, "go.mod")
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if m.File, err = modfile.Parse(name, text, nil); err != nil {
			return nil, err
		}
		m.Path = m.File.Module.Mod.Path
		t.Modules = append(t.Modules, m)
	}
	return t, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// Version is the version by which the modules require each other, as go.work says it.
func (t *Tree) Version() string {
	for _, r := range t.Work.Replace {
		if ourPath(r.Old.Path) {
			return r.Old.Version
		}
	}
	return ""
}

// Ordered returns the published modules so that each comes after those it requires.
func (t *Tree) Ordered() ([]Module, error) {
	var left, ordered []Module
	for _, m := range t.Modules {
		if m.Published() {
			left = append(left, m)
		}
	}
	slices.SortFunc(left, func(a, b Module) int { return cmp.Compare(a.Path, b.Path) })
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(m Module) bool {
			return !slices.ContainsFunc(m.requires(), func(r *modfile.Require) bool {
				return slices.ContainsFunc(left, func(o Module) bool { return o.Path == r.Mod.Path })
			})
		})
		if i < 0 {
			return nil, fmt.Errorf("%s and others require each other", left[0].Path)
		}
		ordered = append(ordered, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return ordered, nil
}

// outside are the folders with a go.mod that go.work does not use on purpose.
var outside = []string{"internal/test/ferret/server"}

// folders lists the folders of the tree that have a go.mod.
func (t *Tree) folders() (list []string, err error) {
	err = filepath.WalkDir(t.Folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || len(d.Name()) > 1 && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.Name() == "go.mod":
			folder, err := filepath.Rel(t.Folder, filepath.Dir(path))
			if err != nil {
				return err
			}
			list = append(list, filepath.ToSlash(folder))
		}
		return nil
	})
	return list, err
}
