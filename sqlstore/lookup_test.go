package sqlstore

import (
	"database/sql"
	"strings"
	"testing"
)

// A token lies on pages of its own, which a look-up does not read. This test uses
// the store's own statements, because the outside does not see them.
func TestLookupsLeaveTheTokenAlone(t *testing.T) {
	t.Parallel()
	s, err := New(Config{DB: new(sql.DB), Dialect: SQLite})
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range []*statement{s.connection.byID, s.connection.byIdentity, s.connection.byUser,
		s.connection.byUserProvider, s.connection.version} {
		if strings.Contains(st.text, "sealed_token") {
			t.Errorf("the token is read by %s", st.text)
		}
	}
}
