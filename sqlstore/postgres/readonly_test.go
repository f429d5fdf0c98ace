package postgres_test

import (
	"testing"

	"github.com/gosocial/social/internal/sqltest"
)

func TestReadsDoNotWrite(t *testing.T) {
	t.Parallel()
	url := server.URL(t)
	sqltest.ReadsDoNotWrite(t, open(t, url), open(t, url+"&default_transaction_read_only=on"))
}
