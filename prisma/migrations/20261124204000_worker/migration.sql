-- The worker: who runs, what ran, and what has been told of access that ended by time.

-- One row for each worker process; it says every few seconds that it is there.
CREATE TABLE worker_instances (
  id         uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  host       text NOT NULL,
  started_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  seen_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  stopped_at timestamptz(6)
);
CREATE INDEX worker_instances_seen_idx ON worker_instances (seen_at DESC);

-- One row for each periodic job, whichever worker ran it last.
CREATE TABLE worker_jobs (
  name              text PRIMARY KEY,
  title             text NOT NULL,
  every_minutes     integer NOT NULL CHECK (every_minutes > 0),
  last_started_at   timestamptz(6),
  last_succeeded_at timestamptz(6),
  last_count        integer,
  last_failed_at    timestamptz(6),
  last_error        text,
  failures_in_row   integer NOT NULL DEFAULT 0
);

-- Which end the log has told of. An end that is moved makes the row due again; an access without an end never is.
ALTER TABLE assignments ADD COLUMN expiry_recorded_for timestamptz(6);
ALTER TABLE eligibilities ADD COLUMN expiry_recorded_for timestamptz(6);
CREATE INDEX assignments_expiry_due_idx ON assignments (ends_at)
  WHERE ends_at > starts_at AND (removed_at IS NULL OR removed_at < ends_at)
    AND expiry_recorded_for IS DISTINCT FROM ends_at;
CREATE INDEX eligibilities_expiry_due_idx ON eligibilities (ends_at)
  WHERE ends_at > starts_at AND (removed_at IS NULL OR removed_at < ends_at)
    AND expiry_recorded_for IS DISTINCT FROM ends_at;
-- Exactly one event for each end, whatever runs twice.
CREATE UNIQUE INDEX audit_events_expiry_key
  ON audit_events (coalesce(assignment_id, eligibility_id), (details ->> 'endedAt'))
  WHERE kind IN ('ActivationExpired', 'ActiveAssignmentExpired', 'EligibleAssignmentExpired');

-- The job queue (schema pgboss) is made and kept by the owner; the worker acts in it as this role, and whoever serves
-- requests has no right in it.
DO $$
BEGIN
  CREATE ROLE postern_worker NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  EXECUTE format('GRANT postern_worker TO %I', current_user);
EXCEPTION WHEN unique_violation THEN NULL;
END $$;
GRANT SELECT, INSERT, UPDATE ON worker_instances TO postern_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON worker_jobs TO postern_app;
