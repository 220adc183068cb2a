-- Exports that are mailed on a schedule (docs/decisions/scheduled-exports.md). Each recipient is sent what they may read
-- themselves at that moment. It runs for its administrator: it pauses itself once they may no longer make it.
CREATE TABLE export_schedules (
  id               uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  resource_id      uuid NOT NULL REFERENCES resources (id),
  contents         text NOT NULL CHECK (contents IN ('Assignments', 'Eligible', 'Active', 'RoleSettings')),
  include_below    boolean NOT NULL,
  frequency        text NOT NULL CHECK (frequency IN ('Daily', 'Weekly', 'Monthly')),
  day              integer,
  hour             integer NOT NULL CHECK (hour BETWEEN 0 AND 23),
  time_zone        text NOT NULL CHECK (time_zone <> '' AND char_length(time_zone) <= 64),
  administrator_id uuid NOT NULL REFERENCES principals (id),
  version          integer NOT NULL DEFAULT 1,
  created_at       timestamptz(6) NOT NULL DEFAULT postern_now(),
  next_at          timestamptz(6) NOT NULL,
  -- Somebody asked for a sending besides, when, and whether it is still to be made.
  asked_at         timestamptz(6),
  send_now         boolean NOT NULL DEFAULT false,
  sent_at          timestamptz(6),
  paused_at        timestamptz(6),
  pause_reason     text CHECK (pause_reason IN ('ByHand', 'RightLost', 'Disabled')),
  CHECK (CASE frequency WHEN 'Daily' THEN day IS NULL WHEN 'Weekly' THEN day IS NOT NULL AND day BETWEEN 1 AND 7
    ELSE day IS NOT NULL AND day BETWEEN 1 AND 28 END),
  CHECK ((paused_at IS NULL) = (pause_reason IS NULL))
);
CREATE INDEX export_schedules_resource_idx ON export_schedules (resource_id);
CREATE INDEX export_schedules_due_idx ON export_schedules (next_at) WHERE paused_at IS NULL;
CREATE INDEX export_schedules_asked_idx ON export_schedules (asked_at) WHERE send_now;

-- Who is sent an export, and what came of the last sending. Earlier ones are in the log.
CREATE TABLE export_recipients (
  schedule_id  uuid NOT NULL REFERENCES export_schedules (id) ON DELETE CASCADE,
  principal_id uuid NOT NULL REFERENCES principals (id),
  outcome      text CHECK (outcome IN ('Waiting', 'Sent', 'LinkSent', 'NotAllowed', 'Disabled', 'Muted', 'Failed')),
  outcome_at   timestamptz(6),
  PRIMARY KEY (schedule_id, principal_id),
  CHECK ((outcome IS NULL) = (outcome_at IS NULL))
);

-- Of what a schedule is never changes.
GRANT SELECT, DELETE,
  INSERT (resource_id, contents, include_below, frequency, day, hour, time_zone, administrator_id, next_at, version, send_now),
  UPDATE (contents, include_below, frequency, day, hour, administrator_id, version, next_at, asked_at, send_now, sent_at,
    paused_at, pause_reason) ON export_schedules TO postern_app;
GRANT SELECT, DELETE, INSERT (schedule_id, principal_id), UPDATE (outcome, outcome_at) ON export_recipients TO postern_app;
