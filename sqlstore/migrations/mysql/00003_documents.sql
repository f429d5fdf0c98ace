CREATE TABLE IF NOT EXISTS {prefix}documents (
	kind       VARBINARY(256) NOT NULL CHECK (octet_length(kind) < 256),
	id         VARBINARY(256) NOT NULL CHECK (octet_length(id) < 256),
	tenant     VARBINARY(256) NOT NULL CHECK (octet_length(tenant) < 256),
	owner      VARBINARY(256) NOT NULL CHECK (octet_length(owner) < 256),
	due_at     BIGINT         NOT NULL,
	body       LONGBLOB       NOT NULL,
	version    BIGINT         NOT NULL,
	created_at BIGINT         NOT NULL,
	updated_at BIGINT         NOT NULL,
	PRIMARY KEY (kind, id),
	INDEX {prefix}documents_tenant (kind, tenant, id),
	INDEX {prefix}documents_owner (kind, owner, id),
	INDEX {prefix}documents_due (kind, due_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
