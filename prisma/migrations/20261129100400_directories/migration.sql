-- Directories that provision people and groups by SCIM (docs/decisions/directories.md). A directory has one token at most,
-- of which only a hash is kept. One that has ended owns nobody any more.
CREATE TABLE directories (
  id               uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  name             text NOT NULL CHECK (name <> '' AND char_length(name) <= 256),
  created_by_id    uuid NOT NULL REFERENCES principals (id),
  created_at       timestamptz(6) NOT NULL DEFAULT postern_now(),
  token_hash       bytea UNIQUE CHECK (octet_length(token_hash) = 32),
  token_made_at    timestamptz(6),
  token_expires_at timestamptz(6),
  last_used_at     timestamptz(6),
  -- When administrators were last notified of something that it asked for and was refused.
  told_at          timestamptz(6),
  ended_at         timestamptz(6),
  CHECK ((token_hash IS NULL) = (token_expires_at IS NULL) AND (token_hash IS NULL) = (token_made_at IS NULL)),
  CHECK (ended_at IS NULL OR token_hash IS NULL)
);
CREATE UNIQUE INDEX directories_name_key ON directories (name_key(name)) WHERE ended_at IS NULL;

-- Which directory a person or group belongs to, and the parts of the name that it sent.
ALTER TABLE principals
  ADD COLUMN directory_id uuid REFERENCES directories (id),
  ADD COLUMN directory_names jsonb CHECK (jsonb_typeof(directory_names) = 'object' AND octet_length(directory_names::text) <= 8000);
CREATE INDEX principals_directory_idx ON principals (directory_id, type, id) WHERE directory_id IS NOT NULL;

-- What a directory says and Postern does not, each thing once. It goes away when it is resolved.
CREATE TABLE directory_drift (
  directory_id uuid NOT NULL REFERENCES directories (id),
  kind         text NOT NULL CHECK (kind IN
    ('NameTaken', 'TakeOver', 'Address', 'Member', 'Conflict', 'Enable', 'LastOwner')),
  -- What it is about, as it is told apart: a name, or ids.
  subject      text NOT NULL CHECK (char_length(subject) <= 600),
  -- Whom it is about here, and the group that they would be in.
  principal_id uuid REFERENCES principals (id),
  group_id     uuid REFERENCES principals (id),
  -- What the directory says.
  says         text NOT NULL CHECK (char_length(says) <= 1000),
  reason       text NOT NULL CHECK (char_length(reason) <= 2000),
  times        integer NOT NULL DEFAULT 1,
  first_at     timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  PRIMARY KEY (directory_id, kind, subject)
);
CREATE INDEX directory_drift_last_idx ON directory_drift (directory_id, last_at DESC);
CREATE INDEX directory_drift_principal_idx ON directory_drift (principal_id) WHERE principal_id IS NOT NULL;
CREATE INDEX directory_drift_group_idx ON directory_drift (group_id) WHERE group_id IS NOT NULL;

-- Who belongs to which directory decides who may change them, so it needs an event as well.
CREATE FUNCTION directory_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.target_id = NEW.id AND e.outcome = 'Success'
    AND e.kind || '' IN ('PrincipalCreated', 'PrincipalUpdated', 'PrincipalHandedOver');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER principals_directory_needs_event AFTER UPDATE ON principals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.directory_id IS DISTINCT FROM NEW.directory_id AND NOT acts_as_owner())
  EXECUTE FUNCTION directory_needs_event();

GRANT INSERT (directory_id, directory_names), UPDATE (directory_id, directory_names) ON principals TO postern_app;
GRANT SELECT,
  INSERT (name, created_by_id, token_hash, token_made_at, token_expires_at),
  UPDATE (token_hash, token_made_at, token_expires_at, last_used_at, told_at, ended_at) ON directories TO postern_app;
GRANT SELECT, DELETE,
  INSERT (directory_id, kind, subject, principal_id, group_id, says, reason, last_at),
  UPDATE (says, reason, times, last_at, principal_id, group_id) ON directory_drift TO postern_app;
