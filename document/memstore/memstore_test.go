package memstore_test

import (
	"testing"

	"github.com/gosocial/social/document"
	"github.com/gosocial/social/document/memstore"
	"github.com/gosocial/social/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Documents(t, func(*testing.T) document.Store { return memstore.New() })
}
