-- The baseline, 5 of 8: constraints that span rows, and foreign keys that the order of the tables does not allow.

-- No double access (docs/rules.md, rule 6): for one principal, role and resource, two eligibilities, or two assignments,
-- never overlap in time. The columns are written as expressions on purpose, so that the index of the constraint serves
-- the constraint alone: the planner would otherwise use it for lookups by principal or resource, where it is far slower
-- than estimated.
ALTER TABLE eligibilities ADD CONSTRAINT eligibilities_no_overlap EXCLUDE USING gist (
  (principal_id::text::uuid) WITH =, (role_definition_id::text::uuid) WITH =, (resource_id::text::uuid) WITH =,
  tstzrange(starts_at, ends_at, '[)') WITH &&);
ALTER TABLE assignments ADD CONSTRAINT assignments_no_overlap EXCLUDE USING gist (
  (principal_id::text::uuid) WITH =, (role_definition_id::text::uuid) WITH =, (resource_id::text::uuid) WITH =,
  tstzrange(starts_at, ends_at, '[)') WITH &&);

-- A factor that waits names the proof by which it was asked for, and a proof names the factor that made it.
ALTER TABLE totp_factors ADD FOREIGN KEY (proof_id) REFERENCES step_up_proofs (id);
