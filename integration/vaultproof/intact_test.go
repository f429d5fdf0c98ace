package vaultproof_test

import (
	"database/sql"
	"fmt"
	"strings"

	_ "modernc.org/sqlite"
)

// intact asks SQLite whether its file is whole. Those of a server are written by no
// process that was killed.
func intact(path string) error {
	if strings.Contains(path, "://") {
		return nil
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	var said string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return fmt.Errorf("the database is damaged: %s", said)
	}
	return nil
}
