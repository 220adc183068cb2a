-- Imports that run by themselves (docs/decisions/scheduled-imports.md). A run reads a folder or an address, shows what
-- differs, and applies no more than what takes no code. It runs for its administrator, with the rights that they have then.
CREATE TABLE import_schedules (
  id               uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  name             text NOT NULL CHECK (name <> '' AND char_length(name) <= 100),
  source           text NOT NULL CHECK (source IN ('Folder', 'Address')),
  location         text NOT NULL CHECK (char_length(location) <= 500),
  every_minutes    integer NOT NULL CHECK (every_minutes IN (15, 60, 360, 1440, 10080)),
  applies          boolean NOT NULL,
  justification    text CHECK (justification <> '' AND char_length(justification) <= 2000),
  cap_to_maximum   boolean NOT NULL,
  remove_members   boolean NOT NULL,
  removal_percent  integer NOT NULL CHECK (removal_percent BETWEEN 0 AND 100),
  removals         integer NOT NULL CHECK (removals BETWEEN 0 AND 10000),
  administrator_id uuid NOT NULL REFERENCES principals (id),
  version          integer NOT NULL DEFAULT 1,
  created_at       timestamptz(6) NOT NULL DEFAULT postern_now(),
  next_at          timestamptz(6) NOT NULL,
  -- Somebody asked for a run besides, when, and whether it is still to be made.
  asked_at         timestamptz(6),
  run_now          boolean NOT NULL DEFAULT false,
  -- The run under way, and until when it is its worker's alone.
  run_id           uuid,
  leased_until     timestamptz(6),
  -- What came of the last run, and the SHA-256 of what it read and of what differed.
  run_at           timestamptz(6),
  outcome          text CHECK (outcome IN ('Previewed', 'Applying', 'OverLimit', 'SameContent', 'NothingToChange', 'Failed')),
  message          text CHECK (char_length(message) <= 2000),
  import_id        uuid REFERENCES imports (id),
  content_hash     bytea CHECK (octet_length(content_hash) = 32),
  differences_hash bytea CHECK (octet_length(differences_hash) = 32),
  failures         integer NOT NULL DEFAULT 0,
  paused_at        timestamptz(6),
  pause_reason     text CHECK (pause_reason IN ('ByHand', 'RightLost', 'Disabled', 'Failed')),
  CHECK (applies = (justification IS NOT NULL)),
  CHECK ((run_id IS NULL) = (leased_until IS NULL)),
  CHECK ((run_at IS NULL) = (outcome IS NULL)),
  CHECK ((paused_at IS NULL) = (pause_reason IS NULL))
);
CREATE INDEX import_schedules_due_idx ON import_schedules (next_at) WHERE paused_at IS NULL;
CREATE INDEX import_schedules_import_idx ON import_schedules (import_id);

-- Which schedule an import is of, which may be gone since; and whether it was confirmed without a person.
ALTER TABLE imports ADD COLUMN schedule_id uuid;
ALTER TABLE imports ADD COLUMN unattended boolean NOT NULL DEFAULT false;
CREATE INDEX imports_schedule_idx ON imports (schedule_id, created_at) WHERE schedule_id IS NOT NULL;

GRANT SELECT, DELETE,
  INSERT (name, source, location, every_minutes, applies, justification, cap_to_maximum, remove_members, removal_percent, removals,
    administrator_id, next_at, version, run_now, failures),
  UPDATE (name, source, location, every_minutes, applies, justification, cap_to_maximum, remove_members, removal_percent, removals,
    administrator_id, version, next_at, asked_at, run_now, run_id, leased_until, run_at, outcome, message, import_id, content_hash,
    differences_hash, failures, paused_at, pause_reason) ON import_schedules TO postern_app;
