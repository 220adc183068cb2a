-- Exceptions of conflict rules (docs/decisions/conflicting-roles.md): one administrator asks for one, another approves it.
CREATE TYPE conflict_exception_state AS ENUM ('Waiting', 'Approved', 'Denied', 'Withdrawn', 'Revoked', 'Expired');

-- Counts the changes of a rule's roles. An exception belongs to the roles for which it was asked.
ALTER TABLE conflict_rules ADD COLUMN roles_version integer NOT NULL DEFAULT 1;
GRANT INSERT (roles_version), UPDATE (roles_version) ON conflict_rules TO postern_app;

CREATE TABLE conflict_exceptions (
  id              uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  rule_id         uuid NOT NULL REFERENCES conflict_rules (id) ON DELETE CASCADE,
  roles_version   integer NOT NULL,
  principal_id    uuid NOT NULL REFERENCES principals (id),
  state           conflict_exception_state NOT NULL DEFAULT 'Waiting',
  justification   text NOT NULL CHECK (justification <> '' AND char_length(justification) <= 2000),
  asked_by_id     uuid NOT NULL REFERENCES principals (id),
  asked_at        timestamptz(6) NOT NULL DEFAULT postern_now(),
  ends_at         timestamptz(6) NOT NULL,
  decided_by_id   uuid REFERENCES principals (id),
  decided_at      timestamptz(6),
  decision_reason text CHECK (char_length(decision_reason) <= 2000),
  -- Who withdrew or revoked it, or ended it by another change; null where it expired.
  ended_by_id     uuid REFERENCES principals (id),
  ended_at        timestamptz(6),
  end_reason      text CHECK (char_length(end_reason) <= 2000),
  CONSTRAINT conflict_exceptions_bounded CHECK (ends_at > asked_at AND ends_at <= asked_at + interval '91 days'),
  -- Nobody asks for themselves, and nobody decides on what they asked for or get.
  CONSTRAINT conflict_exceptions_not_own CHECK (
    asked_by_id <> principal_id AND decided_by_id IS DISTINCT FROM asked_by_id AND decided_by_id IS DISTINCT FROM principal_id),
  CONSTRAINT conflict_exceptions_decided CHECK ((decided_by_id IS NULL) = (decided_at IS NULL)
    AND (state <> 'Waiting' OR decided_at IS NULL) AND (state NOT IN ('Approved', 'Denied') OR decided_at IS NOT NULL)),
  CONSTRAINT conflict_exceptions_ended CHECK (
    (ended_at IS NOT NULL) = (state IN ('Denied', 'Withdrawn', 'Revoked', 'Expired')))
);
CREATE INDEX conflict_exceptions_rule_idx ON conflict_exceptions (rule_id, asked_at DESC, id);
-- What may still change: read by rule, by principal and by end.
CREATE INDEX conflict_exceptions_open_principal_idx ON conflict_exceptions (principal_id) WHERE state IN ('Waiting', 'Approved');
CREATE INDEX conflict_exceptions_open_end_idx ON conflict_exceptions (ends_at, id) WHERE state IN ('Waiting', 'Approved');
CREATE INDEX conflict_exceptions_approved_idx ON conflict_exceptions (rule_id) WHERE state = 'Approved';

-- What was asked for never changes, and is removed only with its rule or long after its end.
GRANT SELECT, INSERT (rule_id, roles_version, principal_id, state, justification, asked_by_id, ends_at),
  UPDATE (state, decided_by_id, decided_at, decision_reason, ended_by_id, ended_at, end_reason)
  ON conflict_exceptions TO postern_app;

-- An exception that is asked for, decided or ended needs an event of the same transaction that names it. What is approved
-- needs a proof in that event. A decision, an end and what was asked for stay as they are.
CREATE FUNCTION conflict_exception_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kinds text[] := CASE
    WHEN TG_OP = 'INSERT' THEN CASE NEW.state WHEN 'Waiting' THEN '{ConflictExceptionRequested}' ELSE '{}' END
    WHEN NEW.state = 'Approved' AND OLD.state = 'Waiting' THEN '{ConflictExceptionApproved}'
    WHEN NEW.state = 'Denied' AND OLD.state = 'Waiting' THEN '{ConflictExceptionDenied}'
    WHEN NEW.state = 'Withdrawn' AND OLD.state = 'Waiting' THEN '{ConflictExceptionWithdrawn}'
    WHEN NEW.state = 'Revoked' AND OLD.state IN ('Waiting', 'Approved') THEN '{ConflictExceptionRevoked}'
    WHEN NEW.state = 'Expired' AND OLD.state IN ('Waiting', 'Approved') THEN '{ConflictExceptionExpired}'
    ELSE '{}' END;
