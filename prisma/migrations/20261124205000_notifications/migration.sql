-- Telling people. An event of the log that somebody could be told of leaves a row in the outbox in its own transaction,
-- so that nothing is told of what did not happen and nothing that happened is forgotten; the worker turns it into
-- notifications and mail, each unique by person and by what it tells of, and takes the row away in the same transaction.

CREATE TABLE notification_outbox (
  event_id        uuid PRIMARY KEY REFERENCES audit_events (id),
  created_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_error      text,
  dead_at         timestamptz(6)
);
CREATE INDEX notification_outbox_due_idx ON notification_outbox (next_attempt_at, event_id) WHERE dead_at IS NULL;
CREATE INDEX notification_outbox_dead_idx ON notification_outbox (dead_at) WHERE dead_at IS NOT NULL;

-- Kinds are left out here only where nobody is ever told; who is told of the others stands in
-- lib/domain/event-notices.ts, and an event of which nobody is told leaves the outbox without a trace.
CREATE FUNCTION audit_events_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.outcome = 'Success' AND NEW.kind NOT IN ('SignOut', 'SessionEnded', 'StepUpSucceeded'))
    OR NEW.kind = 'FactorLocked' THEN
    INSERT INTO notification_outbox (event_id) VALUES (NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_events_tell AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_events_tell();

CREATE TABLE notifications (
  id           uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  recipient_id uuid NOT NULL REFERENCES principals (id),
  subject_key  text NOT NULL CHECK (subject_key <> ''),
  category     text NOT NULL CHECK (category <> ''),
  title        text NOT NULL CHECK (title <> ''),
  body         text NOT NULL,
  href         text NOT NULL CHECK (href ~ '^/([^/]|$)'),
  created_at   timestamptz(6) NOT NULL DEFAULT postern_now(),
  read_at      timestamptz(6),
  UNIQUE (recipient_id, subject_key)
);
CREATE INDEX notifications_recipient_idx ON notifications (recipient_id, id DESC);
CREATE INDEX notifications_unread_idx ON notifications (recipient_id, id DESC) WHERE read_at IS NULL;

-- Every server listens here and tells those of its pages that belong to the person. Only the worker and a person who
-- reads their own notifications come here, so the lock that NOTIFY takes at commit holds up no change of access.
CREATE FUNCTION notifications_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('postern_notifications', NEW.recipient_id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER notifications_announce AFTER INSERT OR UPDATE OF read_at ON notifications
  FOR EACH ROW EXECUTE FUNCTION notifications_announce();

CREATE TABLE mail_messages (
  id              uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  recipient_id    uuid REFERENCES principals (id),
  address         text NOT NULL CHECK (address <> ''),
  subject_key     text NOT NULL CHECK (subject_key <> ''),
  category        text NOT NULL CHECK (category <> ''),
  content         jsonb NOT NULL,
  created_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_error      text,
  sent_at         timestamptz(6),
  dead_at         timestamptz(6)
);
CREATE UNIQUE INDEX mail_messages_subject_key ON mail_messages (lower(address), subject_key);
CREATE INDEX mail_messages_due_idx ON mail_messages (next_attempt_at, id) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX mail_messages_dead_idx ON mail_messages (dead_at) WHERE dead_at IS NOT NULL;

CREATE TABLE notification_preferences (
  user_id          uuid PRIMARY KEY REFERENCES principals (id),
  muted_categories text[] NOT NULL DEFAULT '{}',
  updated_at       timestamptz(6) NOT NULL DEFAULT postern_now()
);

-- Which reminders went out for which end. A moved end is reminded of anew.
CREATE TABLE expiry_reminders (
  access_id   uuid NOT NULL,
  ends_at     timestamptz(6) NOT NULL,
  days_before integer NOT NULL CHECK (days_before IN (1, 14)),
  reminded_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  PRIMARY KEY (access_id, ends_at, days_before)
);
CREATE INDEX eligibilities_ends_idx ON eligibilities (ends_at);
CREATE INDEX assignments_assigned_ends_idx ON assignments (ends_at) WHERE assignment_type = 'Assigned';

CREATE TABLE weekly_digests (
  week_start date PRIMARY KEY,
  made_at    timestamptz(6) NOT NULL DEFAULT postern_now()
);

-- The people behind principals: themselves, and whoever belongs to a group, through groups, unless disabled.
CREATE FUNCTION people_of(principals_given uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 AS $$
  WITH RECURSIVE reached (id, type) AS (
    SELECT id, type FROM principals WHERE id = ANY (principals_given) AND disabled_at IS NULL
    UNION
    SELECT p.id, p.type FROM reached r
      JOIN group_members m ON m.group_id = r.id
      JOIN principals p ON p.id = m.member_id AND p.disabled_at IS NULL
  )
  SELECT id FROM reached WHERE type = 'User'
$$;

-- How the worker does, for the health check and its page: `running`, `late` when a job has not come to its turn, or
-- something waits for longer than ten minutes, `absent` when no worker has been seen for a minute.
CREATE FUNCTION worker_health() RETURNS TABLE (
  state text, seen_seconds integer, late_jobs integer, failing_jobs integer, waiting integer, waiting_seconds integer,
  dead_letters integer
) LANGUAGE sql STABLE AS $$
  WITH seen AS (
    SELECT extract(epoch FROM postern_now() - max(seen_at))::int AS seconds FROM worker_instances WHERE stopped_at IS NULL
  ), jobs AS (
    SELECT count(*) FILTER (WHERE coalesce(greatest(last_started_at, last_failed_at), 'epoch')
          < postern_now() - make_interval(mins => every_minutes * 2 + 5))::int AS late,
      count(*) FILTER (WHERE failures_in_row > 0)::int AS failing
    FROM worker_jobs
  ), waiting AS (
    SELECT count(*)::int AS count, coalesce(extract(epoch FROM postern_now() - min(since)), 0)::int AS seconds FROM (
      (SELECT next_attempt_at AS since FROM notification_outbox
        WHERE dead_at IS NULL AND next_attempt_at <= postern_now() ORDER BY next_attempt_at LIMIT 10000)
      UNION ALL
      (SELECT next_attempt_at FROM mail_messages
        WHERE sent_at IS NULL AND dead_at IS NULL AND next_attempt_at <= postern_now() ORDER BY next_attempt_at
        LIMIT 10000)) x
  ), dead AS (
    SELECT (SELECT count(*) FROM notification_outbox WHERE dead_at IS NOT NULL)::int
      + (SELECT count(*) FROM mail_messages WHERE dead_at IS NOT NULL)::int AS count
  )
  SELECT CASE WHEN seen.seconds IS NULL OR seen.seconds > 60 THEN 'absent'
      WHEN jobs.late > 0 OR waiting.seconds > 600 THEN 'late' ELSE 'running' END,
    seen.seconds, jobs.late, jobs.failing, waiting.count, waiting.seconds, dead.count
  FROM seen, jobs, waiting, dead
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON notification_outbox TO postern_app;
GRANT SELECT, INSERT, UPDATE ON notifications, mail_messages, notification_preferences TO postern_app;
GRANT SELECT, INSERT ON expiry_reminders, weekly_digests TO postern_app;
