-- The newest alerts of a kind, open and resolved, and the open ones of a severity.
CREATE INDEX alerts_kind_idx ON alerts (kind, id DESC) WHERE resolved_at IS NULL;
CREATE INDEX alerts_kind_resolved_idx ON alerts (kind, id DESC) WHERE resolved_at IS NOT NULL;
CREATE INDEX alerts_open_severity_idx ON alerts (severity, resource_id)
  WHERE resolved_at IS NULL AND dismissed_at IS NULL;

-- Who is assigned a role, without everybody who ever activated it.
CREATE INDEX assignments_assigned_idx ON assignments (role_definition_id, resource_id) WHERE assignment_type = 'Assigned';

-- The activations of an eligibility, by their start: the newest is one probe, however often it was activated.
CREATE INDEX assignments_activations_idx ON assignments (eligibility_id, starts_at) WHERE eligibility_id IS NOT NULL;
DROP INDEX assignments_eligibility_idx;
