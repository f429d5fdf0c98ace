package sqlite_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// A lockedBuffer keeps what is logged. It is safe for concurrent use.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A worker that was given no logger and no migrated database says what to do, in the
// program's log. The test is not parallel, because it replaces that.
func TestWorkerOnUnmigratedDatabase(t *testing.T) {
	log, before := &lockedBuffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	defer slog.SetDefault(before)

	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "worker.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(vault.Config{Store: store, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() { v.Run(ctx, store.Jobs()...) })
	defer done.Wait()
	for !strings.Contains(log.String(), "migrate it with Migrate or social migrate") {
		if ctx.Err() != nil {
			t.Fatalf("the worker says %q", log)
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
}
