-- Setting up: the organisation's name is asked for first, then the first Owner. An unattended set-up makes the Owner
-- beforehand, who chooses a password at the set-up address.
ALTER TABLE installation
  ADD COLUMN organisation_named_at timestamptz(6),
  -- No reference: an interrupted seed empties the table of people alone, and people are never deleted otherwise.
  ADD COLUMN setup_owner_id uuid;

COMMENT ON COLUMN installation.organisation_named_at IS 'When somebody named the organisation; null while it has the name it came with.';
COMMENT ON COLUMN installation.setup_owner_id IS 'The first Owner, made by an unattended set-up. Only the owner of the tables sets it.';

GRANT UPDATE (organisation_named_at) ON installation TO postern_app;
