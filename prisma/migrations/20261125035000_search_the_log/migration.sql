-- Parts of the names in the log, which are those of the time; and what was refused, which is rare among what succeeded.
-- Few entries are kept pending, so that no event that happens to sort them in takes long.
CREATE INDEX audit_events_names_idx ON audit_events
  USING gin (actor_name gin_trgm_ops, target_name gin_trgm_ops, role_name gin_trgm_ops)
  WITH (gin_pending_list_limit = 512);
CREATE INDEX audit_events_failures_idx ON audit_events (occurred_at DESC, sequence DESC) WHERE outcome = 'Failure';
