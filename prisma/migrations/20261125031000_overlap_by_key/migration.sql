-- No double access, as before (rule 6); but role and resource are one key of the constraint's index. With a column of its
-- own, lookups by resource alone were planned on this index, where it is not the first, and read most of it.
ALTER TABLE eligibilities DROP CONSTRAINT eligibilities_no_overlap,
  ADD CONSTRAINT eligibilities_no_overlap EXCLUDE USING gist (
    principal_id WITH =, (uuid_send(role_definition_id) || uuid_send(resource_id)) WITH =,
    tstzrange(starts_at, ends_at, '[)') WITH &&);
ALTER TABLE assignments DROP CONSTRAINT assignments_no_overlap,
  ADD CONSTRAINT assignments_no_overlap EXCLUDE USING gist (
    principal_id WITH =, (uuid_send(role_definition_id) || uuid_send(resource_id)) WITH =,
    tstzrange(starts_at, ends_at, '[)') WITH &&);
