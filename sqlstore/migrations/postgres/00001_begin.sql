-- Times are microseconds since 1970 UTC, 0 for none. Texts are compared and ordered
-- by their bytes.
CREATE TABLE {prefix}connections (
	id                TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	user_id           TEXT COLLATE "C" NOT NULL,
	provider_id       TEXT COLLATE "C" NOT NULL,
	provider_user_id  TEXT COLLATE "C" NOT NULL,
	display_name      TEXT COLLATE "C" NOT NULL,
	full_name         TEXT COLLATE "C" NOT NULL,
	email             TEXT COLLATE "C" NOT NULL,
	profile_url       TEXT COLLATE "C" NOT NULL,
	image_url         TEXT COLLATE "C" NOT NULL,
	rank              BIGINT           NOT NULL,
	scopes            TEXT COLLATE "C" NOT NULL,
	status            TEXT COLLATE "C" NOT NULL,
	status_since      BIGINT           NOT NULL,
	last_error        TEXT COLLATE "C" NOT NULL,
	created_at        BIGINT           NOT NULL,
	updated_at        BIGINT           NOT NULL,
	expires_at        BIGINT           NOT NULL,
	version           BIGINT           NOT NULL,
	generation        BIGINT           NOT NULL,
	lease_owner       TEXT COLLATE "C" NOT NULL DEFAULT '',
	lease_until       BIGINT           NOT NULL DEFAULT 0,
	lease_interrupted BIGINT           NOT NULL DEFAULT 0,
	sealed_token      BYTEA            NOT NULL
);

CREATE UNIQUE INDEX {prefix}connections_identity ON {prefix}connections (provider_id, provider_user_id);

CREATE INDEX {prefix}connections_user ON {prefix}connections (user_id, provider_id);

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

-- Claims and attempts have no index by expiry: they are written at every log-in and
-- live for minutes, so that walking over all of them is cheap.
CREATE TABLE {prefix}claims (
	claim_key  BYTEA  NOT NULL PRIMARY KEY,
	expires_at BIGINT NOT NULL
);

CREATE TABLE {prefix}parcels (
	id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	purpose    TEXT COLLATE "C" NOT NULL,
	not_before BIGINT           NOT NULL,
	expires_at BIGINT           NOT NULL,
	sealed     BYTEA            NOT NULL
);

CREATE INDEX {prefix}parcels_due ON {prefix}parcels (purpose, not_before);

CREATE INDEX {prefix}parcels_expiry ON {prefix}parcels (expires_at);

CREATE TABLE {prefix}attempts (
	attempt_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	attempts    BIGINT           NOT NULL,
	ends_at     BIGINT           NOT NULL
);
