-- An import is a file taken apart into rows, which are looked at before anything is changed and then applied batch by
-- batch. The digest is what an administrator's proof is bound to: these rows, and no others.
CREATE TYPE import_kind AS ENUM (
  'ManagementGroups', 'ResourceGroups', 'Resources', 'RoleDefinitions', 'RoleAssignments', 'Users', 'Groups');
CREATE TYPE import_status AS ENUM ('Staged', 'Applying', 'Applied', 'Discarded');
CREATE TYPE import_row_state AS ENUM ('Pending', 'NeedsProof', 'Applied', 'Unchanged', 'Failed');
CREATE TYPE import_row_outcome AS ENUM ('Add', 'Change', 'Unchanged', 'Bad');

CREATE TABLE imports (
  id             uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  kind           import_kind NOT NULL,
  status         import_status NOT NULL DEFAULT 'Staged',
  file_name      text NOT NULL,
  digest         text NOT NULL,
  -- What the role settings do not allow permanently ends after the longest time that they allow, instead of being refused.
  cap_to_maximum boolean NOT NULL DEFAULT false,
  justification  text,
  created_by_id  uuid NOT NULL REFERENCES principals (id),
  created_at     timestamptz(6) NOT NULL DEFAULT postern_now(),
  finished_at    timestamptz(6)
);
CREATE INDEX imports_created_idx ON imports (created_at DESC, id DESC);

CREATE TABLE import_rows (
  import_id  uuid NOT NULL REFERENCES imports (id),
  number     integer NOT NULL,
  line       integer NOT NULL,
  -- The order in which rows are applied: what contains others first.
  position   integer NOT NULL,
  data       jsonb,
  title      text NOT NULL,
  outcome    import_row_outcome NOT NULL,
  state      import_row_state NOT NULL,
  reason     text,
  difference jsonb,
  PRIMARY KEY (import_id, number)
);
CREATE INDEX import_rows_waiting_idx ON import_rows (import_id, state, position) WHERE state IN ('Pending', 'NeedsProof');
GRANT SELECT, INSERT, UPDATE ON imports, import_rows TO postern_app;
