package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
)

// sqlTx returns a *sql.Tx for the application's own statements, which are part of the
// turn. Its end changes nothing in the database.
func (t *turn) sqlTx() *sql.Tx {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tx == nil {
		t.db = sql.OpenDB(&onlyConn{conn: &txConn{t}})
		t.tx, _ = t.db.BeginTx(context.Background(), nil) // txConn returns no error
	}
	return t.tx
}

// closeTx ends what sqlTx returned. It fails when the application has ended it before.
func (t *turn) closeTx(commit bool) error {
	t.mu.Lock()
	db, tx := t.db, t.tx
	t.mu.Unlock()
	if tx == nil {
		return nil
	}
	defer db.Close()
	if !commit {
		return tx.Rollback()
	}
	return tx.Commit()
}

// foreign is use of a statement that this package does not know. It may be a ROLLBACK.
func (t *turn) foreign(f func() error) error {
	return t.use(func() error {
		err := f()
		if err == nil && t.w.lost() {
			err = errors.New("sqlstore: a statement ended the transaction")
		}
		return err
	})
}

// txConn is the connection of a turn's *sql.Tx.
type txConn struct{ t *turn }

func (c *txConn) Close() error              { return nil }
func (c *txConn) Begin() (driver.Tx, error) { return noTx{}, nil }

func (c *txConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return noTx{}, nil }

// noTx is ended by its turn.
type noTx struct{}

func (noTx) Commit() error   { return nil }
func (noTx) Rollback() error { return nil }

func (c *txConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *txConn) PrepareContext(ctx context.Context, query string) (stmt driver.Stmt, err error) {
	err = c.t.use(func() error {
		made, err := c.t.w.conn.PrepareContext(context.WithoutCancel(ctx), query)
		if err == nil {
			stmt = c.t.stmt(made)
		}
		return err
	})
	return stmt, err
}

func (c *txConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (r driver.Result, err error) {
	err = c.t.foreign(func() error {
		r, err = c.t.w.conn.ExecContext(context.WithoutCancel(ctx), query, args)
		return err
	})
	return r, err
}

func (c *txConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.t.rows(func() (driver.Rows, error) {
		return c.t.w.conn.QueryContext(context.WithoutCancel(ctx), query, args)
	})
}

// closers are what the application has open on the connection. It ends with the turn.
type closers map[io.Closer]struct{}

func (c *closers) add(open io.Closer) {
	if *c == nil {
		*c = closers{}
	}
	(*c)[open] = struct{}{}
}

// close closes one, unless that is done.
func (c closers) close(open io.Closer) error {
	if _, ok := c[open]; !ok {
		return nil
	}
	delete(c, open)
	return open.Close()
}

type txStmt struct {
	driver.Stmt
	t *turn
}

func (t *turn) stmt(s driver.Stmt) driver.Stmt {
	t.open.add(s)
	return &txStmt{s, t}
}

func (s *txStmt) Close() error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	return s.t.open.close(s.Stmt)
}

func (s *txStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (r driver.Result, err error) {
	err = s.t.foreign(func() error {
		r, err = s.Stmt.(driver.StmtExecContext).ExecContext(context.WithoutCancel(ctx), args)
		return err
	})
	return r, err
}

func (s *txStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.t.rows(func() (driver.Rows, error) {
		return s.Stmt.(driver.StmtQueryContext).QueryContext(context.WithoutCancel(ctx), args)
	})
}

// rows returns the rows of a query, which end with the turn.
func (t *turn) rows(query func() (driver.Rows, error)) (rows driver.Rows, err error) {
	err = t.foreign(func() error {
		found, err := query()
		if err != nil {
			return err
		}
		t.open.add(found)
		rows = &txRows{found, t}
		return nil
	})
	return rows, err
}

type txRows struct {
	driver.Rows
	t *turn
}

func (r *txRows) Next(into []driver.Value) (end error) {
	err := r.t.use(func() error {
		if end = r.Rows.Next(into); end == io.EOF {
			return nil
		}
		return end
	})
	if err != nil {
		return err
	}
	return end
}

func (r *txRows) Close() error {
	r.t.mu.Lock()
	defer r.t.mu.Unlock()
	return r.t.open.close(r.Rows)
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName.
func (r *txRows) ColumnTypeDatabaseTypeName(i int) string {
	if typed, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return typed.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}