BEGIN
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.outcome = 'Success' AND e.kind || '' = ANY (kinds)
    AND e.details ->> 'exceptionId' = NEW.id::text
    AND (e.kind || '' <> 'ConflictExceptionApproved' OR (e.proof_id IS NOT NULL AND e.actor_id = NEW.decided_by_id));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'conflict_exception_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION conflict_exception_needs_event() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER conflict_exceptions_need_event AFTER INSERT OR UPDATE ON conflict_exceptions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION conflict_exception_needs_event();

-- Whom of these people an exception of these rules allows to hold both now, and until when. One of a group allows it to
-- those who were in it when it was approved, on every step of the way, and still are. Whoever asked for or approved an
-- exception gets nothing by it.
CREATE FUNCTION conflict_exceptions_in_force(rules uuid[], people uuid[])
RETURNS TABLE (rule_id uuid, person_id uuid, until timestamptz)
LANGUAGE plpgsql STABLE ROWS 5 SET search_path = pg_catalog, public, pg_temp SET jit = off
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  PERFORM FROM conflict_exceptions x
  WHERE x.rule_id = ANY (rules) AND x.state = 'Approved' AND x.ends_at > postern_now() LIMIT 1;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH RECURSIVE
  allowed AS MATERIALIZED (
    SELECT x.rule_id AS rule, x.principal_id AS holder, x.asked_by_id, x.decided_by_id, x.decided_at, x.ends_at
    FROM conflict_exceptions x JOIN conflict_rules k ON k.id = x.rule_id AND k.roles_version = x.roles_version
    WHERE x.rule_id = ANY (rules) AND x.state = 'Approved' AND x.ends_at > postern_now()),
  reached (person, id, since) AS (
    SELECT p, p, '-infinity'::timestamptz FROM unnest(people) AS p
    UNION
    SELECT r.person, m.group_id, greatest(r.since, m.added_at)
    FROM reached r JOIN group_members m ON m.member_id = r.id
    JOIN principals g ON g.id = m.group_id AND g.disabled_at IS NULL)
  SELECT a.rule, r.person, max(a.ends_at)
  FROM reached r JOIN allowed a ON a.holder = r.id
  WHERE r.since < a.decided_at AND r.person <> a.asked_by_id AND r.person <> a.decided_by_id
  GROUP BY a.rule, r.person;
END $$;

-- The same as before, but for exceptions: who has one may hold both as long as it lasts. Where one does not last long
-- enough, its end is told.
DROP FUNCTION role_conflicts(uuid[], uuid[], uuid[], uuid[], timestamptz[], timestamptz[], uuid[], uuid[], uuid);
CREATE FUNCTION role_conflicts(
  rules uuid[], given_to uuid[], given_roles uuid[], given_at uuid[], given_from timestamptz[], given_until timestamptz[],
  joined uuid[], joining uuid[], replaced uuid)
RETURNS TABLE (number integer, rule_id uuid, rule_name text, people integer, person_id uuid, person_name text,
  role_name text, resource_name text, held_role_name text, held_resource_name text, held_through text,
  held_from timestamptz, held_until timestamptz, excepted_until timestamptz)
