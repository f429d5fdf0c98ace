package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
)

// A statement is SQL text that is prepared once, at its first use, on the
// database that serves it, where the dialect prepares. The tables need not exist
// before.
type statement struct {
	text     string
	absent   bool    // it needs a table that the store does not have
	db       *sql.DB // which serves it outside of transactions
	writer   *sql.DB // which begins transactions
	mu       sync.Mutex
	own      atomic.Pointer[sql.Stmt] // on db
	inWriter atomic.Pointer[sql.Stmt] // on writer
}

func (s *Store) statement(db *sql.DB, text string) *statement {
	named, accounts := s.named(text)
	st := &statement{text: s.dialect.rewrite(named), db: db, writer: s.db, absent: accounts && s.noAccounts}
	if !st.absent {
		s.statements = append(s.statements, st)
	}
	return st
}

func (s *Store) read(text string) *statement  { return s.statement(s.readDB, text) }
func (s *Store) write(text string) *statement { return s.statement(s.db, text) }

func (st *statement) prepared(ctx context.Context) (*sql.Stmt, error) {
	return st.prepare(ctx, st.db, &st.own)
}

func (st *statement) prepare(ctx context.Context, db *sql.DB, into *atomic.Pointer[sql.Stmt]) (*sql.Stmt, error) {
	if p := into.Load(); p != nil {
		return p, nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if p := into.Load(); p != nil {
		return p, nil
	}
	p, err := db.PrepareContext(ctx, st.text)
	if err != nil {
		return nil, err
	}
	into.Store(p)
	return p, nil
}

// prepareForTx prepares the statement where transactions can use it. It must
// not be called by one that holds the only connection.
func (st *statement) prepareForTx(ctx context.Context) error {
	if st.db == st.writer {
		_, err := st.prepared(ctx)
		return err
	}
	_, err := st.prepare(ctx, st.writer, &st.inWriter)
	return err
}

// in returns the statement for use in the transaction, or nil when it is not
// prepared for that.
func (st *statement) in(ctx context.Context, t *transaction) *sql.Stmt {
	if t.theirs {
		return nil
	}
	p := st.inWriter.Load()
	if st.db == st.writer {
		p = st.own.Load()
	}
	if p == nil {
		return nil
	}
	return t.StmtContext(ctx, p)
}

func (st *statement) close() error {
	var errs []error
	for _, p := range []*sql.Stmt{st.own.Swap(nil), st.inWriter.Swap(nil)} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	return errors.Join(errs...)
}

// exec runs a statement and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, st *statement, args ...any) (int64, error) {
	if _, ok := s.Tx(ctx); ok || !s.dialect.parallel() {
		return s.execOnce(ctx, st, args)
	}
	return retry(ctx, s.dialect, func() (int64, error) { return s.execOnce(ctx, st, args) })
}

func (s *Store) execOnce(ctx context.Context, st *statement, args []any) (int64, error) {
	result, err := s.result(ctx, st, args)
	if err != nil {
		return 0, s.statementError(ctx, err)
	}
	n, err := result.RowsAffected()
	return n, s.statementError(ctx, err)
}

// set is exec of an UPDATE with a key as its last argument, and reports whether
// the row is there. Where it may not be counted, find looks for it.
func (s *Store) set(ctx context.Context, update, find *statement, key any, values ...any) (bool, error) {
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

// guarded is exec of a statement whose failure leaves a transaction as it was. On
// PostgreSQL it would be the end of that.
func (s *Store) guarded(ctx context.Context, st *statement, args ...any) (int64, error) {
	tx, ok := s.Tx(ctx)
	if !ok || !s.dialect.abortsOnError() {
		return s.exec(ctx, st, args...)
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT social"); err != nil {
		return 0, s.statementError(ctx, err)
	}
	n, err := s.exec(ctx, st, args...)
	end := "RELEASE SAVEPOINT social"
	if err != nil {
		end = "ROLLBACK TO SAVEPOINT social"
	}
	if _, failed := tx.ExecContext(ctx, end); failed != nil && err == nil {
		err = s.statementError(ctx, failed)
	}
	return n, err
}

// ready says how a statement runs, and with what: as p where it is prepared, else
// as text in tx, or on its database when that is nil.
func (s *Store) ready(ctx context.Context, st *statement, args []any) (p *sql.Stmt, tx *sql.Tx, escaped []any, err error) {
	if st.absent {
		return nil, nil, nil, ErrNoAccounts
	}
	if t := s.transaction(ctx); t != nil {
		if t.undone != nil {
			return nil, nil, nil, t.undone
		}
		return st.in(ctx, t), t.Tx, escapeTexts(args), nil
	}
	if s.dialect.prepares() {
		p, err = st.prepared(ctx)
	}
	return p, nil, escapeTexts(args), err
}

func (s *Store) result(ctx context.Context, st *statement, args []any) (sql.Result, error) {
	p, tx, args, err := s.ready(ctx, st, args)
	switch {
	case err != nil:
		return nil, err
	case p != nil:
		return p.ExecContext(ctx, args...)
	case tx != nil:
		return tx.ExecContext(ctx, st.text, args...)
	}
	return st.db.ExecContext(ctx, st.text, args...)
}

// query runs a statement that returns rows and calls scan for each.
func (s *Store) query(ctx context.Context, st *statement, scan func(*sql.Rows) error, args ...any) error {
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
	// A write that returns rows is committed by the step behind the last row, and
	// that error is here.
	return s.statementError(ctx, rows.Err())
}

// queryRow runs a statement that returns one row at most; sql.ErrNoRows when
// none.
func (s *Store) queryRow(ctx context.Context, st *statement, args []any, into ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, ok := s.Tx(ctx); !ok && st.db != st.writer && s.dialect == SQLite {
		// For a context that can end, database/sql and the driver each start a
		// goroutine: a third of the cost. Readers in WAL mode wait for nobody, and one
		// row is there before anyone could have changed their mind.
		ctx = context.WithoutCancel(ctx)
	}
	if _, ok := s.Tx(ctx); ok || !s.dialect.parallel() {
		return s.queryRowOnce(ctx, st, args, into)
	}
	_, err := retry(ctx, s.dialect, func() (none, error) { return none{}, s.queryRowOnce(ctx, st, args, into) })
	return err
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
	for rows.Next() {
	}
	return s.statementError(ctx, rows.Err())
}

func (s *Store) rows(ctx context.Context, st *statement, args []any) (*sql.Rows, error) {
	p, tx, args, err := s.ready(ctx, st, args)
	switch {
	case err != nil:
		return nil, err
	case p != nil:
		return p.QueryContext(ctx, args...)
	case tx != nil:
		return tx.QueryContext(ctx, st.text, args...)
	}
	return st.db.QueryContext(ctx, st.text, args...)
}
