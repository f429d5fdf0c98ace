CREATE TABLE IF NOT EXISTS {prefix}users (
	tenant            VARBINARY(256) NOT NULL CHECK (octet_length(tenant) < 256),
	id                VARBINARY(256) NOT NULL CHECK (octet_length(id) < 256),
	email             LONGTEXT       NOT NULL,
	email_key         VARBINARY(1024) CHECK (octet_length(email_key) < 1024),
	username          LONGTEXT       NOT NULL,
	username_key      VARBINARY(1024) CHECK (octet_length(username_key) < 1024),
	password_hash     LONGTEXT       NOT NULL,
	active            BIGINT         NOT NULL,
	email_verified_at BIGINT         NOT NULL,
	last_login_at     BIGINT         NOT NULL,
	current_login_at  BIGINT         NOT NULL,
	last_address      LONGTEXT       NOT NULL,
	current_address   LONGTEXT       NOT NULL,
	logins            BIGINT         NOT NULL,
	created_at        BIGINT         NOT NULL,
	updated_at        BIGINT         NOT NULL,
	version           BIGINT         NOT NULL,
	deletion_at       BIGINT         NOT NULL,
	language          LONGTEXT       NOT NULL,
	PRIMARY KEY (tenant, id),
	UNIQUE INDEX {prefix}users_email (tenant, email_key),
	UNIQUE INDEX {prefix}users_username (tenant, username_key),
	INDEX {prefix}users_deletion (deletion_at, tenant, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}roles (
	tenant      VARBINARY(256) NOT NULL CHECK (octet_length(tenant) < 256),
	name        VARBINARY(256) NOT NULL CHECK (octet_length(name) < 256),
	description LONGTEXT       NOT NULL,
	PRIMARY KEY (tenant, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}role_permissions (
	tenant     VARBINARY(256) NOT NULL,
	role       VARBINARY(256) NOT NULL,
	permission VARBINARY(256) NOT NULL CHECK (octet_length(permission) < 256),
	PRIMARY KEY (tenant, role, permission),
	FOREIGN KEY (tenant, role) REFERENCES {prefix}roles (tenant, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}user_roles (
	tenant  VARBINARY(256) NOT NULL,
	user_id VARBINARY(256) NOT NULL,
	role    VARBINARY(256) NOT NULL,
	PRIMARY KEY (tenant, user_id, role),
	INDEX {prefix}user_roles_role (tenant, role),
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE,
	FOREIGN KEY (tenant, role) REFERENCES {prefix}roles (tenant, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}sessions (
	tenant           VARBINARY(256) NOT NULL,
	hash             BINARY(32)     NOT NULL,
	user_id          VARBINARY(256) NOT NULL,
	created_at       BIGINT         NOT NULL,
	expires_at       BIGINT         NOT NULL,
	last_seen_at     BIGINT         NOT NULL,
	proved_at        BIGINT         NOT NULL,
	remember         BIGINT         NOT NULL,
	address          LONGTEXT       NOT NULL,
	user_agent       LONGTEXT       NOT NULL,
	via              LONGTEXT       NOT NULL,
	connection_id    LONGTEXT       NOT NULL,
	provider_session LONGTEXT       NOT NULL,
	device_id        LONGTEXT       NOT NULL,
	limited_to       LONGTEXT       NOT NULL,
	key_hash         LONGTEXT       NOT NULL,
	old_key_hash     LONGTEXT       NOT NULL,
	rotated_at       BIGINT         NOT NULL,
	PRIMARY KEY (hash),
	INDEX {prefix}sessions_user (tenant, user_id),
	INDEX {prefix}sessions_expiry (expires_at),
	INDEX {prefix}sessions_provider (provider_session(64)),
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- As claims, attempts have no index by expiry.
CREATE TABLE IF NOT EXISTS {prefix}attempts (
	attempt_key VARBINARY(256) NOT NULL CHECK (octet_length(attempt_key) < 256),
	tenant      VARBINARY(256) NOT NULL CHECK (octet_length(tenant) < 256),
	attempts    BIGINT         NOT NULL,
	ends_at     BIGINT         NOT NULL,
	PRIMARY KEY (attempt_key, tenant)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- As claims, tickets have no index by expiry.
CREATE TABLE IF NOT EXISTS {prefix}tickets (
	tenant      VARBINARY(256) NOT NULL CHECK (octet_length(tenant) < 256),
	user_id     VARBINARY(256) NOT NULL CHECK (octet_length(user_id) < 256),
	slot        VARBINARY(256) NOT NULL CHECK (octet_length(slot) < 256),
	hash        BINARY(32)     NOT NULL,
	purpose     VARBINARY(256) NOT NULL CHECK (octet_length(purpose) < 256),
	address     LONGTEXT       NOT NULL,
	new_address LONGTEXT       NOT NULL,
	code_hash   BINARY(32)     NOT NULL,
	created_at  BIGINT         NOT NULL,
	expires_at  BIGINT         NOT NULL,
	PRIMARY KEY (tenant, user_id, slot),
	UNIQUE INDEX {prefix}tickets_hash (hash)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}factors (
	tenant       VARBINARY(256) NOT NULL,
	user_id      VARBINARY(256) NOT NULL,
	kind         VARBINARY(256) NOT NULL CHECK (octet_length(kind) < 256),
	factor_id    VARBINARY(256) NOT NULL CHECK (octet_length(factor_id) < 256),
	name         LONGTEXT       NOT NULL,
	secret       LONGBLOB       NOT NULL,
	counter      BIGINT         NOT NULL,
	created_at   BIGINT         NOT NULL,
	confirmed_at BIGINT         NOT NULL,
	last_used_at BIGINT         NOT NULL,
	PRIMARY KEY (tenant, user_id, kind, factor_id),
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- As claims, API tokens have no index by expiry.
CREATE TABLE IF NOT EXISTS {prefix}api_tokens (
	tenant       VARBINARY(256) NOT NULL,
	hash         BINARY(32)     NOT NULL,
	user_id      VARBINARY(256) NOT NULL,
	token_id     VARBINARY(256) NOT NULL CHECK (octet_length(token_id) < 256),
	name         LONGTEXT       NOT NULL,
	scopes       LONGTEXT       NOT NULL,
	created_at   BIGINT         NOT NULL,
	expires_at   BIGINT         NOT NULL,
	last_used_at BIGINT         NOT NULL,
	PRIMARY KEY (hash),
	INDEX {prefix}api_tokens_user (tenant, user_id),
	FOREIGN KEY (tenant, user_id) REFERENCES {prefix}users (tenant, id) ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
