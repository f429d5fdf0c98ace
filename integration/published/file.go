package published

import (
	"io"
	"io/fs"
	"os"
)

// A file is one of a module, and where it is on the disk.
type file struct{ path, name string }

// Path implements zip.File.
func (f file) Path() string { return f.path }

// Lstat implements zip.File.
func (f file) Lstat() (fs.FileInfo, error) { return os.Lstat(f.name) }

// Open implements zip.File.
func (f file) Open() (io.ReadCloser, error) { return os.Open(f.name) }
