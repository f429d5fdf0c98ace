package mysql_test

import (
	"testing"

	"github.com/gosocial/social/internal/test/join"
	"github.com/gosocial/social/internal/test/mariadb"
)

// The application and the store share transactions.
func TestJoin(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	join.Run(t, open(t, address), mariadb.Database(t, address))
}
