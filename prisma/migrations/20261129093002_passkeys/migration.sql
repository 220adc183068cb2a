-- Passkeys (docs/decisions/passkeys.md): one row for each that a person registered, kept once removed since it may have
-- proved something. `counter` is the newest signature count that it told; zero if it counts none.
CREATE TABLE passkeys (
  id              uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id         uuid NOT NULL REFERENCES principals (id),
  credential_id   bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
  public_key      bytea NOT NULL CHECK (octet_length(public_key) BETWEEN 1 AND 2048),
  counter         bigint NOT NULL CHECK (counter >= 0),
  transports      text[] NOT NULL DEFAULT '{}' CHECK (cardinality(transports) <= 10),
  backup_eligible boolean NOT NULL,
  backed_up       boolean NOT NULL,
  name            text NOT NULL CHECK (name <> '' AND char_length(name) <= 60),
  created_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_used_at    timestamptz(6),
  removed_at      timestamptz(6)
);
CREATE INDEX passkeys_user_id_idx ON passkeys (user_id) WHERE removed_at IS NULL;

-- What waits to be registered: one for each session, with the challenge that the authenticator answers, and the proof of
-- a factor in force by which it was asked for.
CREATE TABLE passkey_registrations (
  session_id uuid PRIMARY KEY REFERENCES sessions (id),
  user_id    uuid NOT NULL REFERENCES principals (id),
  challenge  bytea NOT NULL CHECK (octet_length(challenge) = 32),
  proof_id   uuid REFERENCES step_up_proofs (id),
  created_at timestamptz(6) NOT NULL DEFAULT postern_now()
);
CREATE INDEX passkey_registrations_user_id_idx ON passkey_registrations (user_id);

-- A challenge that a passkey may meet: what it signs is made of the challenge, the digest and this random value, and the
-- operation's text goes to the log with the signature. Null for people without a passkey.
ALTER TABLE step_up_challenges
  ADD COLUMN passkey_random bytea CHECK (octet_length(passkey_random) = 32),
  ADD COLUMN passkey_operation text CHECK (octet_length(passkey_operation) <= 500000),
  ADD CONSTRAINT step_up_challenges_passkey_whole CHECK ((passkey_random IS NULL) = (passkey_operation IS NULL));
ALTER TABLE step_up_proofs ADD COLUMN passkey_id uuid REFERENCES passkeys (id);

-- Whose a passkey is and which key it has never changes.
GRANT SELECT,
  INSERT (user_id, credential_id, public_key, counter, transports, backup_eligible, backed_up, name, created_at),
  UPDATE (counter, backed_up, name, last_used_at, removed_at) ON passkeys TO postern_app;
GRANT SELECT, DELETE, INSERT (session_id, user_id, challenge, proof_id, created_at), UPDATE (session_id)
  ON passkey_registrations TO postern_app;
GRANT INSERT (passkey_random, passkey_operation) ON step_up_challenges TO postern_app;

-- The same as before, for a passkey of the person in force as well.
CREATE OR REPLACE FUNCTION make_step_up_proof(challenge uuid, prover uuid, in_session uuid, proved_by step_up_method, by_factor uuid)
RETURNS TABLE (proof_id uuid, proof_method step_up_method)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    INSERT INTO step_up_proofs AS p
      (challenge_id, user_id, session_id, operation_digest, method, factor_id, passkey_id, created_at, expires_at)
    SELECT c.id, c.user_id, c.session_id, c.operation_digest, proved_by, f.id, k.id,
      postern_now(), postern_now() + interval '5 minutes'
    FROM step_up_challenges c
    JOIN sessions s ON s.id = c.session_id AND s.user_id = c.user_id
    LEFT JOIN totp_factors f ON f.user_id = c.user_id AND proved_by <> 'Passkey'
      AND f.id = by_factor AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL
    LEFT JOIN passkeys k ON k.user_id = c.user_id AND proved_by = 'Passkey'
      AND k.id = by_factor AND k.removed_at IS NULL
    WHERE c.id = challenge AND c.user_id = prover AND c.session_id = in_session AND c.expires_at > postern_now()
      AND c.created_at > postern_now() - interval '10 minutes'
      AND s.ended_at IS NULL AND s.expires_at > postern_now()
      AND (f.id IS NOT NULL OR k.id IS NOT NULL)
    ON CONFLICT DO NOTHING
    RETURNING p.id, p.method;
END $$;

-- The same as before. A proof by a passkey ends with that passkey.
CREATE OR REPLACE FUNCTION spend_step_up_proof(proof uuid, prover uuid, in_session uuid, digest bytea)
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
  SELECT k.removed_at INTO removed FROM passkeys k WHERE k.id = made.passkey_id FOR SHARE;
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

-- What waits to be registered ends with its session, and when the password changes by which it may have been asked for
-- or a way to sign in is issued, as for authenticator apps.
CREATE FUNCTION drop_pending_passkeys() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'sessions' THEN
    DELETE FROM passkey_registrations WHERE session_id = NEW.id;
  ELSE
    DELETE FROM passkey_registrations WHERE user_id = NEW.user_id;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION drop_pending_passkeys() FROM PUBLIC;
CREATE TRIGGER drop_pending_passkeys AFTER UPDATE OF ended_at ON sessions
  FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION drop_pending_passkeys();
CREATE TRIGGER drop_pending_passkeys AFTER INSERT OR UPDATE OF hash, must_change, expires_at ON password_credentials
  FOR EACH ROW EXECUTE FUNCTION drop_pending_passkeys();
CREATE TRIGGER drop_pending_passkeys AFTER INSERT ON password_tickets
  FOR EACH ROW EXECUTE FUNCTION drop_pending_passkeys();

-- A passkey is registered, renamed and removed with an event about its person in the same transaction. One that was
-- removed stays so, and no counter goes back.
CREATE FUNCTION passkey_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.removed_at IS NOT NULL OR NEW.counter < OLD.counter) THEN
    RAISE EXCEPTION 'a passkey that was removed stays so, and no counter goes back'
      USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.removed_at IS NOT DISTINCT FROM NEW.removed_at AND OLD.name = NEW.name THEN
    RETURN NULL;
  END IF;
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.target_id = NEW.user_id AND e.outcome = 'Success'
    AND e.kind || '' = ANY (CASE WHEN TG_OP = 'INSERT' THEN '{PasskeyRegistered}'::text[]
      WHEN NEW.removed_at IS NULL THEN '{PasskeyRenamed}'::text[] ELSE '{PasskeyRemoved,AuthenticatorReset}'::text[] END);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'passkey_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION passkey_needs_event() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER passkeys_need_event AFTER INSERT OR UPDATE ON passkeys
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION passkey_needs_event();
