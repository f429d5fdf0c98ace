-- Times are microseconds since 1970 UTC, 0 for none. Tokens are the last column,
-- so that reading the others skips their pages.
CREATE TABLE {prefix}connections (
	id                TEXT    NOT NULL PRIMARY KEY,
	tenant            TEXT    NOT NULL,
	user_id           TEXT    NOT NULL,
	provider_id       TEXT    NOT NULL,
	provider_user_id  TEXT    NOT NULL,
	display_name      TEXT    NOT NULL,
	full_name         TEXT    NOT NULL,
	email             TEXT    NOT NULL,
	profile_url       TEXT    NOT NULL,
	image_url         TEXT    NOT NULL,
	rank              INTEGER NOT NULL,
	client_id         TEXT    NOT NULL,
	requested_scopes  TEXT    NOT NULL,
	scopes            TEXT    NOT NULL,
	status            TEXT    NOT NULL,
	status_since      INTEGER NOT NULL,
	last_error        TEXT    NOT NULL,
	refused_since     INTEGER NOT NULL,
	refusals          INTEGER NOT NULL,
	created_at        INTEGER NOT NULL,
	updated_at        INTEGER NOT NULL,
	refreshed_at      INTEGER NOT NULL,
	expires_at        INTEGER NOT NULL,
	version           INTEGER NOT NULL,
	generation        INTEGER NOT NULL,
	suspended         INTEGER NOT NULL,
	lease_owner       TEXT    NOT NULL DEFAULT '',
	lease_until       INTEGER NOT NULL DEFAULT 0,
	lease_interrupted INTEGER NOT NULL DEFAULT 0,
	sealed_token      BLOB    NOT NULL
);

CREATE UNIQUE INDEX {prefix}connections_identity ON {prefix}connections (provider_id, provider_user_id, tenant);

CREATE INDEX {prefix}connections_user ON {prefix}connections (tenant, user_id, provider_id);

-- There is no index by expiry: claims are written at every log-in and live for minutes,
-- so that walking over all of them is cheap.
CREATE TABLE {prefix}claims (
	claim_key  BLOB    NOT NULL,
	tenant     TEXT    NOT NULL,
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (claim_key, tenant)
) WITHOUT ROWID;

CREATE TABLE {prefix}one_time (
	id         TEXT    NOT NULL PRIMARY KEY,
	tenant     TEXT    NOT NULL,
	purpose    TEXT    NOT NULL,
	user_id    TEXT    NOT NULL,
	not_before INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	sealed     BLOB    NOT NULL
);

CREATE INDEX {prefix}one_time_due ON {prefix}one_time (not_before, id);

-- position is 0 until the row is read in order the first time: see audit.Store.
CREATE TABLE {prefix}audit (
	id            TEXT    NOT NULL PRIMARY KEY,
	tenant        TEXT    NOT NULL,
	at            INTEGER NOT NULL,
	event         TEXT    NOT NULL,
	user_id       TEXT    NOT NULL,
	actor_kind    TEXT    NOT NULL,
	actor_id      TEXT    NOT NULL,
	provider_id   TEXT    NOT NULL,
	connection_id TEXT    NOT NULL,
	address       TEXT    NOT NULL,
	user_agent    TEXT    NOT NULL,
	details       TEXT    NOT NULL,
	position      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX {prefix}audit_tenant ON {prefix}audit (tenant, id);

CREATE INDEX {prefix}audit_user ON {prefix}audit (tenant, user_id, id);

CREATE INDEX {prefix}audit_event ON {prefix}audit (tenant, event, id);

CREATE INDEX {prefix}audit_order ON {prefix}audit (position, id);

-- The highest position that was given to a row.
CREATE TABLE {prefix}audit_last (
	id       INTEGER NOT NULL PRIMARY KEY,
	position INTEGER NOT NULL
);