LANGUAGE plpgsql STABLE ROWS 5 SET search_path = pg_catalog, public, pg_temp SET jit = off
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  enabling uuid[] := ARRAY(SELECT j.m FROM unnest(joined, joining) AS j (g, m) WHERE j.g IS NULL);
BEGIN
  RETURN QUERY
  WITH RECURSIVE
  side AS MATERIALIZED (
    SELECT c.rule_id AS rule, c.role_definition_id AS role, c.side, k.name, at.path
    FROM conflict_rule_roles c JOIN conflict_rules k ON k.id = c.rule_id JOIN resources at ON at.id = k.resource_id
    WHERE c.rule_id = ANY (rules)),
  given AS MATERIALIZED (
    SELECT g.n::integer AS n, g.holder, g.role, r.id AS resource, r.path, g.starts, g.ends
    FROM unnest(given_to, given_roles, given_at, given_from, given_until)
      WITH ORDINALITY AS g (holder, role, at, starts, ends, n)
    JOIN resources r ON r.id = g.at),
  change AS MATERIALIZED (
    SELECT cardinality(given_to) + j.n::integer AS n, j.joined, j.joining
    FROM unnest(joined, joining) WITH ORDINALITY AS j (joined, joining, n)),
  -- Only groups have members. Without the kind each person would be looked up as a group.
  below (n, id, type) AS (
    SELECT o.n, l.id, l.type FROM (SELECT g.n, g.holder FROM given g UNION ALL SELECT c.n, c.joining FROM change c) AS o (n, id)
    JOIN principals l ON l.id = o.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
    UNION
    SELECT b.n, l.id, l.type FROM below b
    CROSS JOIN LATERAL (
      SELECT m.member_id FROM group_members m WHERE m.group_id = b.id
      UNION ALL SELECT c.joining FROM change c WHERE c.joined = b.id) AS m (id)
    JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
    WHERE b.type = 'Group'),
  person AS MATERIALIZED (SELECT b.n, b.id FROM below b WHERE b.type <> 'Group'
    -- A service principal that an import is about to make.
    UNION ALL SELECT g.n, g.holder FROM given g WHERE NOT EXISTS (SELECT FROM principals p WHERE p.id = g.holder)),
  above (person, id) AS (
    SELECT p.id, p.id FROM (SELECT DISTINCT y.id FROM person y) p
    UNION
    SELECT a.person, l.id FROM above a
    CROSS JOIN LATERAL (
      SELECT m.group_id FROM group_members m WHERE m.member_id = a.id
      UNION ALL SELECT c.joined FROM change c WHERE c.joining = a.id AND c.joined IS NOT NULL) AS m (id)
    JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))),
  joins (n, id) AS (
    SELECT c.n, l.id FROM change c JOIN principals l ON l.id = coalesce(c.joined, c.joining) AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
    UNION
    SELECT j.n, l.id FROM joins j
    CROSS JOIN LATERAL (
      SELECT m.group_id FROM group_members m WHERE m.member_id = j.id
      UNION ALL SELECT c.joined FROM change c WHERE c.joining = j.id AND c.joined IS NOT NULL) AS m (id)
    JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))),
  access AS MATERIALIZED (
    SELECT a.principal_id AS holder, a.role_definition_id AS role, r.id AS resource, r.path, a.starts_at AS starts,
      a.ends_at AS ends
    FROM (SELECT DISTINCT x.id FROM above x) h
    JOIN assignments a ON a.principal_id = h.id AND (a.ends_at IS NULL OR a.ends_at > postern_now())
      AND a.role_definition_id IN (SELECT s.role FROM side s)
      AND a.id IS DISTINCT FROM replaced AND (replaced IS NULL OR a.eligibility_id IS DISTINCT FROM replaced)
    JOIN resources r ON r.id = a.resource_id
    UNION ALL SELECT g.holder, g.role, g.resource, g.path, g.starts, g.ends FROM given g),
  held AS MATERIALIZED (
    SELECT h.person, y.holder, y.role, y.resource, y.path, y.starts, y.ends FROM above h JOIN access y ON y.holder = h.id),
  fresh AS MATERIALIZED (
    SELECT g.n, p.id AS person, g.role, g.resource, g.path, g.starts, g.ends FROM given g JOIN person p ON p.n = g.n
    UNION ALL
    SELECT j.n, p.id, a.role, a.resource, a.path, a.starts, a.ends
    FROM joins j JOIN person p ON p.n = j.n JOIN access a ON a.holder = j.id),
  -- Whom an exception allows it, until when.
  excepted AS MATERIALIZED (
    SELECT x.rule, x.person, x.until
    FROM conflict_exceptions_in_force(rules, ARRAY(SELECT DISTINCT y.id FROM person y)) x (rule, person, until)),
  conflict AS MATERIALIZED (
    SELECT DISTINCT ON (f.n, s.rule, f.role, f.resource, y.role, y.resource, f.person)
      f.n, s.rule, s.name, f.person, f.role, f.resource, y.role AS held_role, y.resource AS held_resource,
      CASE WHEN y.holder <> f.person THEN y.holder END AS through, y.starts AS held_from, y.ends AS held_until,
      x.until AS excepted_until
    FROM fresh f
    JOIN side s ON s.role = f.role AND on_one_path(f.path, s.path)
    JOIN side t ON t.rule = s.rule AND t.side <> s.side
    JOIN held y ON y.person = f.person AND y.role = t.role AND on_one_path(y.path, s.path) AND on_one_path(y.path, f.path)
      AND tstzrange(f.starts, f.ends, '[)') && tstzrange(y.starts, y.ends, '[)')
    LEFT JOIN excepted x ON x.rule = s.rule AND x.person = f.person
    -- Both together end with the exception. Without an end they are null here.
    WHERE (least(f.ends, y.ends) <= x.until) IS NOT TRUE
    ORDER BY f.n, s.rule, f.role, f.resource, y.role, y.resource, f.person, y.ends DESC NULLS FIRST)
  SELECT DISTINCT ON (c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource)
    c.n, c.rule, c.name,
    (count(*) OVER (PARTITION BY c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource))::integer,
    c.person, coalesce(p.display_name, 'The new service principal'), d.role_name, r.display_name, e.role_name, o.display_name, g.display_name,
    c.held_from, c.held_until, c.excepted_until
  FROM conflict c
  LEFT JOIN principals p ON p.id = c.person
  JOIN role_definitions d ON d.id = c.role JOIN resources r ON r.id = c.resource
  JOIN role_definitions e ON e.id = c.held_role JOIN resources o ON o.id = c.held_resource
  LEFT JOIN principals g ON g.id = c.through
  ORDER BY c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource, c.held_until DESC NULLS FIRST, c.person;
