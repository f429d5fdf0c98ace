package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
)

var (
	// ErrNewerSchema: a newer version of this program has been at the database.
	ErrNewerSchema = errors.New("sqlstore: the database's schema is newer than this program")
	// ErrOlderSchema: the database lacks what Migrate would make.
	ErrOlderSchema = errors.New("sqlstore: the database's schema is older than this program")
)

// A SchemaStatus compares the database's schema with the program's, which is
// made by steps with growing numbers.
type SchemaStatus struct {
	Version int64   // the newest step in the database; 0 while there is none
	Latest  int64   // the newest step that this program knows
	Pending []int64 // the steps that Migrate would do, in order
}

// Current reports whether the program and the database fit together.
func (s SchemaStatus) Current() bool { return s.Err() == nil }

func (s SchemaStatus) newer() bool { return s.Version > s.Latest }

// Err is nil when the program and the database fit together, ErrNewerSchema when
// the database is ahead, ErrOlderSchema when Migrate has something to do.
func (s SchemaStatus) Err() error {
	switch {
	case s.newer():
		return fmt.Errorf("%w: version %d, and the program knows %d", ErrNewerSchema, s.Version, s.Latest)
	case len(s.Pending) > 0:
		return fmt.Errorf("%w: version %d, and the program needs %d", ErrOlderSchema, s.Version, s.Pending[len(s.Pending)-1])
	}
	return nil
}

// Migrate brings the schema up to the program's. Any number of processes may do
// so at once, and the work is done once. ErrNewerSchema leaves the database as it
// is.
func (s *Store) Migrate(ctx context.Context) error {
	if s.dialect.undoesSteps() {
		return s.migrate(ctx, s.db)
	}
	return inOneSession(ctx, s.db, func(db *sql.DB) error {
		if err := lockName(ctx, db, s.tables.Schema); err != nil {
			return failure(ctx, fmt.Errorf("migrate: %w", err))
		}
		done, err := s.versions(ctx, db)
		if err == nil && done != nil && !done[0] {
			// A process ended between the two statements of step 0.
			_, err = db.ExecContext(ctx, s.note(0))
			err = failure(ctx, err)
		}
		if err != nil {
			return err
		}
		return s.migrate(ctx, db)
	})
}

func (s *Store) migrate(ctx context.Context, db *sql.DB) error {
	steps, err := s.migrations()
	if err != nil {
		return err
	}
	migrations := make(goose.Migrations, len(steps))
	for i, step := range steps {
		migrations[i] = goose.NewGoMigration(step.Version, &goose.GoFunc{RunTx: s.step(step)}, nil)
	}
	// A step of accounts may come behind later ones, when Config.ConnectionsOnly is
	// no longer set.
	provider, err := goose.NewProvider(s.dialect.goose(), db, nil, goose.WithGoMigrations(migrations...),
		goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true),
		goose.WithTableName(s.tables.Schema), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	left := len(steps) + 1
	for {
		status, err := s.status(ctx, db)
		if err != nil {
			return err
		}
		if status.newer() {
			return status.Err()
		}
		_, failed := provider.Up(ctx)
		if failed == nil {
			return nil
		}
		// Each step is a transaction. One that failed because another process took
		// it first finds the schema moved on, and goes on from there.
		if status, err = s.status(ctx, db); err != nil {
			return err
		}
		if ctx.Err() != nil || len(status.Pending) >= left {
			return failure(ctx, fmt.Errorf("migrate: %w", failed))
		}
		left = len(status.Pending)
	}
}

// Status reads how the database's schema stands. It changes nothing.
func (s *Store) Status(ctx context.Context) (SchemaStatus, error) { return s.status(ctx, s.db) }

func (s *Store) status(ctx context.Context, db *sql.DB) (SchemaStatus, error) {
	steps, err := s.migrations()
	if err != nil {
		return SchemaStatus{}, err
	}
	status := SchemaStatus{}
	if status.Latest, err = s.dialect.latest(); err != nil {
		return status, err
	}
	done, err := s.versions(ctx, db)
	if err != nil {
		return status, err
	}
	for version := range done {
		status.Version = max(status.Version, version)
	}
	for _, step := range steps {
		if !done[step.Version] {
			status.Pending = append(status.Pending, step.Version)
		}
	}
	return status, nil
}

// versions reads which steps the database has taken; nil when none was ever made.
func (s *Store) versions(ctx context.Context, db *sql.DB) (map[int64]bool, error) {
	var tables int
	schema, name := qualified(s.tables.Schema)
	if err := db.QueryRowContext(ctx, s.dialect.tableNamed(), schema, name).Scan(&tables); err != nil {
		return nil, failure(ctx, err)
	}
	if tables == 0 {
		return nil, nil
	}
	rows, err := db.QueryContext(ctx, `SELECT version_id FROM `+s.tables.Schema)
	if err != nil {
		return nil, failure(ctx, err)
	}
	defer rows.Close()
	done := map[int64]bool{}
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return nil, failure(ctx, err)
		}
		done[version] = true
	}
	return done, failure(ctx, rows.Err())
}

// errStepDone ends a step that another process did meanwhile.
var errStepDone = errors.New("another process did the step")

// step returns a function that does a step within its transaction.
func (s *Store) step(step Step) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		if s.dialect == PostgreSQL {
			// A step takes as long as it takes.
			if _, err := tx.ExecContext(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
				return err
			}
		}
		if s.dialect.parallel() && s.dialect.undoesSteps() {
			// A lock of the transaction, not of the session, is one with a pooler too.
			if _, err := tx.ExecContext(ctx, s.rewrite(s.dialect.lock()), lockNumber(s.tables.Schema)); err != nil {
				return err
			}
		}
		var done int
		count := fmt.Sprintf("SELECT count(*) FROM %s WHERE version_id = %d", s.tables.Schema, step.Version)
		if err := tx.QueryRowContext(ctx, count).Scan(&done); err != nil {
			return err
		}
		if done > 0 {
			return errStepDone
		}
		for _, statement := range step.SQL {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}
}
