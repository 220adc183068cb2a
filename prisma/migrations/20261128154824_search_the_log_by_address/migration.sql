-- The log is searched by a part of a name or of an address. Names have an index already.
CREATE INDEX audit_events_addresses_idx ON audit_events
  USING gin (actor_email gin_trgm_ops, target_email gin_trgm_ops)
  WITH (gin_pending_list_limit = 512);
