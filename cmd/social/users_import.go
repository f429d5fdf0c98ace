package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gosocial/social/accounts"
	"github.com/spf13/cobra"
)

func importUsersCommand(t *target) *cobra.Command {
	var dryRun, createRoles, newIDs bool
	var format string
	cmd := &cobra.Command{
		Use:   "import [FILE]",
		Short: "Import users of another application, with their passwords",
		Long: `Reads users from a file or standard input and adds them. The input is CSV whose first
line names the columns, or one JSON object a line:

  {"id": "17", "email": "matt@lp.com", "password_hash": "$2b$12$…", "active": true,
   "email_verified_at": "2019-01-02T15:04:05Z", "roles": ["admin"]}

(on one line). A user has an e-mail address, a username, or both. Optional: id (without
it a new one is made), password_hash, totp_secret, active, email_verified_at, roles,
created_at, last_login_at, current_login_at, last_login_ip, current_login_ip, login_count. The columns
of Flask-Security (password, confirmed_at, create_datetime), of Django's auth_user
(password, is_active, date_joined, last_login) and of Devise (encrypted_password,
sign_in_count …) may keep their names. Other columns are left out, and named once.

Users log in with the passwords they have: hashes of argon2, bcrypt, PBKDF2 and scrypt in
the notation of passlib, Django, Werkzeug and PHP are verified, and replaced at the next
log-in. Those of Flask-Security need its SECURITY_PASSWORD_SALT as password_salt in the
configuration. Those that Devise made with a pepper (config.pepper) cannot be imported: they
match no password, so leave out the column, and these users reset their passwords.
plain_password is a password itself, which is hashed here. totp_secret is the secret of an
authenticator app in base 32, which is sealed here.

Times are 2026-01-02T15:04:05Z, as databases print them (in UTC), or seconds since 1970;
roles are a list, or names with spaces or commas between.

The command may be stopped and run again: a user who exists, by ID or e-mail address,
stays as they are. It reports each entry that it cannot import, and goes on with the
next. --dry-run only reports.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, lines, err := openImport(cmd, args)
			if err != nil {
				return err
			}
			defer in.Close()
			return t.withAccounts(cmd, func(ctx context.Context, acc *accounts.Accounts) error {
				u := userImporter{
					importer: &importer{errors: cmd.ErrOrStderr(), progress: &progress{out: cmd.ErrOrStderr(), total: lines}},
					acc:      acc, dryRun: dryRun, createRoles: createRoles, newIDs: newIDs,
				}
				u.one = u.importEntry
				buffered := bufio.NewReader(in)
				isCSV, err := isCSV(format, args, buffered)
				if err != nil {
					return err
				}
				u.progress.begin()
				if isCSV {
					err = u.readCSV(ctx, buffered)
				} else {
					err = u.readLines(ctx, buffered)
				}
				u.progress.end()
				would := ""
				if dryRun {
					would = " would be"
				}
				fmt.Fprintln(cmd.OutOrStdout(), u.result(would)+t.suffix())
				return errors.Join(err, u.err())
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&dryRun, "dry-run", false, "say what would be imported, and write nothing")
	flags.BoolVar(&createRoles, "create-roles", false, "create the roles that do not exist")
	flags.BoolVar(&newIDs, "new-ids", false, "make new IDs, and leave out those of the input")
	flags.StringVar(&format, "format", "", "csv or json; by default what the file's name or first character says")
	return cmd
}

// isCSV reports whether the input is CSV, by the flag, the file's name, or its first
// character: that of an object is a brace.
func isCSV(format string, args []string, in *bufio.Reader) (bool, error) {
	switch format {
	case "csv":
		return true, nil
	case "json":
		return false, nil
	case "":
	default:
		return false, fmt.Errorf("--format must be csv or json, not %q", format)
	}
	if len(args) == 1 && strings.EqualFold(filepath.Ext(args[0]), ".csv") {
		return true, nil
	}
	start, err := in.Peek(16)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(start), string(byteOrderMark)))
	return text != "" && text[0] != '{', nil
}

// A userImporter imports users.
type userImporter struct {
	*importer
	acc                         *accounts.Accounts
	dryRun, createRoles, newIDs bool

	leftOut []string // columns that were named
	roles   []string // that exist
}

// readCSV imports the entries of a file whose first line has the columns' names.
func (u *userImporter) readCSV(ctx context.Context, in io.Reader) error {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("the line with the names of the columns: %w", err)
	}
	columns := slices.Clone(header)
	columns[0] = strings.TrimPrefix(columns[0], string(byteOrderMark))
	for i := range columns {
		columns[i] = strings.ToLower(strings.TrimSpace(columns[i]))
	}
	if !slices.Contains(columns, "email") && !slices.Contains(columns, "username") {
		return errors.New("the first line names neither a column email nor username: it has to name the columns")
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := r.FieldPos(0)
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			return fmt.Errorf("%w; what follows was not read", err)
		}
		if err != nil {
			u.failed++
			u.report(line, fmt.Sprintf("it has %d columns instead of %d", len(record), len(columns)))
			continue
		}
		entry := map[string]string{}
		for i, text := range record {
			if text != "" && text != `\N` { // PostgreSQL's and MySQL's mark of no value
				entry[columns[i]] = text
			}
		}
		object, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		if err := u.add(ctx, line, object); err != nil {
			return err
		}
		u.progress.add(1)
	}
}

// importEntry imports one user.
func (u *userImporter) importEntry(ctx context.Context, n int, entry []byte) (imported bool, err error) {
	var in importedUser
	err = readMembers(entry, func(name string) (any, error) {
		field := in.field(name)
		if field == nil && !slices.Contains(u.leftOut, name) {
			u.leftOut = append(u.leftOut, name)
			u.report(n, fmt.Sprintf("the column %q is left out, here and below", name))
		}
		return field, nil
	})
	if err != nil {
		return false, err
	}
	if u.newIDs {
		in.id = ""
	}
	user, err := in.user()
	if err != nil {
		return false, err
	}
	if u.createRoles {
		if err := u.createMissing(ctx, user.Roles); err != nil {
			return false, err
		}
		if u.dryRun {
			user.Roles = nil
		}
	}
	do := u.acc.Import
	if u.dryRun {
		do = u.acc.CheckImport
	}
	imported, err = do(ctx, user)
	var memory *accounts.HashMemoryError
	switch {
	case errors.Is(err, accounts.ErrNoRole):
		err = fmt.Errorf("%w: create it with social roles create, or all with --create-roles", err)
	case errors.As(err, &memory):
		err = fmt.Errorf("%w: set hash_memory to %d (MiB) or more in the configuration", err, (memory.Needed+1<<20-1)>>20)
	}
	return imported, err
}

// createMissing creates the roles that do not exist.
func (u *userImporter) createMissing(ctx context.Context, names []string) error {
	for _, name := range names {
		if u.dryRun || slices.Contains(u.roles, name) {
			continue
		}
		if err := u.acc.CreateRole(ctx, accounts.Role{Name: name}); err != nil && !errors.Is(err, accounts.ErrRoleTaken) {
			return err
		}
		u.roles = append(u.roles, name)
	}
	return nil
}
