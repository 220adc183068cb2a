-- Custom roles are edited under a version, and marked when deleted: the history names them.
ALTER TABLE role_definitions
  ADD COLUMN version integer NOT NULL DEFAULT 0,
  ADD COLUMN updated_at timestamptz(6),
  ADD COLUMN deleted_at timestamptz(6),
  ADD CHECK (deleted_at IS NULL OR role_type = 'CustomRole');
CREATE UNIQUE INDEX role_definitions_custom_name_key ON role_definitions (lower(role_name))
  WHERE role_type = 'CustomRole' AND deleted_at IS NULL;
