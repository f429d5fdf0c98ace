package app

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/config"
)

// A WideFile is a file of the database that others than its owner may open.
type WideFile struct {
	Path string
	Mode fs.FileMode
}

// String says what is wrong and how to mend it.
func (f WideFile) String() string {
	who := "other users of its group"
	if f.World() {
		who = "every user of this machine"
	}
	return fmt.Sprintf("%s has mode %04o, so that %s may open it: chmod 600 %s", f.Path, f.Mode, who, f.Path)
}

// World reports whether every user of the machine may open the file.
func (f WideFile) World() bool { return f.Mode&0o007 != 0 }

// WideFiles returns the files of a SQLite database that others than their owner may
// open. The program makes none such, but keeps the mode of a file that exists.
func WideFiles(c *config.Config) []WideFile {
	path, ok := strings.CutPrefix(c.Database, "sqlite:")
	if !ok || path == ":memory:" {
		return nil
	}
	var wide []WideFile
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if info, err := os.Stat(path + suffix); err == nil && info.Mode().Perm()&0o077 != 0 {
			wide = append(wide, WideFile{path + suffix, info.Mode().Perm()})
		}
	}
	return wide
}
