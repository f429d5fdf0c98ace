package published

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// WriteProxy writes the published modules of the version into a folder that GOPROXY can
// name by a file URL.
func (t *Tree) WriteProxy(folder, version string) error {
	for _, m := range t.Modules {
		if !m.Published() {
			continue
		}
		if err := t.writeModule(folder, module.Version{Path: m.Path, Version: version}, m.Folder); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tree) writeModule(folder string, v module.Version, from string) error {
	escaped, err := module.EscapePath(v.Path)
	if err != nil {
		return err
	}
	to := filepath.Join(folder, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{v.Version, time.Unix(0, 0).UTC()})
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(t.Folder, filepath.FromSlash(from), "go.mod"))
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{"list": []byte(v.Version + "\n"), v.Version + ".info": info, v.Version + ".mod": mod} {
		if err := os.WriteFile(filepath.Join(to, name), text, 0o644); err != nil {
			return err
		}
	}
	files, err := t.files(from)
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(to, v.Version+".zip"))
	if err != nil {
		return err
	}
	if err := errors.Join(zip.Create(out, v, files), out.Close()); err != nil {
		return fmt.Errorf("%s: %w", v.Path, err)
	}
	return nil
}

// files lists the files of a module, as git knows them or would: not those of a module
// within it. The license is that of the root, as with the go command.
func (t *Tree) files(folder string) (files []zip.File, err error) {
	git := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git.Dir = filepath.Join(t.Folder, filepath.FromSlash(folder))
	out, err := git.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	paths := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	var within []string
	for _, path := range paths {
		if nested, ok := strings.CutSuffix(path, "/go.mod"); ok {
			within = append(within, nested+"/")
		}
	}
	for _, path := range paths {
		name := filepath.Join(git.Dir, filepath.FromSlash(path))
		if exists(name) && !slices.ContainsFunc(within, func(nested string) bool { return strings.HasPrefix(path, nested) }) {
			files = append(files, file{path, name})
		}
	}
	if !slices.Contains(paths, "LICENSE") {
		files = append(files, file{"LICENSE", filepath.Join(t.Folder, "LICENSE")})
	}
	return files, nil
}
