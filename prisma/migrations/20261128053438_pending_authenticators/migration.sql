-- A key that waits to be confirmed belongs to the session that asked for it, and says by which proof of the former
-- factor it was asked for. Keys that wait now belong to nobody: they go.
DELETE FROM totp_factors WHERE confirmed_at IS NULL;
ALTER TABLE totp_factors
  ADD COLUMN session_id uuid REFERENCES sessions (id),
  ADD COLUMN proof_id uuid REFERENCES step_up_proofs (id),
  ADD CONSTRAINT totp_factors_pending_session CHECK (confirmed_at IS NOT NULL OR session_id IS NOT NULL);
CREATE INDEX totp_factors_session_id_idx ON totp_factors (session_id) WHERE confirmed_at IS NULL;

-- A key that waits ends with its session, whatever ends that.
CREATE FUNCTION drop_pending_factors_of_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM totp_factors WHERE session_id = NEW.id AND confirmed_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER drop_pending_factors AFTER UPDATE OF ended_at ON sessions
  FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION drop_pending_factors_of_session();

-- It ends too with the password by which it may have been asked for, and with any way to sign in that is issued.
CREATE FUNCTION drop_pending_factors_of_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM totp_factors WHERE user_id = NEW.user_id AND confirmed_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER drop_pending_factors AFTER INSERT OR UPDATE OF hash, must_change, expires_at ON password_credentials
  FOR EACH ROW EXECUTE FUNCTION drop_pending_factors_of_user();
CREATE TRIGGER drop_pending_factors AFTER INSERT ON password_tickets
  FOR EACH ROW EXECUTE FUNCTION drop_pending_factors_of_user();

GRANT DELETE ON totp_factors TO postern_app;
-- What has counted once is kept: it may have proved something.
CREATE FUNCTION keep_confirmed_factors() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'an authenticator app that has counted is kept' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep_confirmed BEFORE DELETE ON totp_factors
  FOR EACH ROW WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION keep_confirmed_factors();

-- The time of this very moment, for whoever has just waited for a lock: `postern_now()` tells when the statement began.
CREATE FUNCTION postern_time() RETURNS timestamptz LANGUAGE sql VOLATILE
RETURN CASE WHEN coalesce(current_setting('postern.now', true), '') = '' THEN clock_timestamp() ELSE postern_now() END;

-- Spends a proof, as before; it ends with the factor that made it, and the time is told once its lock is had.
CREATE OR REPLACE FUNCTION spend_step_up_proof(proof uuid, prover uuid, in_session uuid, digest bytea)
RETURNS TABLE (proof_id uuid, proof_method step_up_method)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  by_factor uuid;
  removed timestamptz;
BEGIN
  SELECT p.factor_id INTO by_factor FROM step_up_proofs p
  WHERE p.id = proof AND p.user_id = prover AND p.session_id = in_session AND p.operation_digest = digest FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT f.removed_at INTO removed FROM totp_factors f WHERE f.id = by_factor FOR SHARE;
  IF removed IS NOT NULL THEN RETURN; END IF;
  RETURN QUERY
    UPDATE step_up_proofs p SET spent_at = postern_time()
    WHERE p.id = proof AND p.spent_at IS NULL AND p.expires_at > postern_time()
    RETURNING p.id, p.method;
END $$;
