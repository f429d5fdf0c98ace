package main

import (
	"path/filepath"
	"testing"

	"github.com/gosocial/social/examples/internal/sitetest"
)

func TestSite(t *testing.T) {
	t.Parallel()
	sitetest.Run(t, filepath.Join(t.TempDir(), "chi.db"), open)
}
