package sqlstore

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// known is what an optimistic transaction has read or written beyond what it was asked for,
// so that the next calls of a log-in need not ask the database. A statement of the
// transaction that may change a part has it forgotten. What others change since then is
// found by the version of a row when that is written, and so a user and a connection are
// known once: who then reads again gets the row as it is.
type known struct {
	user       *accounts.User
	connection *vault.Connection
	sealed     []byte      // the connection's token
	noFactors  userKey     // this user has no second factor
	unlinked   userKey     // this user was inserted by the transaction, and has no connection
	sessions   sessionsKey // this user has so many sessions that are not limited
}

type userKey struct{ tenant, id string }

type sessionsKey struct {
	userKey
	count int
}

// known returns what the context's transaction knows, or nil.
func (s *Store) known(ctx context.Context) *known {
	if t := s.transaction(ctx); t != nil && t.optimistic && t.undone == nil {
		return &t.known
	}
	return nil
}

// takeUser returns the user if they are known.
func (k *known) takeUser(tenant, id string) (u accounts.User, ok bool) {
	if k == nil || k.user == nil || k.user.Tenant != tenant || k.user.ID != id {
		return u, false
	}
	u, k.user = *k.user, nil
	return u, true
}

// takeConnection returns the connection and its token if they are known.
func (k *known) takeConnection(id string) (c vault.Connection, sealed []byte, ok bool) {
	if k == nil || k.connection == nil || k.connection.ID != id {
		return c, nil, false
	}
	c, k.connection = *k.connection, nil
	return c, k.sealed, true
}

func (k *known) hasNoFactors(tenant, userID string) bool {
	return k != nil && userID != "" && k.noFactors == userKey{tenant, userID}
}

func (k *known) isUnlinked(tenant, userID string) bool {
	return k != nil && userID != "" && k.unlinked == userKey{tenant, userID}
}

// countSessions returns how many sessions the user has that are not limited, or -1.
func (k *known) countSessions(tenant, userID string) int {
	if k == nil || userID == "" || k.sessions.userKey != (userKey{tenant, userID}) {
		return -1
	}
	return k.sessions.count
}

// changed are the tables of which a statement changes rows.
type changed struct{ users, factors, sessions, connections bool }

var (
	writes     = regexp.MustCompile(`^(INSERT|UPDATE|DELETE)\b`)
	firstTable = regexp.MustCompile(`\{prefix\}(\w+)`)
)

// changedBy returns what a statement changes.
func changedBy(text string) (c changed) {
	table := firstTable.FindStringSubmatch(text)
	if !writes.MatchString(text) || table == nil {
		return c
	}
	switch table[1] {
	case "users", "user_roles":
		c.users = true
	case "factors":
		c.factors = true
	case "sessions":
		c.sessions = true
	case "connections":
		c.connections = true
	}
	return c
}

// forget forgets what a statement changes.
func (k *known) forget(c changed) {
	if c.users {
		k.user, k.unlinked = nil, userKey{}
	}
	if c.factors {
		k.noFactors = userKey{}
	}
	if c.sessions {
		k.sessions = sessionsKey{}
	}
	if c.connections {
		k.connection, k.sealed, k.unlinked = nil, nil, userKey{}
	}
}

// sends notes that a statement is sent.
func (t *transaction) sends(st *statement) {
	t.waiting = false
	t.known.forget(st.changed)
}

// inserted notes a user without roles that the transaction has inserted.
func (k *known) inserted(u accounts.User) {
	if k == nil {
		return
	}
	for _, at := range []*time.Time{&u.EmailVerifiedAt, &u.Login.LastAt, &u.Login.CurrentAt, &u.CreatedAt, &u.UpdatedAt, &u.DeletionAt} {
		*at = fromMicros(toMicros(*at))
	}
	u.Roles, u.Version = nil, 1
	key := userKey{u.Tenant, u.ID}
	k.user, k.noFactors, k.unlinked, k.sessions = &u, key, key, sessionsKey{key, 0}
}

// manySessions is how many sessions of a user are counted at most.
const manySessions = 256

// identityKnown is the statement that reads a connection, its token, and what else a log-in
// by it wants to know of its user.
func (s *Store) identityKnown() *statement {
	connection := strings.Split(connectionColumns, ",")
	for i := range connection {
		connection[i] = "c." + strings.TrimSpace(connection[i])
	}
	cFields, uFields := connectionFields(new(vault.Connection)), userFields(new(accounts.User))
	return s.write(`SELECT ` + pack(connection, cFields[:]) + `, c.sealed_token,
		CASE WHEN u.id IS NULL THEN '' ELSE ` + packed(s.userColumns(), uFields[:]) + ` END,
		EXISTS (SELECT 1 FROM {prefix}factors f WHERE f.tenant = c.tenant AND f.user_id = c.user_id),
		` + s.dialect.countSome(`{prefix}sessions s WHERE s.tenant = c.tenant AND s.user_id = c.user_id AND s.limited_to = ''`, manySessions) + `
		FROM {prefix}connections c LEFT JOIN {prefix}users u ON u.tenant = c.tenant AND u.id = c.user_id
		WHERE c.tenant = ? AND c.provider_id = ? AND c.provider_user_id = ?`)
}

// byIdentityKnown is ByIdentity in an optimistic transaction.
func (s *Store) byIdentityKnown(ctx context.Context, k *known, i vault.Identity) (vault.Connection, error) {
	var sealed []byte
	var user string
	var factors bool
	var sessions int
	row, err := s.queryPacked(ctx, s.connection.known, []any{i.Tenant, i.ProviderID, i.ProviderUserID}, &sealed, &user, &factors, &sessions)
	if err != nil {
		return vault.Connection{}, noConnection(err)
	}
	c, err := unpackConnection(ctx, row)
	if err != nil {
		return vault.Connection{}, err
	}
	key := userKey{c.Tenant, c.UserID}
	read := known{connection: &c, sealed: sealed}
	if !factors {
		read.noFactors = key
	}
	if sessions < manySessions {
		read.sessions = sessionsKey{key, sessions}
	}
	if user != "" {
		u, err := unpackUser(ctx, c.Tenant, user)
		if err != nil {
			return vault.Connection{}, err
		}
		read.user = &u
	}
	*k = read
	return c, nil
}
