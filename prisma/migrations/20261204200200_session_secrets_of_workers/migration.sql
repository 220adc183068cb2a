-- By what a replica's session secrets are told from those of others: the one that seals first, then the other that opens.
-- Two bytes of a slow hash each, which tell nothing of the secret (docs/decisions/session-secrets.md).
ALTER TABLE worker_instances ADD COLUMN session_secrets bytea[] NOT NULL DEFAULT '{}'
  CHECK (cardinality(session_secrets) <= 2);
