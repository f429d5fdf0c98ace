package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/gosocial/social/schema"
)

// Plan implements schema.Migrator. On an empty database the first step is 0, which
// makes the table that notes the others.
func (s *Store) Plan(ctx context.Context) ([]schema.Step, error) {
	status, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	if err := status.Err(); errors.Is(err, schema.ErrNewer) {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	steps, _, err := s.steps()
	if err != nil {
		return nil, err
	}
	done, err := s.versions(ctx, s.db)
	if err != nil {
		return nil, err
	}
	var plan []schema.Step
	if done == nil {
		first, err := s.firstStep(ctx)
		if err != nil {
			return nil, err
		}
		plan = append(plan, first)
	}
	for _, step := range steps {
		if !slices.Contains(done, step.Version) {
			step.Statements = append(step.Statements, s.note(step.Version))
			plan = append(plan, step)
		}
	}
	return plan, nil
}

func (s *Store) note(version int64) string {
	return fmt.Sprintf("INSERT INTO %s (version_id, is_applied) VALUES (%d, true)", s.tables.Schema, version)
}

// firstStep returns step 0, whose statements are the migration library's.
func (s *Store) firstStep(ctx context.Context) (schema.Step, error) {
	store, err := database.NewStore(s.dialect.goose(), s.tables.Schema)
	if err != nil {
		return schema.Step{}, fmt.Errorf("sqlstore: %w", err)
	}
	var r recorder
	if err := store.CreateVersionTable(ctx, &r); err != nil {
		return schema.Step{}, fmt.Errorf("sqlstore: %w", err)
	}
	return schema.Step{Statements: append(r.statements, s.note(0))}, nil
}

// A recorder keeps the statements that it is given, and runs none.
type recorder struct {
	database.DBTxConn
	statements []string
}

func (r *recorder) ExecContext(_ context.Context, statement string, _ ...any) (sql.Result, error) {
	r.statements = append(r.statements, statement)
	return nil, nil
}

//go:embed migrations
var migrations embed.FS

// folder is where the dialect's migrations are.
func (d Dialect) folder() string {
	switch d {
	case PostgreSQL:
		return "migrations/postgres"
	case MySQL:
		return "migrations/mysql"
	}
	return "migrations/sqlite"
}

// forAccounts is in the name of a migration that ConnectionsOnly leaves out.
const forAccounts = "_accounts"

// steps returns the steps that this store needs, by version, and the newest version
// that any store needs.
func (s *Store) steps() (steps []schema.Step, latest int64, err error) {
	files, err := fs.Glob(migrations, s.dialect.folder()+"/*.sql")
	if err != nil {
		return nil, 0, fmt.Errorf("sqlstore: %w", err)
	}
	for _, file := range files {
		if latest, err = goose.NumericComponent(file); err != nil {
			return nil, 0, fmt.Errorf("sqlstore: migration %s: %w", file, err)
		}
		if s.noAccounts && strings.Contains(file, forAccounts) {
			continue
		}
		text, err := fs.ReadFile(migrations, file)
		if err != nil {
			return nil, 0, fmt.Errorf("sqlstore: migration %s: %w", file, err)
		}
		step := schema.Step{Version: latest}
		// Each statement ends with a semicolon at the end of a line.
		for statement := range strings.SplitSeq(s.rewrite(string(text)), ";\n") {
			if statement = strings.TrimSpace(statement); statement != "" {
				step.Statements = append(step.Statements, statement)
			}
		}
		steps = append(steps, step)
	}
	return steps, latest, nil
}
