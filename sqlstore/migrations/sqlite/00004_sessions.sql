-- Earlier versions made this index, to which every log-in wrote. Clean walks over the
-- sessions instead.
DROP INDEX IF EXISTS {prefix}sessions_expiry;
