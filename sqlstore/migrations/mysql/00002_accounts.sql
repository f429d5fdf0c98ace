CREATE TABLE IF NOT EXISTS {prefix}users (
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
	PRIMARY KEY (id),
	UNIQUE INDEX {prefix}users_email (email_key),
	UNIQUE INDEX {prefix}users_username (username_key)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}roles (
	name        VARBINARY(256) NOT NULL CHECK (octet_length(name) < 256),
	description LONGTEXT       NOT NULL,
	PRIMARY KEY (name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}user_roles (
	user_id VARBINARY(256) NOT NULL,
	role    VARBINARY(256) NOT NULL,
	PRIMARY KEY (user_id, role),
	INDEX {prefix}user_roles_role (role),
	FOREIGN KEY (user_id) REFERENCES {prefix}users (id) ON DELETE CASCADE,
	FOREIGN KEY (role) REFERENCES {prefix}roles (name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS {prefix}sessions (
	hash       BINARY(32)     NOT NULL,
	user_id    VARBINARY(256) NOT NULL,
	created_at BIGINT         NOT NULL,
	expires_at BIGINT         NOT NULL,
	fresh_at   BIGINT         NOT NULL,
	remember   BIGINT         NOT NULL,
	address    LONGTEXT       NOT NULL,
	user_agent LONGTEXT       NOT NULL,
	via        LONGTEXT       NOT NULL,
	PRIMARY KEY (hash),
	INDEX {prefix}sessions_user (user_id),
	INDEX {prefix}sessions_expiry (expires_at),
	FOREIGN KEY (user_id) REFERENCES {prefix}users (id) ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- As claims, attempts have no index by expiry.
CREATE TABLE IF NOT EXISTS {prefix}attempts (
	attempt_key VARBINARY(256) NOT NULL CHECK (octet_length(attempt_key) < 256),
	attempts    BIGINT         NOT NULL,
	ends_at     BIGINT         NOT NULL,
	PRIMARY KEY (attempt_key)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
