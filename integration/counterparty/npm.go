package counterparty

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Axe returns the source of axe-core, which finds what people with disabilities cannot
// use on a page that runs it.
func Axe(t testing.TB) string {
	t.Helper()
	home := dir(t, "axe")
	install(t, home)
	source, err := os.ReadFile(filepath.Join(home, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// install downloads the packages of the lock file, if they are missing. When several
// test programs call it at once, one installs and the others wait.
func install(t testing.TB, home string) {
	t.Helper()
	defer takeTurn(t, filepath.Join(home, ".install-turn"))()
	lock, stamp := filepath.Join(home, "package-lock.json"), filepath.Join(home, "node_modules", ".installed-lock.json")
	if sameFile(lock, stamp) {
		return
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		missing(t, "npm")
	}
	cmd := exec.Command(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = home
	if out, err := cmd.CombinedOutput(); err != nil {
		missing(t, "what "+lock+" lists (npm ci: "+err.Error()+": "+string(out)+")")
	}
	copyFile(t, lock, stamp)
}

// takeTurn waits until no other test program holds the lock of the file, and holds it
// until release is called.
func takeTurn(t testing.TB, path string) (release func()) {
	t.Helper()
	turn, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(turn.Fd()), syscall.LOCK_EX); err != nil {
		turn.Close()
		t.Fatal(err)
	}
	return func() { turn.Close() }
}

func sameFile(a, b string) bool {
	x, err := os.ReadFile(a)
	if err != nil {
		return false
	}
	y, err := os.ReadFile(b)
	return err == nil && string(x) == string(y)
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
