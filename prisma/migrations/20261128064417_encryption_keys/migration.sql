-- The encryption keys that this database has seen, by name, so that a process with other bytes under a known name, or
-- without a key that something is stored under, is known for what it is. A fingerprint tells nothing of its key.
CREATE TABLE encryption_keys (
  id text PRIMARY KEY,
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  first_seen_at timestamptz(6) NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX totp_factors_by_key ON totp_factors (key_id) WHERE removed_at IS NULL;

-- The keys that something is stored under which may still be read, with how much, and how each is known.
CREATE FUNCTION encryption_keys_in_use() RETURNS TABLE (id text, secrets bigint, fingerprint bytea)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT f.key_id, count(*), k.fingerprint
  FROM totp_factors f LEFT JOIN encryption_keys k ON k.id = f.key_id
  WHERE f.removed_at IS NULL
  GROUP BY f.key_id, k.fingerprint
$$;

GRANT SELECT ON encryption_keys TO postern_app;
