package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
)

func (w *Writer) prepare(text string) (driver.Stmt, error) {
	stmt, err := w.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	w.prepared = append(w.prepared, stmt)
	return stmt, nil
}

// of returns a statement as it is prepared on the connection.
func (w *Writer) of(st *statement) (driver.Stmt, error) {
	if st.absent {
		return nil, ErrNoAccounts
	}
	var err error
	if st.raw == nil {
		st.raw, err = w.prepare(st.text)
	}
	return st.raw, err
}

// No statement gets a context that can end: an interrupt could end the transaction of
// others, too.

func (w *Writer) run(stmt driver.Stmt) error {
	_, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), nil)
	return err
}

// exec runs a statement and returns how many rows it changed.
func (w *Writer) exec(st *statement, args []any) (int64, error) {
	stmt, err := w.of(st)
	if err != nil {
		return 0, err
	}
	defer clear(w.args)
	if err := w.bind(args); err != nil {
		return 0, err
	}
	result, err := stmt.(driver.StmtExecContext).ExecContext(context.Background(), w.args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query runs a statement and calls scan for each row, as long as that returns no error.
func (w *Writer) query(st *statement, args []any, scan func(row) error) error {
	stmt, err := w.of(st)
	if err != nil {
		return err
	}
	defer clear(w.args)
	if err := w.bind(args); err != nil {
		return err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(context.Background(), w.args)
	if err != nil {
		return err
	}
	err = w.each(rows, scan)
	if failed := rows.Close(); err == nil {
		err = failed
	}
	return err
}

func (w *Writer) each(rows driver.Rows, scan func(row) error) error {
	n := len(rows.Columns())
	if cap(w.values) < n {
		w.values = make([]driver.Value, n)
	}
	values := rawRow(w.values[:n])
	defer clear(values)
	for {
		if err := rows.Next(values); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := scan(values); err != nil {
			return err
		}
	}
}

// bind makes args the arguments of the next statement.
func (w *Writer) bind(args []any) (err error) {
	w.args = w.args[:0]
	for i, arg := range escapeTexts(args) {
		if !driver.IsValue(arg) {
			if arg, err = driver.DefaultParameterConverter.ConvertValue(arg); err != nil {
				return err
			}
		}
		w.args = append(w.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	return nil
}

// pragma returns the value of a pragma.
func (w *Writer) pragma(name string) (string, error) {
	rows, err := w.conn.QueryContext(context.Background(), "PRAGMA "+name, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	err = rows.Next(value)
	return fmt.Sprint(value[0]), err
}

// A rawRow is a row as the driver returns it. What a driver returns is the caller's.
type rawRow []driver.Value

func (r rawRow) Scan(into ...any) error {
	if len(into) != len(r) {
		return fmt.Errorf("%d columns are read into %d fields", len(r), len(into))
	}
	for i, v := range r {
		if err := scanValue(v, into[i]); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

// scanValue reads a value into a field of the types that this package reads into.
func scanValue(v driver.Value, into any) error {
	switch f := into.(type) {
	case sql.Scanner:
		return f.Scan(v)
	case *any:
		*f = v
		return nil
	case *[]byte:
		if b, ok := v.([]byte); ok || v == nil {
			*f = b
			return nil
		}
	case *string:
		return scanText((*plainText)(f), v)
	default:
		n, ok := v.(int64)
		if !ok {
			break
		}
		switch f := into.(type) {
		case *int:
			*f = int(n)
			return nil
		case *int64:
			*f = n
			return nil
		case *bool:
			*f = n != 0
			return nil
		}
	}
	return fmt.Errorf("a value of %T cannot be read into %T", v, into)
}

// plainText reads a text as it is stored.
type plainText string

func (t *plainText) setText(stored string) { *t = plainText(stored) }
