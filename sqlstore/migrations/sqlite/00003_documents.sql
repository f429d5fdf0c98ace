CREATE TABLE {prefix}documents (
	kind       TEXT    NOT NULL,
	id         TEXT    NOT NULL,
	tenant     TEXT    NOT NULL,
	owner      TEXT    NOT NULL,
	due_at     INTEGER NOT NULL,
	body       BLOB    NOT NULL,
	version    INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE INDEX {prefix}documents_tenant ON {prefix}documents (kind, tenant, id);

CREATE INDEX {prefix}documents_owner ON {prefix}documents (kind, owner, id);

CREATE INDEX {prefix}documents_due ON {prefix}documents (kind, due_at, id);
