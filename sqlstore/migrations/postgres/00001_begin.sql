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

-- There is no index by expiry: claims are written at every log-in and live for minutes,
-- so that walking over all of them is cheap.
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
