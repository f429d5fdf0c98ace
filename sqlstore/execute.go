package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/gosocial/social/vault"
)

// exec runs a statement and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, st *statement, args ...any) (int64, error) {
	if s.usesWriter(ctx, st) {
		var n int64
		err := s.onWriter(ctx, func(w *Writer) (err error) {
			n, err = w.exec(st, args)
			return err
		})
		return n, s.statementError(ctx, err)
	}
	if s.Joined(ctx) || !s.dialect.concurrentTx() {
		return s.execOnce(ctx, st, args)
	}
	return retry(ctx, s.dialect, func() (int64, error) { return s.execOnce(ctx, st, args) })
}

func (s *Store) execOnce(ctx context.Context, st *statement, args []any) (int64, error) {
	var result sql.Result
	prepared, tx, err := s.ready(ctx, st)
	args = escapeTexts(args)
	switch {
	case err != nil:
	case prepared != nil:
		result, err = prepared.ExecContext(ctx, args...)
	case tx != nil:
		result, err = tx.ExecContext(s.inPipeline(ctx, false), st.text, args...)
	default:
		result, err = st.db.ExecContext(ctx, st.text, args...)
	}
	if err != nil {
		return 0, s.statementError(ctx, err)
	}
	n, err := result.RowsAffected()
	return n, s.statementError(ctx, err)
}

// update is exec of an UPDATE whose last argument is a key, and reports whether there
// is a row with the key. Where the UPDATE may not count a row that was the same
// before, the statement find looks for it; else that is nil.
func (s *Store) update(ctx context.Context, update, find *statement, key any, values ...any) (found bool, err error) {
	n, err := s.exec(ctx, update, append(values, key)...)
	if err != nil || n > 0 || find == nil {
		return n > 0, err
	}
	var one int
	err = s.queryRow(ctx, find, []any{key}, &one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// execOrUndo is exec of a statement that usually changes one row, and may fail without the
// end of its transaction.
func (s *Store) execOrUndo(ctx context.Context, st *statement, args ...any) (int64, error) {
	t := s.transaction(ctx)
	if t == nil || t.defers || !s.dialect.abortsOnError() {
		return s.execOne(ctx, st, args...)
	}
	if _, err := t.ExecContext(s.inPipeline(ctx, true), "SAVEPOINT social"); err != nil {
		return 0, s.statementError(ctx, err)
	}
	n, err := s.exec(ctx, st, args...)
	end := "RELEASE SAVEPOINT social"
	if err != nil {
		// Not with the next statement, which could not be prepared before this is done.
		end = "ROLLBACK TO SAVEPOINT social"
	} else {
		ctx = s.inPipeline(ctx, true)
	}
	if _, failed := t.ExecContext(ctx, end); failed != nil && err == nil {
		err = s.statementError(ctx, failed)
	}
	return n, err
}

// A row is one of a result, read as *sql.Rows reads it.
type row interface {
	Scan(into ...any) error
}

// query runs a statement that returns rows and calls scan for each.
func (s *Store) query(ctx context.Context, st *statement, scan func(row) error, args ...any) error {
	if s.usesWriter(ctx, st) {
		err := s.onWriter(ctx, func(w *Writer) error { return w.query(st, args, scan) })
		return s.statementError(ctx, err)
	}
	rows, err := s.rows(ctx, st, args)
	if err != nil {
		return s.statementError(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return s.statementError(ctx, err)
		}
	}
	return s.statementError(ctx, rows.Err())
}

// queryRow runs a statement that returns one row at most; sql.ErrNoRows when none.
func (s *Store) queryRow(ctx context.Context, st *statement, args []any, into ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.usesWriter(ctx, st) {
		return s.writerRow(ctx, st, args, into)
	}
	inTx := s.Joined(ctx)
	if !inTx && st.db != st.writer && s.dialect == SQLite {
		// For a context that can end, database/sql and the driver each start a
		// goroutine, which is a third of the cost. In WAL mode a reader does not wait
		// for others, and the read of one row is too short to be interrupted.
		ctx = context.WithoutCancel(ctx)
	}
	if inTx || !s.dialect.concurrentTx() {
		return s.queryRowOnce(ctx, st, args, into)
	}
	_, err := retry(ctx, s.dialect, func() (none, error) { return none{}, s.queryRowOnce(ctx, st, args, into) })
	return err
}

// usesWriter reports whether the Writer runs a statement: when it has the context's
// transaction, or when the statement writes and there is none.
func (s *Store) usesWriter(ctx context.Context, st *statement) bool {
	if s.writer == nil || st.absent {
		return false
	}
	if t := s.transaction(ctx); t != nil {
		return t.turn != nil
	}
	return st.writes
}

// onWriter calls f, which runs a statement, in the context's transaction or as a write of
// its own.
func (s *Store) onWriter(ctx context.Context, f func(*Writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t := s.transaction(ctx); t != nil {
		return t.turn.use(func() error { return f(s.writer) })
	}
	return s.writer.write(ctx, vault.Durable(ctx), func() error { return f(s.writer) })
}

func (s *Store) writerRow(ctx context.Context, st *statement, args, into []any) error {
	found := false
	err := s.onWriter(ctx, func(w *Writer) error {
		return w.query(st, args, func(r row) error {
			if found {
				return nil
			}
			found = true
			return r.Scan(into...)
		})
	})
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return s.statementError(ctx, err)
}

func (s *Store) queryRowOnce(ctx context.Context, st *statement, args, into []any) error {
	rows, err := s.rows(ctx, st, args)
	if err != nil {
		return s.statementError(ctx, err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return s.statementError(ctx, err)
		}
		return sql.ErrNoRows
	}
	if err := rows.Scan(into...); err != nil {
		return s.statementError(ctx, err)
	}
	// A write that returns a row commits after its last row, and may fail then.
	for rows.Next() {
	}
	return s.statementError(ctx, rows.Err())
}

func (s *Store) rows(ctx context.Context, st *statement, args []any) (*sql.Rows, error) {
	prepared, tx, err := s.ready(ctx, st)
	args = escapeTexts(args)
	switch {
	case err != nil:
		return nil, err
	case prepared != nil:
		return prepared.QueryContext(ctx, args...)
	case tx != nil:
		return tx.QueryContext(s.inPipeline(ctx, false), st.text, args...)
	}
	return st.db.QueryContext(ctx, st.text, args...)
}

// ready says how a statement runs: prepared, or as text in tx, or as text on its
// database when both are nil.
func (s *Store) ready(ctx context.Context, st *statement) (prepared *sql.Stmt, tx *sql.Tx, err error) {
	if st.absent {
		return nil, nil, ErrNoAccounts
	}
	if t := s.transaction(ctx); t != nil {
		t.sends(st)
		return st.inTx(ctx, t), t.Tx, t.undone
	}
	if s.dialect.prepares() {
		prepared, err = st.prepare(ctx)
	}
	return prepared, nil, err
}
