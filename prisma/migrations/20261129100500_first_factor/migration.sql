-- The first factor takes a one-time pass, unless the organisation allows it to anyone who is signed in
-- (docs/decisions/sign-in-rules.md).
ALTER TABLE sign_in_rules
  ADD COLUMN first_factor text NOT NULL DEFAULT 'OneTimePass' CHECK (first_factor IN ('OneTimePass', 'AnyoneSignedIn')),
  ADD COLUMN factor_waits_hours integer NOT NULL DEFAULT 0 CHECK (factor_waits_hours BETWEEN 0 AND 72);
GRANT UPDATE (first_factor, factor_waits_hours) ON sign_in_rules TO postern_app;
-- The demo goes on as before, and so does an installation in which nobody has a factor: nobody there could make a pass.
UPDATE sign_in_rules SET first_factor = 'AnyoneSignedIn'
WHERE EXISTS (SELECT FROM installation WHERE demo)
  OR (EXISTS (SELECT FROM principals)
    AND NOT EXISTS (SELECT FROM totp_factors WHERE confirmed_at IS NOT NULL AND removed_at IS NULL)
    AND NOT EXISTS (SELECT FROM passkeys WHERE removed_at IS NULL));

-- What allows one person to enrol a first factor, once and for hours. Only its hash is stored. Made by an administrator, or
-- by nobody: for the first Owner the set-up address counts as one.
CREATE TABLE factor_passes (
  id          uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id     uuid NOT NULL REFERENCES principals (id),
  pass_hash   bytea NOT NULL UNIQUE,
  made_by_id  uuid REFERENCES principals (id),
  created_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at  timestamptz(6) NOT NULL,
  used_at     timestamptz(6),
  replaced_at timestamptz(6)
);
CREATE UNIQUE INDEX factor_passes_open_key ON factor_passes (user_id) WHERE used_at IS NULL AND replaced_at IS NULL;
CREATE INDEX factor_passes_made_by_idx ON factor_passes (made_by_id);
GRANT SELECT, INSERT (user_id, pass_hash, made_by_id, expires_at), UPDATE (used_at, replaced_at) ON factor_passes
  TO postern_app;

-- A pass is made, used and revoked with an event about its person. One that was used or replaced stays so.
CREATE FUNCTION factor_pass_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.used_at IS NOT NULL OR OLD.replaced_at IS NOT NULL) THEN
    RAISE EXCEPTION 'what was used or replaced stays so' USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
  END IF;
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.target_id = NEW.user_id AND e.outcome = 'Success'
    AND e.kind || '' = ANY (CASE WHEN TG_OP = 'INSERT' THEN '{FactorPassIssued,OwnerSetUp}'::text[]
      WHEN NEW.used_at IS NOT NULL THEN '{AuthenticatorEnrolled,PasskeyRegistered}'::text[]
      ELSE '{FactorPassIssued,FactorPassRevoked,PrincipalDisabled}'::text[] END);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION factor_pass_needs_event() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER factor_passes_need_event AFTER INSERT OR UPDATE ON factor_passes
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION factor_pass_needs_event();

-- The pass with which a factor was asked for that waits to be confirmed, and from when a confirmed one counts.
ALTER TABLE totp_factors
  ADD COLUMN pass_id uuid REFERENCES factor_passes (id),
  ADD COLUMN counts_from timestamptz(6);
CREATE INDEX totp_factors_pass_idx ON totp_factors (pass_id) WHERE pass_id IS NOT NULL;
GRANT INSERT (pass_id), UPDATE (counts_from) ON totp_factors TO postern_app;
ALTER TABLE passkey_registrations ADD COLUMN pass_id uuid REFERENCES factor_passes (id);
CREATE INDEX passkey_registrations_pass_idx ON passkey_registrations (pass_id) WHERE pass_id IS NOT NULL;
ALTER TABLE passkeys ADD COLUMN counts_from timestamptz(6);
GRANT INSERT (pass_id) ON passkey_registrations TO postern_app;
GRANT INSERT (counts_from) ON passkeys TO postern_app;

-- A factor that still waits proves nothing, whoever asks for the proof.
CREATE FUNCTION refuse_waiting_factor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM totp_factors WHERE id = NEW.factor_id AND counts_from > postern_time())
    OR EXISTS (SELECT FROM passkeys WHERE id = NEW.passkey_id AND counts_from > postern_time()) THEN
    RAISE EXCEPTION 'this factor does not count yet' USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION refuse_waiting_factor() FROM PUBLIC;
CREATE TRIGGER refuse_waiting_factor BEFORE INSERT ON step_up_proofs
  FOR EACH ROW EXECUTE FUNCTION refuse_waiting_factor();

-- The same as before; a one-time pass is a part of a sign-in as well.
-- Whether a person, or a group above them, got access, a membership, an account or a sign-in from `giver` since a moment:
-- directly, or by others who got theirs so. Whoever gave is looked up backwards from the person, since a person has few
-- groups and a group may have many people. With `sign_in`, only their own sign-in or second factor counts.
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
        SELECT DISTINCT e.actor_id FROM audit_events e
        WHERE e.target_id = s.id AND e.occurred_at >= since AND e.outcome = 'Success' AND e.actor_id IS NOT NULL
          AND (e.kind IN ('SignInIssued', 'AuthenticatorReset', 'FactorPassIssued') OR (NOT (s.own AND sign_in) AND e.kind IN (
            'EligibleAssignmentAdded', 'EligibleAssignmentUpdated', 'EligibleAssignmentExtended',
            'EligibleAssignmentRenewed', 'ActiveAssignmentAdded', 'ActiveAssignmentUpdated',
            'ActiveAssignmentExtended', 'ActiveAssignmentRenewed', 'ExtensionApproved', 'RenewalApproved',
            'GroupMemberAdded', 'PrincipalCreated', 'PrincipalEnabled')))
        OFFSET 0) e
      CROSS JOIN LATERAL (SELECT e.actor_id AS id UNION SELECT principal_and_groups(e.actor_id)) gave
    )
    SELECT FROM sources WHERE sources.id = giver AND NOT sources.own);
END $$;
