package sqlite_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A disk records what SQLite writes to a database file and to its log, and which of it is
// synced. It is SQLite's VFS (https://www.sqlite.org/vfs.html) that does it.
type disk struct {
	mu     sync.Mutex
	images [2]image // onFile and inLog
}

const (
	onFile = iota
	inLog
)

// An image is a file as it is on the disk for sure, and what may be there.
type image struct {
	synced  []byte
	pending []change
	syncs   int
	bytes   int
	by      map[*libc.TLS]int // writes of each connection
}

// A change is a write, or a truncation when data is nil.
type change struct {
	at   int64
	data []byte
}

func (c change) apply(to []byte) []byte {
	if c.data == nil {
		return to[:min(c.at, int64(len(to)))]
	}
	if missing := c.at + int64(len(c.data)) - int64(len(to)); missing > 0 {
		to = append(to, make([]byte, missing)...)
	}
	copy(to[c.at:], c.data)
	return to
}

// cut returns the files as they may be after a loss of power: of what is not synced, each
// sector is there or not.
func (d *disk) cut(r *rand.Rand) (file, log []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	const sector = 512
	var cut [2][]byte
	for i := range d.images {
		image := &d.images[i]
		content := append([]byte(nil), image.synced...)
		kept := []float64{0, 0.5, 0.9, 1}[r.IntN(4)] // of the writes, about
		for _, c := range image.pending {
			whole := r.Float64() < kept
			if c.data == nil && whole {
				content = c.apply(content)
			}
			for at := 0; at < len(c.data); at += sector {
				if whole || r.IntN(8) == 0 && kept > 0 {
					content = change{c.at + int64(at), c.data[at:min(at+sector, len(c.data))]}.apply(content)
				}
			}
		}
		cut[i] = content
	}
	return cut[onFile], cut[inLog]
}

// syncs returns how often each file was synced.
func (d *disk) syncs() (file, log int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.images[onFile].syncs, d.images[inLog].syncs
}

// An openFile is a file of a disk that a connection has open.
type openFile struct {
	image   *image
	disk    *disk
	methods *sqlite3.Tsqlite3_io_methods // of the VFS below
}

var vfs struct {
	below     uintptr
	disks     sync.Map // by path
	openFiles sync.Map // by the address of SQLite's structure
	mu        sync.Mutex
	methods   map[uintptr]uintptr // ours by those below
}

// recordDisks makes the default VFS one that records the disks of recordDisk.
func recordDisks() {
	tls := libc.NewTLS()
	vfs.methods = map[uintptr]uintptr{}
	vfs.below = sqlite3.Xsqlite3_vfs_find(tls, 0)
	own := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	v := at[sqlite3.Tsqlite3_vfs](own)
	*v = *at[sqlite3.Tsqlite3_vfs](vfs.below)
	name, err := libc.CString("recorded")
	if err != nil {
		panic(err)
	}
	v.FpNext, v.FzName, v.FxOpen = 0, name, code(vfsOpen)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, own, 1); rc != 0 {
		panic(rc)
	}
}

// recordDisk records a database that is closed, from now on.
func recordDisk(t *testing.T, path string) *disk {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{}
	for i := range d.images {
		d.images[i].by = map[*libc.TLS]int{}
	}
	d.images[onFile].synced = content
	vfs.disks.Store(path, d)
	t.Cleanup(func() { vfs.disks.Delete(path) })
	return d
}

// at is the structure at an address of C.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// code is the address of a function, as C calls it; function is the reverse.
func code[T any](f T) uintptr { return *(*uintptr)(unsafe.Pointer(&struct{ f T }{f})) }

func function[T any](address uintptr) T { return *(*T)(unsafe.Pointer(&struct{ p uintptr }{address})) }

type (
	openFunc  = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	writeFunc = func(tls *libc.TLS, file, data uintptr, n int32, at int64) int32
	cutFunc   = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc  = func(tls *libc.TLS, file uintptr, flags int32) int32
	closeFunc = func(tls *libc.TLS, file uintptr) int32
)

func vfsOpen(tls *libc.TLS, _, name, file uintptr, flags int32, out uintptr) int32 {
	rc := function[openFunc](at[sqlite3.Tsqlite3_vfs](vfs.below).FxOpen)(tls, vfs.below, name, file, flags, out)
	if rc != 0 || name == 0 || flags&(sqlite3.SQLITE_OPEN_MAIN_DB|sqlite3.SQLITE_OPEN_WAL) == 0 {
		return rc
	}
	found, ok := vfs.disks.Load(strings.TrimSuffix(libc.GoString(name), "-wal"))
	if !ok {
		return rc
	}
	d, which := found.(*disk), onFile
	if flags&sqlite3.SQLITE_OPEN_WAL != 0 {
		which = inLog
	}
	methods := &at[sqlite3.Tsqlite3_file](file).FpMethods
	vfs.openFiles.Store(file, &openFile{&d.images[which], d, at[sqlite3.Tsqlite3_io_methods](*methods)})
	*methods = recording(tls, *methods)
	return rc
}

// recording returns methods that record, and call those below.
func recording(tls *libc.TLS, below uintptr) uintptr {
	vfs.mu.Lock()
	defer vfs.mu.Unlock()
	if vfs.methods[below] == 0 {
		own := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
		m := at[sqlite3.Tsqlite3_io_methods](own)
		*m = *at[sqlite3.Tsqlite3_io_methods](below)
		m.FxWrite, m.FxTruncate, m.FxSync, m.FxClose = code(vfsWrite), code(vfsTruncate), code(vfsSync), code(vfsClose)
		vfs.methods[below] = own
	}
	return vfs.methods[below]
}

func opened(file uintptr) *openFile {
	f, _ := vfs.openFiles.Load(file)
	return f.(*openFile)
}

func vfsWrite(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32 {
	f := opened(file)
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.image.by[tls]++
	f.image.bytes += int(n)
	f.image.pending = append(f.image.pending, change{offset, append([]byte{}, unsafe.Slice(at[byte](data), n)...)})
	return function[writeFunc](f.methods.FxWrite)(tls, file, data, n, offset)
}

func vfsTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	f := opened(file)
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.image.pending = append(f.image.pending, change{at: size})
	return function[cutFunc](f.methods.FxTruncate)(tls, file, size)
}

func vfsSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	f := opened(file)
	f.disk.mu.Lock()
	before := len(f.image.pending)
	f.disk.mu.Unlock()
	rc := function[syncFunc](f.methods.FxSync)(tls, file, flags)
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.image.syncs++
	// Another connection may have synced some of them, and written new ones.
	before = min(before, len(f.image.pending))
	for _, c := range f.image.pending[:before] {
		f.image.synced = c.apply(f.image.synced)
	}
	f.image.pending = f.image.pending[before:]
	return rc
}

func vfsClose(tls *libc.TLS, file uintptr) int32 {
	f := opened(file)
	vfs.openFiles.Delete(file)
	return function[closeFunc](f.methods.FxClose)(tls, file)
}
