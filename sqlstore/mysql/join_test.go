package mysql_test

import (
	"testing"

	"github.com/gosocial/social/internal/jointest"
	"github.com/gosocial/social/internal/mariadbtest"
)

// The application and the store share transactions.
func TestJoin(t *testing.T) {
	t.Parallel()
	address := server.URL(t)
	jointest.Run(t, open(t, address), mariadbtest.Database(t, address))
}
