-- The baseline, 3 of 8: the rules that the database answers, by room. Trigger functions stand with their triggers.
-- Functions that read many rows of one principal are PL/pgSQL on purpose: it keeps their plans, and they are planned
-- apart from the statements that call them.

-- Groups: who is reached ----------------------------------------------------------------------------------------------

-- A principal and every group it belongs to, directly or through other groups. Disabled principals and groups are
-- left out. UNION (not UNION ALL) ends a circle.
CREATE FUNCTION principal_and_groups(principal uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH RECURSIVE reached (id) AS (
      SELECT p.id FROM principals p WHERE p.id = principal AND p.disabled_at IS NULL
      UNION
      SELECT m.group_id FROM reached r
        JOIN group_members m ON m.member_id = r.id
        JOIN principals g ON g.id = m.group_id AND g.disabled_at IS NULL
    )
    SELECT r.id FROM reached r;
END $$;

-- The principals and every group above them, disabled ones included: whose access they have, or would have once
-- enabled.
CREATE FUNCTION principals_and_groups_above(principals uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE above (id) AS (
    SELECT unnest(principals)
    UNION
    SELECT m.group_id FROM above a JOIN group_members m ON m.member_id = a.id
  )
  SELECT id FROM above
$$;

-- The principals and everybody below them, through groups of any depth, disabled ones included.
CREATE FUNCTION principals_and_members_below(principals uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE below (id) AS (
    SELECT unnest(principals)
    UNION
    SELECT m.member_id FROM below b JOIN group_members m ON m.group_id = b.id
  )
  SELECT id FROM below
$$;

-- The users behind principals now: the users themselves, and the users in the groups, directly or through other
-- groups. Disabled principals are left out.
CREATE FUNCTION users_in(named uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE reached (id, type) AS (
    SELECT id, type FROM principals WHERE id = ANY (named) AND disabled_at IS NULL
    UNION
    SELECT p.id, p.type FROM reached r
      JOIN group_members m ON m.group_id = r.id
      JOIN principals p ON p.id = m.member_id AND p.disabled_at IS NULL
  )
  SELECT id FROM reached WHERE type = 'User'
$$;

-- Access: what is in effect -------------------------------------------------------------------------------------------

-- What a principal holds at a moment: its own assignments and those of its groups that are in effect then. An
-- activation counts only while its eligibility is in effect and still reaches the principal (docs/rules.md, rules 5
-- and 8). OFFSET 0 keeps the lookup by principal: each of the few principals is asked for by the index, however few
-- rows there are in all.
CREATE FUNCTION active_assignments(principal uuid, at timestamptz)
RETURNS SETOF assignments LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(principal) AS r (id))
    SELECT a.* FROM reached
    CROSS JOIN LATERAL (
      SELECT * FROM assignments y WHERE y.principal_id = reached.id
        AND y.starts_at <= at AND (y.ends_at IS NULL OR y.ends_at > at) OFFSET 0) a
    WHERE a.assignment_type = 'Assigned' OR EXISTS (
        SELECT FROM eligibilities e
        WHERE e.id = a.eligibility_id AND e.principal_id IN (SELECT id FROM reached)
          AND e.starts_at <= at AND (e.ends_at IS NULL OR e.ends_at > at));
END $$;

-- What a principal may activate at a moment, itself or through its groups.
CREATE FUNCTION current_eligibilities(principal uuid, at timestamptz)
RETURNS SETOF eligibilities LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT e.* FROM principal_and_groups(principal) AS r (id)
    CROSS JOIN LATERAL (
      SELECT * FROM eligibilities y WHERE y.principal_id = r.id
        AND y.starts_at <= at AND (y.ends_at IS NULL OR y.ends_at > at) OFFSET 0) e;
END $$;

-- The paths of the resources at which a principal holds or may activate a role, without those below another of them.
-- The principal may know of these, of everything below them, and of everything on the way to them.
CREATE FUNCTION reached_paths(principal uuid, at timestamptz) RETURNS SETOF text LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH held AS MATERIALIZED (
    SELECT r.id, r.path FROM resources r WHERE r.id IN (
      SELECT resource_id FROM active_assignments(principal, at)
      UNION
      SELECT resource_id FROM current_eligibilities(principal, at))
  )
  SELECT h.path FROM held h WHERE h.id NOT IN (
    SELECT below.id FROM held below
    CROSS JOIN LATERAL unnest(path_ids(below.path)) AS above (id)
    JOIN held o ON o.id = above.id
    WHERE above.id <> below.id)
$$;

-- The resource types in use, for the filter of the list. One probe of resources_type_idx for each type, however many
-- resources there are.
CREATE FUNCTION resource_types() RETURNS SETOF text LANGUAGE sql STABLE ROWS 50
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE found (type) AS (
    (SELECT resource_type FROM resources ORDER BY resource_type LIMIT 1)
    UNION ALL
    SELECT (SELECT r.resource_type FROM resources r WHERE r.resource_type > f.type ORDER BY r.resource_type LIMIT 1)
    FROM found f WHERE f.type IS NOT NULL
  )
  SELECT type FROM found WHERE type IS NOT NULL
$$;

-- Makes the caller the only one who counts access or moves a resource: a total counted from the tree as it was
-- before a move would stay wrong.
CREATE FUNCTION lock_access_totals() RETURNS void LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT pg_advisory_xact_lock(7362437)
$$;

-- Roles: settings in force --------------------------------------------------------------------------------------------

-- The settings that judge a direct or eligible assignment of a role at a resource: the strictest, rule by rule, of
-- its own settings and of those at every level above that were ever edited for this role (docs/rules.md, rule 4). A
-- maximum of null allows permanent access. No row for a role or resource that does not exist. See
-- docs/decisions/settings-of-every-level.md.
CREATE FUNCTION direct_settings(role uuid, resource uuid)
RETURNS TABLE (eligible_maximum_days integer, active_maximum_days integer, assignment_requires_mfa boolean,
  assignment_requires_justification boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH levels AS MATERIALIZED (
      SELECT p.resource_id, p.eligible_maximum_days AS eligible, p.active_maximum_days AS active,
        p.assignment_requires_mfa AS mfa, p.assignment_requires_justification AS reason
      FROM resources r
      JOIN role_management_policies p ON p.role_definition_id = role AND p.resource_id = ANY (path_ids(r.path))
      WHERE r.id = resource AND (p.resource_id = resource OR p.version > 0)
      UNION ALL
      SELECT NULL, 365, 180, d.writes_authorization, TRUE
      FROM role_definitions d JOIN resources r ON r.id = resource
      WHERE d.id = role AND NOT EXISTS (
        SELECT FROM role_management_policies p WHERE p.role_definition_id = role AND p.resource_id = resource))
    SELECT min(l.eligible), min(l.active), bool_or(l.mfa), bool_or(l.reason) FROM levels l HAVING count(*) > 0;
END $$;

-- Requests: who decides -----------------------------------------------------------------------------------------------

-- Whether somebody changed who decides on a waiting request. Counted are, since the request was made: an edit of the
-- role settings that judge it, adding people to the groups that it asks or removing them, and disabling or enabling
-- one of them; and in the thirty days before, removing or disabling somebody. Such a person does not decide on the
-- request as an administrator. (An edit of the settings that leaves nobody to decide takes a code; removing people
-- takes none, and must not be the way around it.)
CREATE FUNCTION changed_who_decides(decider uuid, request uuid) RETURNS boolean
LANGUAGE sql STABLE COST 10000 SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM requests q
    JOIN request_approvals a ON a.request_id = q.id
    JOIN resources s ON s.id = q.resource_id
    JOIN audit_events e ON e.actor_id = decider AND e.outcome = 'Success'
      AND e.occurred_at >= q.created_at - interval '30 days'
      AND e.kind IN ('RoleSettingsUpdated', 'GroupMemberAdded', 'GroupMemberRemoved', 'PrincipalDisabled',
        'PrincipalEnabled')
      AND (e.occurred_at >= q.created_at OR e.kind IN ('GroupMemberRemoved', 'PrincipalDisabled'))
    WHERE q.id = request
      AND CASE
        WHEN e.kind = 'RoleSettingsUpdated'
        THEN e.role_definition_id = q.role_definition_id AND e.resource_id = ANY (path_ids(s.path))
        ELSE coalesce(e.details ->> 'groupId', e.target_id::text) IN (
          SELECT id::text FROM principals_and_members_below(a.approver_ids || a.escalation_ids) AS below (id))
      END)
$$;

-- Access reviews: who decides -----------------------------------------------------------------------------------------

-- The review items that a person may decide on now, by who they are; the state and end of the review are for the
-- caller to check. Nobody decides on their own access, directly or through any group, unless the members themselves
-- are asked (docs/rules.md, rule 7). A manager decides only if they were the manager when the review began and still
-- are; otherwise the item falls to the named reviewers. A disabled person decides nothing. `review` null: every
-- review in progress. Three paths, each starting from few rows, because Home asks this at every visit: the
-- reviewer's own items, the items of the people they manage, and the reviews that name them.
CREATE FUNCTION reviewable_items(reviewer uuid, review uuid) RETURNS SETOF access_review_items
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(reviewer) AS r (id)),
  own (id) AS (
    SELECT reviewer
    UNION
    SELECT m.group_id FROM own JOIN group_members m ON m.member_id = own.id
  ),
  asked AS MATERIALIZED (
    SELECT v.id, v.reviewers, EXISTS (
      SELECT FROM access_review_named_reviewers n JOIN reached ON reached.id = n.principal_id
      WHERE n.review_id = v.id) AS named
    FROM access_reviews v
    WHERE (v.id = review OR (review IS NULL AND v.state = 'InProgress')) AND EXISTS (SELECT FROM reached)
  )
  SELECT i.* FROM access_review_items i JOIN asked v ON v.id = i.review_id
  WHERE v.reviewers = 'Members' AND i.principal_id = reviewer
  UNION ALL
  SELECT i.* FROM principals p JOIN access_review_items i ON i.principal_id = p.id JOIN asked v ON v.id = i.review_id
  WHERE v.reviewers = 'Managers' AND p.manager_id = reviewer AND i.manager_id = reviewer
    AND p.id NOT IN (SELECT id FROM own)
  UNION ALL
  SELECT i.* FROM asked v
  JOIN access_review_items i ON i.review_id = v.id
  JOIN principals p ON p.id = i.principal_id
  LEFT JOIN principals m ON m.id = p.manager_id AND m.id = i.manager_id AND m.disabled_at IS NULL
  WHERE v.named AND p.id NOT IN (SELECT id FROM own) AND CASE v.reviewers
    WHEN 'Members' THEN p.type <> 'User' OR p.disabled_at IS NOT NULL
    WHEN 'Managers' THEN m.id IS NULL
    ELSE true END
$$;

-- Step-up proofs ------------------------------------------------------------------------------------------------------

-- Proofs are made and spent by these two functions alone; the application's role can read the table and call them. So a
-- stolen login of the application can neither write a proof for another person, session or operation than its challenge
-- names, nor lengthen one, nor use one twice. Whether a code was right is checked in the application.

-- Makes the proof that a challenge was met. No row when this person has no such challenge in this session, when the
-- challenge has expired or was met already, when the session has ended, or when the factor is not one of theirs in
-- force.
CREATE FUNCTION make_step_up_proof(challenge uuid, prover uuid, in_session uuid, proved_by step_up_method, by_factor uuid)
RETURNS TABLE (proof_id uuid, proof_method step_up_method)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    INSERT INTO step_up_proofs AS p
      (challenge_id, user_id, session_id, operation_digest, method, factor_id, created_at, expires_at)
    SELECT c.id, c.user_id, c.session_id, c.operation_digest, proved_by, f.id,
      postern_now(), postern_now() + interval '5 minutes'
    FROM step_up_challenges c
    JOIN sessions s ON s.id = c.session_id AND s.user_id = c.user_id
    JOIN totp_factors f ON f.user_id = c.user_id
    WHERE c.id = challenge AND c.user_id = prover AND c.session_id = in_session AND c.expires_at > postern_now()
      AND c.created_at > postern_now() - interval '10 minutes'
      AND s.ended_at IS NULL AND s.expires_at > postern_now()
      AND f.id = by_factor AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL
    ON CONFLICT DO NOTHING
    RETURNING p.id, p.method;
END $$;

-- Spends a proof of this person, in this session, for the operation with this digest. No row when there is no such
-- proof, when it was spent or has expired, when its session or factor has ended, or when recovery codes were
-- replaced after one of them made it. Undone with the transaction that called it.
CREATE FUNCTION spend_step_up_proof(proof uuid, prover uuid, in_session uuid, digest bytea)
RETURNS TABLE (proof_id uuid, proof_method step_up_method)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  made step_up_proofs;
  removed timestamptz;
BEGIN
  SELECT p.* INTO made FROM step_up_proofs p
  WHERE p.id = proof AND p.user_id = prover AND p.session_id = in_session AND p.operation_digest = digest FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT f.removed_at INTO removed FROM totp_factors f WHERE f.id = made.factor_id FOR SHARE;
  IF removed IS NOT NULL THEN RETURN; END IF;
  -- Asked after the locks, so that what ended meanwhile is seen.
  PERFORM FROM sessions s WHERE s.id = in_session AND s.ended_at IS NULL;
  IF NOT FOUND THEN RETURN; END IF;
  IF made.method = 'RecoveryCode' AND EXISTS (
    SELECT FROM recovery_codes c WHERE c.user_id = prover AND c.created_at > made.created_at) THEN RETURN; END IF;
  RETURN QUERY
    UPDATE step_up_proofs p SET spent_at = postern_time()
    WHERE p.id = proof AND p.spent_at IS NULL AND p.expires_at > postern_time()
    RETURNING p.id, p.method;
END $$;

-- Names ---------------------------------------------------------------------------------------------------------------

-- What two names that look alike have in common: each letter replaced by the one that stands for all that look like
-- it (`look_alikes`).
CREATE FUNCTION name_skeleton(name text) RETURNS text LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  RETURN coalesce(nullif((
    SELECT string_agg(coalesce(a.same_as, c.letter), '' ORDER BY c.place)
    FROM string_to_table(normalize(
      regexp_replace(name, '[\U000000AD\U0000034F\U0000061C\U0000115F-\U00001160\U000017B4-\U000017B5\U0000180B-\U0000180F\U0000200B-\U0000200F\U0000202A-\U0000202E\U00002060-\U0000206F\U00003164\U0000FE00-\U0000FE0F\U0000FEFF\U0000FFA0\U0000FFF0-\U0000FFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]', '', 'g'), NFKD), NULL)
      WITH ORDINALITY AS c (letter, place) LEFT JOIN look_alikes a ON a.letter = c.letter), ''), name_key(name));
END $fn$;

-- The keys of the names by which a principal is known: its id, email address and external id.
CREATE FUNCTION names_of_principal(id uuid, email text, external_id text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  RETURN ARRAY(SELECT DISTINCT name_key(each) FROM unnest(ARRAY[id::text, email, external_id]) AS each
    WHERE each IS NOT NULL ORDER BY 1);
END $fn$;

-- Operation -----------------------------------------------------------------------------------------------------------

-- The encryption keys that secrets are stored under, with how many secrets, and the fingerprint that each key is
-- known by.
CREATE FUNCTION encryption_keys_in_use() RETURNS TABLE (id text, secrets bigint, fingerprint bytea)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT f.key_id, count(*), k.fingerprint
  FROM totp_factors f LEFT JOIN encryption_keys k ON k.id = f.key_id
  WHERE f.removed_at IS NULL
  GROUP BY f.key_id, k.fingerprint
$$;

-- How the worker does, for the health check and the worker page. `state` is `absent` when no worker was seen for a
-- minute, `late` when a job missed its turn or something has waited for more than ten minutes, and `running`
-- otherwise.
CREATE FUNCTION worker_health() RETURNS TABLE (
  state text, seen_seconds integer, late_jobs integer, failing_jobs integer, waiting integer, waiting_seconds integer,
  dead_letters integer
) LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
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

-- Removes what nobody needs any more; docs/decisions/what-grows.md says what is kept for how long. It runs with the
-- owner's rights, so that the application's role needs no right to delete. Returns each table that it looks after
-- and how many rows it removed there, at most `most` of each. A row that another row refers to is kept.
CREATE FUNCTION prune_past(most integer) RETURNS TABLE (pruned text, removed integer)
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
