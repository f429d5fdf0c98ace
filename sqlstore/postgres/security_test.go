package postgres_test

import (
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
)

func twoProcesses(t *testing.T) sqltest.Two {
	t.Helper()
	url := databases.URL(t)
	return sqltest.Two{open(t, url), open(t, url)}
}

func TestSecurity02_StateIsClaimedOnce(t *testing.T) {
	t.Parallel()
	sqltest.ClaimedOnce(t, twoProcesses(t))
}

func TestSecurity35_FiftyFirstLoginsMakeOneUser(t *testing.T) {
	t.Parallel()
	sqltest.FiftyFirstLogins(t, twoProcesses(t))
}

func TestSecurity36_ParallelRemovalsKeepALogin(t *testing.T) {
	t.Parallel()
	sqltest.RemovalsKeepALogin(t, twoProcesses(t))
}
