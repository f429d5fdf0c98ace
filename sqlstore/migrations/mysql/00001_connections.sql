-- Each statement commits by itself, and a process may end after any of them. So each
-- one can run again.
--
-- Times are microseconds since 1970 UTC, 0 for none. Rows are found and ordered by
-- VARBINARY columns, because the collations that MySQL and MariaDB share take 'a' and
-- 'a ' for the same. A session that is not strict would cut off a long value; the
-- checks refuse values that fill their columns.
CREATE TABLE IF NOT EXISTS {prefix}connections (
	id                VARBINARY(256)  NOT NULL CHECK (octet_length(id) < 256),
	tenant            VARBINARY(256)  NOT NULL CHECK (octet_length(tenant) < 256),
	user_id           VARBINARY(256)  NOT NULL CHECK (octet_length(user_id) < 256),
	provider_id       VARBINARY(256)  NOT NULL CHECK (octet_length(provider_id) < 256),
	provider_user_id  VARBINARY(2501) NOT NULL CHECK (octet_length(provider_user_id) < 2501),
	display_name      LONGTEXT        NOT NULL,
	full_name         LONGTEXT        NOT NULL,
	email             LONGTEXT        NOT NULL,
	profile_url       LONGTEXT        NOT NULL,
	image_url         LONGTEXT        NOT NULL,
	"rank"            BIGINT          NOT NULL,
	client_id         LONGTEXT        NOT NULL,
	requested_scopes  LONGTEXT        NOT NULL,
	scopes            LONGTEXT        NOT NULL,
	status            VARBINARY(256)  NOT NULL CHECK (octet_length(status) < 256),
	status_since      BIGINT          NOT NULL,
	last_error        LONGTEXT        NOT NULL,
	refused_since     BIGINT          NOT NULL,
	refusals          BIGINT          NOT NULL,
	created_at        BIGINT          NOT NULL,
	updated_at        BIGINT          NOT NULL,
	refreshed_at      BIGINT          NOT NULL,
	expires_at        BIGINT          NOT NULL,
	version           BIGINT          NOT NULL,
	generation        BIGINT          NOT NULL,
	suspended         BIGINT          NOT NULL,
	lease_owner       VARBINARY(256)  NOT NULL DEFAULT '' CHECK (octet_length(lease_owner) < 256),
	lease_until       BIGINT          NOT NULL DEFAULT 0,
	lease_interrupted BIGINT          NOT NULL DEFAULT 0,
	sealed_token      LONGBLOB        NOT NULL,
	PRIMARY KEY (id),
	UNIQUE INDEX {prefix}connections_identity (provider_id, provider_user_id, tenant),
	INDEX {prefix}connections_user (tenant, user_id, provider_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- There is no index by expiry: claims are written at every log-in and live for minutes,
-- so that walking over all of them is cheap.
CREATE TABLE IF NOT EXISTS {prefix}claims (
	claim_key  VARBINARY(256) NOT NULL CHECK (octet_length(claim_key) < 256),
	tenant     VARBINARY(256) NOT NULL CHECK (octet_length(tenant) < 256),
	expires_at BIGINT         NOT NULL,
	PRIMARY KEY (claim_key, tenant)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}one_time (
	id         VARBINARY(256) NOT NULL CHECK (octet_length(id) < 256),
	tenant     VARBINARY(256) NOT NULL CHECK (octet_length(tenant) < 256),
	purpose    VARBINARY(256) NOT NULL CHECK (octet_length(purpose) < 256),
	user_id    VARBINARY(256) NOT NULL CHECK (octet_length(user_id) < 256),
	not_before BIGINT         NOT NULL,
	expires_at BIGINT         NOT NULL,
	sealed     LONGBLOB       NOT NULL,
	PRIMARY KEY (id),
	INDEX {prefix}one_time_due (not_before, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A transaction locks the row of a number, and makes it at the first time.
CREATE TABLE IF NOT EXISTS {prefix}locks (
	number BIGINT NOT NULL,
	PRIMARY KEY (number)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- position is 0 until the row is read in order the first time: see audit.Store.
CREATE TABLE IF NOT EXISTS {prefix}audit (
	id            VARBINARY(256) NOT NULL CHECK (octet_length(id) < 256),
	tenant        VARBINARY(256) NOT NULL CHECK (octet_length(tenant) < 256),
	at            BIGINT         NOT NULL,
	event         VARBINARY(256) NOT NULL CHECK (octet_length(event) < 256),
	user_id       VARBINARY(256) NOT NULL CHECK (octet_length(user_id) < 256),
	actor_kind    LONGTEXT       NOT NULL,
	actor_id      LONGTEXT       NOT NULL,
	provider_id   LONGTEXT       NOT NULL,
	connection_id LONGTEXT       NOT NULL,
	address       LONGTEXT       NOT NULL,
	user_agent    LONGTEXT       NOT NULL,
	details       LONGTEXT       NOT NULL,
	position      BIGINT         NOT NULL,
	PRIMARY KEY (id),
	INDEX {prefix}audit_tenant (tenant, id),
	INDEX {prefix}audit_user (tenant, user_id, id),
	INDEX {prefix}audit_event (tenant, event, id),
	INDEX {prefix}audit_order (position, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The highest position that was given to a row.
CREATE TABLE IF NOT EXISTS {prefix}audit_last (
	id       BIGINT NOT NULL,
	position BIGINT NOT NULL,
	PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
