-- Times are microseconds since 1970 UTC, 0 for none. Texts are compared and ordered
-- by their bytes.
CREATE TABLE {prefix}connections (
	id                TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	tenant            TEXT COLLATE "C" NOT NULL,
	user_id           TEXT COLLATE "C" NOT NULL,
	provider_id       TEXT COLLATE "C" NOT NULL,
	provider_user_id  TEXT COLLATE "C" NOT NULL,
	display_name      TEXT COLLATE "C" NOT NULL,
	full_name         TEXT COLLATE "C" NOT NULL,
	email             TEXT COLLATE "C" NOT NULL,
	profile_url       TEXT COLLATE "C" NOT NULL,
	image_url         TEXT COLLATE "C" NOT NULL,
	rank              BIGINT           NOT NULL,
	client_id         TEXT COLLATE "C" NOT NULL,
	requested_scopes  TEXT COLLATE "C" NOT NULL,
	scopes            TEXT COLLATE "C" NOT NULL,
	status            TEXT COLLATE "C" NOT NULL,
	status_since      BIGINT           NOT NULL,
	last_error        TEXT COLLATE "C" NOT NULL,
	refused_since     BIGINT           NOT NULL,
	refusals          BIGINT           NOT NULL,
	created_at        BIGINT           NOT NULL,
	updated_at        BIGINT           NOT NULL,
	refreshed_at      BIGINT           NOT NULL,
	expires_at        BIGINT           NOT NULL,
	version           BIGINT           NOT NULL,
	generation        BIGINT           NOT NULL,
	suspended         BIGINT           NOT NULL,
	lease_owner       TEXT COLLATE "C" NOT NULL DEFAULT '',
	lease_until       BIGINT           NOT NULL DEFAULT 0,
	lease_interrupted BIGINT           NOT NULL DEFAULT 0,
	sealed_token      BYTEA            NOT NULL
);

CREATE UNIQUE INDEX {prefix}connections_identity ON {prefix}connections (provider_id, provider_user_id, tenant);

CREATE INDEX {prefix}connections_user ON {prefix}connections (tenant, user_id, provider_id);

-- There is no index by expiry: claims are written at every log-in and live for minutes,
-- so that walking over all of them is cheap.
CREATE TABLE {prefix}claims (
	claim_key  BYTEA            NOT NULL,
	tenant     TEXT COLLATE "C" NOT NULL,
	expires_at BIGINT           NOT NULL,
	PRIMARY KEY (claim_key, tenant)
);

CREATE TABLE {prefix}one_time (
	id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	tenant     TEXT COLLATE "C" NOT NULL,
	purpose    TEXT COLLATE "C" NOT NULL,
	user_id    TEXT COLLATE "C" NOT NULL,
	not_before BIGINT           NOT NULL,
	expires_at BIGINT           NOT NULL,
	sealed     BYTEA            NOT NULL
);

CREATE INDEX {prefix}one_time_due ON {prefix}one_time (not_before, id);

-- position is 0 until the row is read in order the first time: see audit.Store.
CREATE TABLE {prefix}audit (
	id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	tenant        TEXT COLLATE "C" NOT NULL,
	at            BIGINT           NOT NULL,
	event         TEXT COLLATE "C" NOT NULL,
	user_id       TEXT COLLATE "C" NOT NULL,
	actor_kind    TEXT COLLATE "C" NOT NULL,
	actor_id      TEXT COLLATE "C" NOT NULL,
	provider_id   TEXT COLLATE "C" NOT NULL,
	connection_id TEXT COLLATE "C" NOT NULL,
	address       TEXT COLLATE "C" NOT NULL,
	user_agent    TEXT COLLATE "C" NOT NULL,
	details       TEXT COLLATE "C" NOT NULL,
	position      BIGINT           NOT NULL
);

CREATE INDEX {prefix}audit_tenant ON {prefix}audit (tenant, id);

CREATE INDEX {prefix}audit_user ON {prefix}audit (tenant, user_id, id);

CREATE INDEX {prefix}audit_event ON {prefix}audit (tenant, event, id);

CREATE INDEX {prefix}audit_order ON {prefix}audit (position, id);

-- The highest position that was given to a row.
CREATE TABLE {prefix}audit_last (
	id       BIGINT NOT NULL PRIMARY KEY,
	position BIGINT NOT NULL
);
