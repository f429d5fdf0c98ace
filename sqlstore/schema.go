package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

// ErrNewerSchema: a newer version of this program has been at the database.
var ErrNewerSchema = errors.New("sqlstore: the database's schema is newer than this program")

// A SchemaStatus compares the database's schema with the program's.
type SchemaStatus struct {
	Version int64 // the database's; 0 while it has none
	Latest  int64 // this program's
}

// Current reports whether the program and the database fit together.
func (s SchemaStatus) Current() bool { return s.Version == s.Latest }

// Migrate brings the schema up to the program's. Any number of processes may do
// so at once, and the work is done once. ErrNewerSchema leaves the database as it
// is.
func (s *Store) Migrate(ctx context.Context) error {
	steps, err := s.migrations()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(s.dialect.goose(), s.db, nil, goose.WithGoMigrations(steps...),
		goose.WithDisableGlobalRegistry(true), goose.WithTableName(s.schemaTable()), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	reached := int64(-1)
	for {
		status, err := s.Status(ctx)
		if err != nil {
			return err
		}
		if status.Version > status.Latest {
			return fmt.Errorf("%w: version %d, and the program knows %d", ErrNewerSchema, status.Version, status.Latest)
		}
		_, failed := provider.Up(ctx)
		if failed == nil {
			return nil
		}
		// Each step is a transaction. One that failed because another process took
		// it first finds the schema moved on, and goes on from there.
		if status, err = s.Status(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil || status.Version <= reached {
			return failure(ctx, fmt.Errorf("migrate: %w", failed))
		}
		reached = status.Version
	}
}

// Status reads how the database's schema stands. It changes nothing.
func (s *Store) Status(ctx context.Context) (SchemaStatus, error) {
	steps, err := s.migrations()
	if err != nil {
		return SchemaStatus{}, err
	}
	status := SchemaStatus{Latest: steps[len(steps)-1].Version}
	var tables int
	if err := s.db.QueryRowContext(ctx, s.dialect.tableNamed(), s.schemaTable()).Scan(&tables); err != nil {
		return status, failure(ctx, err)
	}
	if tables == 0 {
		return status, nil
	}
	var version sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM `+s.schemaTable()).Scan(&version)
	status.Version = version.Int64
	return status, failure(ctx, err)
}

func (s *Store) schemaTable() string { return s.prefix + "schema" }

// migrations returns the embedded steps, by version.
func (s *Store) migrations() (goose.Migrations, error) {
	files, err := s.dialect.migrations()
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	steps := make(goose.Migrations, len(names))
	for i, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: migration %s: %w", name, err)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: migration %s: %w", name, err)
		}
		steps[i] = goose.NewGoMigration(version, &goose.GoFunc{RunTx: s.step(version, string(text))}, nil)
	}
	return steps, nil
}

// errStepDone ends a step that another process did meanwhile.
var errStepDone = errors.New("another process did the step")

// step returns a migration that runs the statements of text, each of which ends
// with a semicolon at the end of a line.
func (s *Store) step(version int64, text string) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		if s.dialect.parallel() {
			// A lock of the transaction, not of the session, is one with a pooler too.
			if _, err := tx.ExecContext(ctx, s.dialect.rewrite(lock, s.prefix), number(s.schemaTable())); err != nil {
				return err
			}
		}
		var done int
		count := fmt.Sprintf("SELECT count(*) FROM %s WHERE version_id = %d", s.schemaTable(), version)
		if err := tx.QueryRowContext(ctx, count).Scan(&done); err != nil {
			return err
		}
		if done > 0 {
			return errStepDone
		}
		for statement := range strings.SplitSeq(s.dialect.rewrite(text, s.prefix), ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}
}
