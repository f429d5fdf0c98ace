CREATE TABLE {prefix}users (
	tenant            TEXT COLLATE "C" NOT NULL,
	id                TEXT COLLATE "C" NOT NULL,
	email             TEXT COLLATE "C" NOT NULL,
	email_key         TEXT COLLATE "C",
	username          TEXT COLLATE "C" NOT NULL,
	username_key      TEXT COLLATE "C",
	password_hash     TEXT COLLATE "C" NOT NULL,
	active            BIGINT           NOT NULL,
	email_verified_at BIGINT           NOT NULL,
	last_login_at     BIGINT           NOT NULL,
	current_login_at  BIGINT           NOT NULL,
	last_address      TEXT COLLATE "C" NOT NULL,
	current_address   TEXT COLLATE "C" NOT NULL,
	logins            BIGINT           NOT NULL,
	created_at        BIGINT           NOT NULL,
	updated_at        BIGINT           NOT NULL,
	version           BIGINT           NOT NULL,
	deletion_at       BIGINT           NOT NULL,
	language          TEXT             NOT NULL,
	PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX {prefix}users_email ON {prefix}users (tenant, email_key);

CREATE UNIQUE INDEX {prefix}users_username ON {prefix}users (tenant, username_key);

CREATE INDEX {prefix}users_deletion ON {prefix}users (deletion_at, tenant, id) WHERE deletion_at > 0;

CREATE TABLE {prefix}roles (
	tenant      TEXT COLLATE "C" NOT NULL,
	name        TEXT COLLATE "C" NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant, name)
);

CREATE TABLE {prefix}role_permissions (
	tenant     TEXT COLLATE "C" NOT NULL,
	role       TEXT COLLATE "C" NOT NULL,
	permission TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant, role, permission),
	FOREIGN KEY (tenant, role) REFERENCES {prefix}roles (tenant, name)
);

CREATE TABLE {prefix}user_roles (
	tenant  TEXT COLLATE "C" NOT NULL,
	user_id TEXT COLLATE "C" NOT NULL,
	role    TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant, user_id, role),
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE,
	FOREIGN KEY (tenant, role) REFERENCES {prefix}roles (tenant, name)
);

CREATE TABLE {prefix}sessions (
	tenant           TEXT COLLATE "C" NOT NULL,
	hash             BYTEA            NOT NULL PRIMARY KEY,
	user_id          TEXT COLLATE "C" NOT NULL,
	created_at       BIGINT           NOT NULL,
	expires_at       BIGINT           NOT NULL,
	last_seen_at     BIGINT           NOT NULL,
	proved_at        BIGINT           NOT NULL,
	remember         BIGINT           NOT NULL,
	address          TEXT COLLATE "C" NOT NULL,
	user_agent       TEXT COLLATE "C" NOT NULL,
	via              TEXT COLLATE "C" NOT NULL,
	connection_id    TEXT COLLATE "C" NOT NULL,
	provider_session TEXT COLLATE "C" NOT NULL,
	device_id        TEXT COLLATE "C" NOT NULL,
	limited_to       TEXT COLLATE "C" NOT NULL,
	key_hash         TEXT COLLATE "C" NOT NULL,
	old_key_hash     TEXT COLLATE "C" NOT NULL,
	rotated_at       BIGINT           NOT NULL,
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
);

CREATE INDEX {prefix}sessions_user ON {prefix}sessions (tenant, user_id);

CREATE INDEX {prefix}sessions_expiry ON {prefix}sessions (expires_at);

CREATE INDEX {prefix}sessions_provider ON {prefix}sessions (tenant, provider_session) WHERE provider_session <> '';

-- As claims, attempts have no index by expiry.
CREATE TABLE {prefix}attempts (
	attempt_key TEXT COLLATE "C" NOT NULL,
	tenant      TEXT COLLATE "C" NOT NULL,
	attempts    BIGINT           NOT NULL,
	ends_at     BIGINT           NOT NULL,
	PRIMARY KEY (attempt_key, tenant)
);

-- As claims, tickets have no index by expiry.
CREATE TABLE {prefix}tickets (
	tenant      TEXT COLLATE "C" NOT NULL,
	user_id     TEXT COLLATE "C" NOT NULL,
	slot        TEXT COLLATE "C" NOT NULL,
	hash        BYTEA            NOT NULL,
	purpose     TEXT COLLATE "C" NOT NULL,
	address     TEXT COLLATE "C" NOT NULL,
	new_address TEXT COLLATE "C" NOT NULL,
	code_hash   BYTEA            NOT NULL,
	created_at  BIGINT           NOT NULL,
	expires_at  BIGINT           NOT NULL,
	PRIMARY KEY (tenant, user_id, slot)
);

CREATE UNIQUE INDEX {prefix}tickets_hash ON {prefix}tickets (hash);

CREATE TABLE {prefix}factors (
	tenant       TEXT COLLATE "C" NOT NULL,
	user_id      TEXT COLLATE "C" NOT NULL,
	kind         TEXT COLLATE "C" NOT NULL,
	factor_id    TEXT COLLATE "C" NOT NULL,
	name         TEXT COLLATE "C" NOT NULL,
	secret       BYTEA            NOT NULL,
	counter      BIGINT           NOT NULL,
	created_at   BIGINT           NOT NULL,
	confirmed_at BIGINT           NOT NULL,
	last_used_at BIGINT           NOT NULL,
	PRIMARY KEY (tenant, user_id, kind, factor_id),
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
);

-- As claims, API tokens have no index by expiry.
CREATE TABLE {prefix}api_tokens (
	tenant       TEXT COLLATE "C" NOT NULL,
	hash         BYTEA            NOT NULL PRIMARY KEY,
	user_id      TEXT COLLATE "C" NOT NULL,
	token_id     TEXT COLLATE "C" NOT NULL,
	name         TEXT COLLATE "C" NOT NULL,
	scopes       TEXT COLLATE "C" NOT NULL,
	created_at   BIGINT           NOT NULL,
	expires_at   BIGINT           NOT NULL,
	last_used_at BIGINT           NOT NULL,
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
);

CREATE INDEX {prefix}api_tokens_user ON {prefix}api_tokens (tenant, user_id);