END $$;

-- With exceptions that ended more than a year ago.
CREATE OR REPLACE FUNCTION prune_past(most integer) RETURNS TABLE (pruned text, removed integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  past text;
  unless_referred text;
BEGIN
  FOR pruned, past IN SELECT * FROM (VALUES
    ('mail_messages', 't.sent_at < postern_now() - interval ''30 days'''),
    ('mail_messages', 't.dead_at < postern_now() - interval ''90 days'''),
    ('notification_outbox', 't.dead_at < postern_now() - interval ''90 days'''),
    ('notifications', 't.created_at < postern_now() - interval ''90 days''
      AND (t.read_at IS NOT NULL OR t.created_at < postern_now() - interval ''1 year'')'),
    ('expiry_reminders', 't.ends_at < postern_now() - interval ''30 days'''),
    ('weekly_digests', 't.week_start < postern_now() - interval ''1 year'''),
    ('conflict_exceptions', 't.ended_at < postern_now() - interval ''1 year'''),
    ('worker_instances', 't.seen_at < postern_now() - interval ''7 days'''),
    ('password_tickets', 't.expires_at < postern_now() - interval ''30 days'''),
    ('sessions', 't.expires_at < postern_now() - interval ''90 days''
      AND EXISTS (SELECT FROM sessions n WHERE n.user_id = t.user_id AND n.last_seen_at > t.last_seen_at)'),
    ('import_rows', 't.import_id IN (SELECT i.id FROM imports i WHERE i.finished_at < postern_now()
      - CASE i.status WHEN ''Discarded'' THEN interval ''30 days'' ELSE interval ''1 year'' END)')
  ) AS kept (name, condition)
  LOOP
    SELECT coalesce(string_agg(
      format(' AND NOT EXISTS (SELECT FROM %s x WHERE x.%I = t.id)', c.conrelid::regclass, a.attname), ''), '')
    INTO unless_referred
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = format('public.%I', pruned)::regclass;
    EXECUTE format(
      'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM %1$I t WHERE %2$s%3$s LIMIT %4$s FOR UPDATE SKIP LOCKED))',
      pruned, past, unless_referred, most);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN NEXT;
  END LOOP;
END $$;
