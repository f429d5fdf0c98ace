CREATE TABLE {prefix}documents (
	kind       TEXT COLLATE "C" NOT NULL,
	id         TEXT COLLATE "C" NOT NULL,
	tenant     TEXT COLLATE "C" NOT NULL,
	owner      TEXT COLLATE "C" NOT NULL,
	due_at     BIGINT           NOT NULL,
	body       BYTEA            NOT NULL,
	version    BIGINT           NOT NULL,
	created_at BIGINT           NOT NULL,
	updated_at BIGINT           NOT NULL,
	PRIMARY KEY (kind, id)
);

CREATE INDEX {prefix}documents_tenant ON {prefix}documents (kind, tenant, id);

CREATE INDEX {prefix}documents_owner ON {prefix}documents (kind, owner, id);

CREATE INDEX {prefix}documents_due ON {prefix}documents (kind, due_at, id);
