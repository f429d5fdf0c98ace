package published

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// mostRequirements is how many direct requirements the root module may have.
const mostRequirements = 6

var driver = regexp.MustCompile(`sqlite|pgx|/pq$|mysql|mongo`)

// checkVersion takes versions as v1.2.3, as far as the modules' paths allow.
func checkVersion(version string) error {
	if semver.Canonical(version) != version {
		return fmt.Errorf("%q is not a version such as v1.2.3", version)
	}
	return module.Check(Root, version)
}

// Check returns what is wrong with the go.mod files and go.work for a release of the
// version.
func (t *Tree) Check(version string) (faults []string, err error) {
	say := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if err := checkVersion(version); err != nil {
		say("%v", err)
	}
	folders, err := t.folders()
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		used := slices.ContainsFunc(t.Modules, func(m Module) bool { return m.Folder == folder })
		if !used && !slices.Contains(outside, folder) {
			say("go.work does not use %s", folder)
		}
	}
	for _, m := range t.Modules {
		name := m.Folder + "/go.mod"
		if want := strings.TrimSuffix(Root+"/"+m.Folder, "/."); m.Path != want {
			say("%s is named %s, and its folder makes it %s", name, m.Path, want)
		}
		for _, r := range m.File.Replace {
			say("%s replaces %s", name, r.Old.Path)
		}
		for _, r := range m.requires() {
			if r.Mod.Version != version {
				say("%s requires %s at %s", name, r.Mod.Path, r.Mod.Version)
			}
			if slices.Contains(unpublished, r.Mod.Path) {
				say("%s requires %s, which is not published", name, r.Mod.Path)
			}
		}
		if !m.Published() {
			continue
		}
		tied := false
		for _, r := range t.Work.Replace {
			tied = tied || r.Old.Path == m.Path && r.Old.Version == version
		}
		if !tied {
			say("go.work does not replace %s at %s by its folder", m.Path, version)
		}
	}
	direct := 0
	for _, r := range t.Modules[0].File.Require {
		if !r.Indirect {
			direct++
		}
		if driver.MatchString(r.Mod.Path) {
			say("the root module requires a driver, %s", r.Mod.Path)
		}
	}
	if direct > mostRequirements {
		say("the root module has %d direct requirements, and may have %d", direct, mostRequirements)
	}
	return faults, nil
}

// CheckRelease is Check, and returns too what is wrong with the working copy: the
// changelog has to name the version, and git to have everything.
func (t *Tree) CheckRelease(version string) (faults []string, err error) {
	if faults, err = t.Check(version); err != nil {
		return nil, err
	}
	changes, err := os.ReadFile(filepath.Join(t.Folder, "CHANGELOG.md"))
	if err != nil {
		return nil, err
	}
	heading := regexp.MustCompile(`(?m)^## ` + regexp.QuoteMeta(version) + `( .*)?$`).Find(changes)
	switch {
	case heading == nil:
		faults = append(faults, "CHANGELOG.md has no heading "+version)
	case bytes.Contains(heading, []byte("not released")):
		faults = append(faults, "CHANGELOG.md says that "+version+" is not released")
	}
	git := exec.Command("git", "status", "--porcelain")
	git.Dir = t.Folder
	changed, err := git.Output()
	if err != nil {
		return nil, fmt.Errorf("git status: %w", err)
	}
	for line := range bytes.Lines(changed) {
		faults = append(faults, "git has not: "+string(bytes.TrimSpace(line)))
	}
	return faults, nil
}

// Set makes the modules require each other at the version.
func (t *Tree) Set(version string) error {
	if err := checkVersion(version); err != nil {
		return err
	}
	for _, m := range t.Modules {
		for _, r := range m.requires() {
			if err := m.File.AddRequire(r.Mod.Path, version); err != nil {
				return err
			}
		}
		text, err := m.File.Format()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(t.Folder, m.Folder, "go.mod"), text, 0o644); err != nil {
			return err
		}
	}
	for _, r := range t.Work.Replace {
		if !ourPath(r.Old.Path) {
			continue
		}
		for i, token := range r.Syntax.Token {
			if token == r.Old.Version {
				r.Syntax.Token[i] = version
			}
		}
	}
	return os.WriteFile(filepath.Join(t.Folder, "go.work"), modfile.Format(t.Work.Syntax), 0o644)
}
