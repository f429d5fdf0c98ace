CREATE TABLE {prefix}users (
	tenant            TEXT    NOT NULL,
	id                TEXT    NOT NULL,
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
	version           INTEGER NOT NULL,
	deletion_at       INTEGER NOT NULL,
	language          TEXT    NOT NULL,
	PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX {prefix}users_email ON {prefix}users (tenant, email_key);

CREATE UNIQUE INDEX {prefix}users_username ON {prefix}users (tenant, username_key);

CREATE INDEX {prefix}users_deletion ON {prefix}users (deletion_at, tenant, id) WHERE deletion_at > 0;

CREATE TABLE {prefix}roles (
	tenant      TEXT NOT NULL,
	name        TEXT NOT NULL,
	description TEXT NOT NULL,
	PRIMARY KEY (tenant, name)
) WITHOUT ROWID;

CREATE TABLE {prefix}role_permissions (
	tenant     TEXT NOT NULL,
	role       TEXT NOT NULL,
	permission TEXT NOT NULL,
	PRIMARY KEY (tenant, role, permission),
	FOREIGN KEY (tenant, role) REFERENCES {prefix}roles (tenant, name)
) WITHOUT ROWID;

CREATE TABLE {prefix}user_roles (
	tenant  TEXT NOT NULL,
	user_id TEXT NOT NULL,
	role    TEXT NOT NULL,
	PRIMARY KEY (tenant, user_id, role),
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE,
	FOREIGN KEY (tenant, role) REFERENCES {prefix}roles (tenant, name)
) WITHOUT ROWID;

CREATE TABLE {prefix}sessions (
	tenant           TEXT    NOT NULL,
	hash             BLOB    NOT NULL PRIMARY KEY,
	user_id          TEXT    NOT NULL,
	created_at       INTEGER NOT NULL,
	expires_at       INTEGER NOT NULL,
	last_seen_at     INTEGER NOT NULL,
	proved_at        INTEGER NOT NULL,
	remember         INTEGER NOT NULL,
	address          TEXT    NOT NULL,
	user_agent       TEXT    NOT NULL,
	via              TEXT    NOT NULL,
	connection_id    TEXT    NOT NULL,
	provider_session TEXT    NOT NULL,
	device_id        TEXT    NOT NULL,
	limited_to       TEXT    NOT NULL,
	key_hash         TEXT    NOT NULL,
	old_key_hash     TEXT    NOT NULL,
	rotated_at       INTEGER NOT NULL,
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX {prefix}sessions_user ON {prefix}sessions (tenant, user_id);

CREATE INDEX {prefix}sessions_expiry ON {prefix}sessions (expires_at);

CREATE INDEX {prefix}sessions_provider ON {prefix}sessions (tenant, provider_session) WHERE provider_session <> '';

-- As claims, attempts have no index by expiry.
CREATE TABLE {prefix}attempts (
	attempt_key TEXT    NOT NULL,
	tenant      TEXT    NOT NULL,
	attempts    INTEGER NOT NULL,
	ends_at     INTEGER NOT NULL,
	PRIMARY KEY (attempt_key, tenant)
) WITHOUT ROWID;

-- As claims, tickets have no index by expiry.
CREATE TABLE {prefix}tickets (
	tenant      TEXT    NOT NULL,
	user_id     TEXT    NOT NULL,
	slot        TEXT    NOT NULL,
	hash        BLOB    NOT NULL,
	purpose     TEXT    NOT NULL,
	address     TEXT    NOT NULL,
	new_address TEXT    NOT NULL,
	code_hash   BLOB    NOT NULL,
	created_at  INTEGER NOT NULL,
	expires_at  INTEGER NOT NULL,
	PRIMARY KEY (tenant, user_id, slot)
) WITHOUT ROWID;

CREATE UNIQUE INDEX {prefix}tickets_hash ON {prefix}tickets (hash);

CREATE TABLE {prefix}factors (
	tenant       TEXT    NOT NULL,
	user_id      TEXT    NOT NULL,
	kind         TEXT    NOT NULL,
	factor_id    TEXT    NOT NULL,
	name         TEXT    NOT NULL,
	secret       BLOB    NOT NULL,
	counter      INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,
	confirmed_at INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	PRIMARY KEY (tenant, user_id, kind, factor_id),
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- As claims, API tokens have no index by expiry.
CREATE TABLE {prefix}api_tokens (
	tenant       TEXT    NOT NULL,
	hash         BLOB    NOT NULL PRIMARY KEY,
	user_id      TEXT    NOT NULL,
	token_id     TEXT    NOT NULL,
	name         TEXT    NOT NULL,
	scopes       TEXT    NOT NULL,
	created_at   INTEGER NOT NULL,
	expires_at   INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX {prefix}api_tokens_user ON {prefix}api_tokens (tenant, user_id);
