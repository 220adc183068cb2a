-- How somebody's lost factors are reset (docs/decisions/lost-factors.md): after hours in which the person can stop it, and
-- with a second administrator where the rules say so.
ALTER TABLE sign_in_rules
  ADD COLUMN reset_delay_hours integer NOT NULL DEFAULT 24 CHECK (reset_delay_hours BETWEEN 0 AND 72),
  ADD COLUMN reset_takes_two boolean NOT NULL DEFAULT false;
GRANT UPDATE (reset_delay_hours, reset_takes_two) ON sign_in_rules TO postern_app;
-- An installation that is in use goes on as before, until its administrators choose.
UPDATE sign_in_rules SET reset_delay_hours = 0 WHERE EXISTS (SELECT FROM principals);

-- A reset that waits, for a second administrator or for its hours, and what became of it. What was asked for never changes.
CREATE TABLE factor_resets (
  id              uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id         uuid NOT NULL REFERENCES principals (id),
  asked_by_id     uuid NOT NULL REFERENCES principals (id) CHECK (asked_by_id <> user_id),
  asked_at        timestamptz(6) NOT NULL DEFAULT postern_now(),
  takes_two       boolean NOT NULL,
  delay_hours     integer NOT NULL CHECK (delay_hours BETWEEN 0 AND 72),
  confirmed_by_id uuid REFERENCES principals (id) CHECK (confirmed_by_id NOT IN (user_id, asked_by_id)),
  -- When it takes effect; unknown while it waits for the second administrator.
  due_at          timestamptz(6),
  ended_at        timestamptz(6),
  outcome         text CHECK (outcome IN ('Applied', 'Stopped', 'Withdrawn', 'Lapsed')),
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK (CASE WHEN takes_two THEN (confirmed_by_id IS NULL) = (due_at IS NULL)
    ELSE confirmed_by_id IS NULL AND due_at IS NOT NULL END),
  CHECK (due_at >= asked_at + make_interval(hours => delay_hours))
);
CREATE UNIQUE INDEX factor_resets_open_key ON factor_resets (user_id) WHERE ended_at IS NULL;
CREATE INDEX factor_resets_due_idx ON factor_resets (due_at, asked_at) WHERE ended_at IS NULL;
CREATE INDEX factor_resets_asked_by_idx ON factor_resets (asked_by_id);
CREATE INDEX factor_resets_confirmed_by_idx ON factor_resets (confirmed_by_id) WHERE confirmed_by_id IS NOT NULL;
GRANT SELECT, INSERT (user_id, asked_by_id, takes_two, delay_hours, due_at),
  UPDATE (confirmed_by_id, due_at, ended_at, outcome) ON factor_resets TO postern_app;

-- Each step of a reset has an event about its person. One that ended stays so, and its time does not move.
CREATE FUNCTION factor_reset_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.ended_at IS NOT NULL
      OR (OLD.due_at IS NOT NULL AND (NEW.due_at, NEW.confirmed_by_id) IS DISTINCT FROM (OLD.due_at, OLD.confirmed_by_id)))
  THEN
    RAISE EXCEPTION 'a reset that ended stays so, and its time does not move'
      USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
  END IF;
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.target_id = NEW.user_id AND e.outcome = 'Success'
    AND e.kind || '' = CASE WHEN TG_OP = 'INSERT' THEN 'FactorResetAsked'
      ELSE CASE coalesce(NEW.outcome, '') WHEN '' THEN 'FactorResetConfirmed' WHEN 'Applied' THEN 'AuthenticatorReset'
        ELSE 'FactorReset' || NEW.outcome END END;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION factor_reset_needs_event() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER factor_resets_need_event AFTER INSERT OR UPDATE ON factor_resets
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION factor_reset_needs_event();

-- The same as before; who asked for a reset of somebody's factors, and who confirmed it, gave them power as well.
CREATE OR REPLACE FUNCTION power_came_from(person uuid, giver uuid, since timestamptz, sign_in boolean) RETURNS boolean
LANGUAGE plpgsql STABLE COST 10000
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    WITH RECURSIVE sources (id, own) AS (
      SELECT r.id, true FROM principal_and_groups(person) AS r (id)
      UNION
      SELECT gave.id, false
      FROM sources s
      CROSS JOIN LATERAL (
        SELECT DISTINCT by.actor_id FROM audit_events e
        CROSS JOIN LATERAL (
          SELECT e.actor_id
          UNION ALL
          SELECT made.actor_id FROM audit_events made
          WHERE e.actor_id IS NULL AND e.details ->> 'directoryId' IS NOT NULL
            AND made.kind IN ('DirectoryCreated', 'DirectoryTokenReplaced') AND made.outcome = 'Success'
            AND made.occurred_at >= since AND made.details ->> 'directoryId' = e.details ->> 'directoryId') by
        WHERE e.target_id = s.id AND e.occurred_at >= since AND e.outcome = 'Success' AND by.actor_id IS NOT NULL
          AND (e.kind IN ('SignInIssued', 'AuthenticatorReset', 'FactorResetAsked', 'FactorResetConfirmed',
              'IdentityLinkIssued', 'FactorPassIssued', 'PrincipalHandedOver')
            OR (NOT (s.own AND sign_in) AND e.kind IN (
            'EligibleAssignmentAdded', 'EligibleAssignmentUpdated', 'EligibleAssignmentExtended',
            'EligibleAssignmentRenewed', 'ActiveAssignmentAdded', 'ActiveAssignmentUpdated',
            'ActiveAssignmentExtended', 'ActiveAssignmentRenewed', 'ExtensionApproved', 'RenewalApproved',
            'GroupMemberAdded', 'PrincipalCreated', 'PrincipalEnabled')))
        OFFSET 0) e
      CROSS JOIN LATERAL (SELECT e.actor_id AS id UNION SELECT principal_and_groups(e.actor_id)) gave
    )
    SELECT FROM sources WHERE sources.id = giver AND NOT sources.own);
END $$;
