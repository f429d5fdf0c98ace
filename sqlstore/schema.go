package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/pressly/goose/v3"

	"github.com/gosocial/social/schema"
)

var _ schema.Migrator = (*Store)(nil)

// Migrate implements schema.Migrator: several processes wait for one another, and
// each step is done once.
func (s *Store) Migrate(ctx context.Context) error {
	if s.dialect.transactionalDDL() {
		return s.migrate(ctx, s.db)
	}
	return withLock(ctx, s.db, s.tables.Schema, func(db *sql.DB) error {
		done, err := s.versions(ctx, db)
		if err == nil && done != nil && !slices.Contains(done, 0) {
			// A process ended between the two statements of step 0.
			_, err = db.ExecContext(ctx, s.note(0))
			err = wrap(ctx, err)
		}
		if err != nil {
			return err
		}
		return s.migrate(ctx, db)
	})
}

func (s *Store) migrate(ctx context.Context, db *sql.DB) error {
	steps, _, err := s.steps()
	if err != nil {
		return err
	}
	migrations := make(goose.Migrations, len(steps))
	for i, step := range steps {
		migrations[i] = goose.NewGoMigration(step.Version, &goose.GoFunc{RunTx: s.run(step)}, nil)
	}
	// A step of accounts may follow later ones, when Config.ConnectionsOnly is no
	// longer set.
	provider, err := goose.NewProvider(s.dialect.goose(), db, nil, goose.WithGoMigrations(migrations...),
		goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true),
		goose.WithTableName(s.tables.Schema), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	pending := len(steps) + 1
	for {
		status, err := s.status(ctx, db)
		if err != nil {
			return err
		}
		if err := status.Err(); errors.Is(err, schema.ErrNewer) {
			return fmt.Errorf("sqlstore: %w", err)
		}
		_, failed := provider.Up(ctx)
		if failed == nil {
			return nil
		}
		// Each step is a transaction. It fails when another process has done the step
		// in the meantime; then fewer steps are pending, and the rest can be done.
		if status, err = s.status(ctx, db); err != nil {
			return err
		}
		if ctx.Err() != nil || len(status.Pending) >= pending {
			return wrap(ctx, fmt.Errorf("migrate: %w", failed))
		}
		pending = len(status.Pending)
	}
}

// Status implements schema.Migrator.
func (s *Store) Status(ctx context.Context) (schema.Status, error) { return s.status(ctx, s.db) }

func (s *Store) status(ctx context.Context, db *sql.DB) (schema.Status, error) {
	steps, latest, err := s.steps()
	if err != nil {
		return schema.Status{}, err
	}
	done, err := s.versions(ctx, db)
	if err != nil {
		return schema.Status{}, err
	}
	needed := make([]int64, len(steps))
	for i, step := range steps {
		needed[i] = step.Version
	}
	return schema.Compare(done, needed, latest), nil
}

// versions reads which steps the database has, step 0 included; nil when it has no
// table of them.
func (s *Store) versions(ctx context.Context, db *sql.DB) ([]int64, error) {
	var tables int
	schema, name := qualified(s.tables.Schema)
	if err := db.QueryRowContext(ctx, s.dialect.countTables(), schema, name).Scan(&tables); err != nil {
		return nil, wrap(ctx, err)
	}
	if tables == 0 {
		return nil, nil
	}
	rows, err := db.QueryContext(ctx, `SELECT version_id FROM `+s.tables.Schema)
	if err != nil {
		return nil, wrap(ctx, err)
	}
	defer rows.Close()
	done := []int64{}
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return nil, wrap(ctx, err)
		}
		done = append(done, version)
	}
	return done, wrap(ctx, rows.Err())
}

// errStepDone ends a step that another process has done.
var errStepDone = errors.New("another process has done the step")

// run returns a function that does a step within its transaction.
func (s *Store) run(step schema.Step) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		if s.dialect == PostgreSQL {
			// No limit to the time that a step takes.
			if _, err := tx.ExecContext(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
				return err
			}
		}
		if s.dialect.concurrentTx() && s.dialect.transactionalDDL() {
			// A lock of the transaction, because a pooler may give the next transaction
			// another session.
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
		for _, statement := range step.Statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}
}
