-- Every log-in and every longer session wrote to it. Clean walks over the sessions instead.
DROP INDEX IF EXISTS {prefix}sessions_expiry;

DROP INDEX IF EXISTS {prefix}sessions_user;

-- A log-in looks for the user's oldest sessions in it alone.
CREATE INDEX {prefix}sessions_user ON {prefix}sessions (tenant, user_id, limited_to, created_at DESC, hash);
