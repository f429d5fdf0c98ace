package postgres_test

import (
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
)

func TestReadsDoNotWrite(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	sqltest.ReadsDoNotWrite(t, open(t, url), open(t, url+"&default_transaction_read_only=on"))
}
