CREATE TABLE {prefix}users (
	id                TEXT    NOT NULL PRIMARY KEY,
	email             TEXT    NOT NULL,
	email_key         TEXT,
	username          TEXT    NOT NULL,
	username_key      TEXT,
	password_hash     TEXT    NOT NULL,
	active            INTEGER NOT NULL,
	email_verified_at INTEGER NOT NULL,
	last_login_at     INTEGER NOT NULL,
	current_login_at  INTEGER NOT NULL,
	last_address      TEXT    NOT NULL,
	current_address   TEXT    NOT NULL,
	logins            INTEGER NOT NULL,
	created_at        INTEGER NOT NULL,
	updated_at        INTEGER NOT NULL,
	version           INTEGER NOT NULL
);

CREATE UNIQUE INDEX {prefix}users_email ON {prefix}users (email_key);

CREATE UNIQUE INDEX {prefix}users_username ON {prefix}users (username_key);

CREATE TABLE {prefix}roles (
	name        TEXT NOT NULL PRIMARY KEY,
	description TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE {prefix}user_roles (
	user_id TEXT NOT NULL REFERENCES {prefix}users (id) ON DELETE CASCADE,
	role    TEXT NOT NULL REFERENCES {prefix}roles (name),
	PRIMARY KEY (user_id, role)
) WITHOUT ROWID;

CREATE TABLE {prefix}sessions (
	hash       BLOB    NOT NULL PRIMARY KEY,
	user_id    TEXT    NOT NULL REFERENCES {prefix}users (id) ON DELETE CASCADE,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	fresh_at   INTEGER NOT NULL,
	remember   INTEGER NOT NULL,
	address    TEXT    NOT NULL,
	user_agent TEXT    NOT NULL,
	via        TEXT    NOT NULL
) WITHOUT ROWID;

CREATE INDEX {prefix}sessions_user ON {prefix}sessions (user_id);

CREATE INDEX {prefix}sessions_expiry ON {prefix}sessions (expires_at);

-- As claims, attempts have no index by expiry.
CREATE TABLE {prefix}attempts (
	attempt_key TEXT    NOT NULL PRIMARY KEY,
	attempts    INTEGER NOT NULL,
	ends_at     INTEGER NOT NULL
) WITHOUT ROWID;
