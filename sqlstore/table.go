package sqlstore

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Tables are names for tables in place of Config.Prefix and the usual name:
// "identities", or "auth.identities" on a database that has schemas. A table whose name
// is "" keeps the usual one.
type Tables struct {
	Connections, Claims, OneTime                string
	Audit, AuditLast                            string
	Documents                                   string
	Users, Roles, UserRoles, Sessions, Attempts string
	Tickets, Factors, APITokens                 string
	RolePermissions                             string
	Locks                                       string // on MySQL only
	Schema                                      string // notes the steps of Migrate
}

// A table is one of this package's: its name in the package's statements, its name in
// the database, and whether only accounts need it.
type table struct {
	word     string
	name     *string
	accounts bool
}

func (t *Tables) all() []table {
	return []table{
		{"connections", &t.Connections, false}, {"claims", &t.Claims, false}, {"one_time", &t.OneTime, false},
		{"audit", &t.Audit, false}, {"audit_last", &t.AuditLast, false},
		{"documents", &t.Documents, false},
		{"users", &t.Users, true}, {"roles", &t.Roles, true}, {"user_roles", &t.UserRoles, true},
		{"role_permissions", &t.RolePermissions, true},
		{"sessions", &t.Sessions, true}, {"attempts", &t.Attempts, true}, {"tickets", &t.Tickets, true},
		{"factors", &t.Factors, true}, {"api_tokens", &t.APITokens, true},
		{"locks", &t.Locks, false}, {"schema", &t.Schema, false},
	}
}

// ErrNoAccounts: the store has no tables of accounts, because of
// Config.ConnectionsOnly.
var ErrNoAccounts = errors.New("sqlstore: this store keeps connections only, and no accounts")

var (
	plainPrefix = regexp.MustCompile(`^(|[A-Za-z_][A-Za-z0-9_]{0,31}\.)(|[A-Za-z_][A-Za-z0-9_]{0,31})$`)
	// Names of indexes are longer by ten, and PostgreSQL's limit is 63.
	plainTable = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,31}\.)?[A-Za-z_][A-Za-z0-9_]{0,50}$`)
)

// named returns the names of all tables, or an error about the first bad name.
func (t Tables) named(prefix string, d Dialect) (Tables, error) {
	if prefix == "" {
		prefix = "social_"
	}
	if !plainPrefix.MatchString(prefix) || d == SQLite && strings.Contains(prefix, ".") {
		return t, fmt.Errorf("sqlstore: the prefix %q is not one of up to 32 letters, digits and underscores, with a schema and a dot before it where the database has schemas", prefix)
	}
	used := map[string]string{}
	for _, table := range t.all() {
		name := *table.name
		if name == "" {
			name = prefix + table.word
		}
		if !plainTable.MatchString(name) || d == SQLite && strings.Contains(name, ".") {
			return t, fmt.Errorf("sqlstore: the table for %s cannot be called %q: a name has up to 51 letters, digits and underscores, and a schema and a dot before it where the database has schemas", table.word, name)
		}
		name = d.foldName(name)
		if other, ok := used[strings.ToLower(name)]; ok {
			return t, fmt.Errorf("sqlstore: %q cannot be the table for %s and for %s", name, other, table.word)
		}
		used[strings.ToLower(name)] = table.word
		*table.name = name
	}
	return t, nil
}

// tableName is the name of a table, or of an index, in this package's statements.
var tableName = regexp.MustCompile(`\{prefix\}[a-z_]+`)

// named puts the tables' names into a statement, and reports whether it needs a table
// of accounts.
func (s *Store) named(text string) (named string, accounts bool) {
	named = tableName.ReplaceAllStringFunc(text, func(w string) string {
		w = strings.TrimPrefix(w, "{prefix}")
		for _, t := range s.tables.all() {
			if w == t.word {
				accounts = accounts || t.accounts
				return *t.name
			}
		}
		for _, t := range s.tables.all() {
			if suffix, ok := strings.CutPrefix(w, t.word+"_"); ok {
				return unqualified(*t.name) + "_" + suffix // an index is in the schema of its table
			}
		}
		panic("sqlstore: no table is called " + w)
	})
	return named, accounts
}

// rewrite turns a statement as this package writes them into the dialect's.
func (s *Store) rewrite(text string) string {
	named, _ := s.named(text)
	return s.dialect.rewrite(named)
}

// qualified splits a table's name into a schema, "" for the current one, and the
// rest.
func qualified(name string) (schema, rest string) {
	if schema, rest, found := strings.Cut(name, "."); found {
		return schema, rest
	}
	return "", name
}

func unqualified(name string) string {
	_, rest := qualified(name)
	return rest
}
