CREATE TABLE {prefix}users (
	id                TEXT COLLATE "C" NOT NULL PRIMARY KEY,
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
	version           BIGINT           NOT NULL
);

CREATE UNIQUE INDEX {prefix}users_email ON {prefix}users (email_key);

CREATE UNIQUE INDEX {prefix}users_username ON {prefix}users (username_key);

CREATE TABLE {prefix}roles (
	name        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	description TEXT COLLATE "C" NOT NULL
);

CREATE TABLE {prefix}user_roles (
	user_id TEXT COLLATE "C" NOT NULL REFERENCES {prefix}users (id) ON DELETE CASCADE,
	role    TEXT COLLATE "C" NOT NULL REFERENCES {prefix}roles (name),
	PRIMARY KEY (user_id, role)
);

CREATE TABLE {prefix}sessions (
	hash       BYTEA            NOT NULL PRIMARY KEY,
	user_id    TEXT COLLATE "C" NOT NULL REFERENCES {prefix}users (id) ON DELETE CASCADE,
	created_at BIGINT           NOT NULL,
	expires_at BIGINT           NOT NULL,
	fresh_at   BIGINT           NOT NULL,
	remember   BIGINT           NOT NULL,
	address    TEXT COLLATE "C" NOT NULL,
	user_agent TEXT COLLATE "C" NOT NULL,
	via        TEXT COLLATE "C" NOT NULL
);

CREATE INDEX {prefix}sessions_user ON {prefix}sessions (user_id);

CREATE INDEX {prefix}sessions_expiry ON {prefix}sessions (expires_at);

-- As claims, attempts have no index by expiry.
CREATE TABLE {prefix}attempts (
	attempt_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	attempts    BIGINT           NOT NULL,
	ends_at     BIGINT           NOT NULL
);
