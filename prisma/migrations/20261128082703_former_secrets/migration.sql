-- Each secret before a step-up is good for a minute of its own, also when another step-up follows within that minute: a
-- browser that heard the answer of neither stays signed in that long.
ALTER TABLE sessions
  ADD COLUMN former_hashes bytea[] NOT NULL DEFAULT '{}',
  ADD COLUMN former_until timestamptz(6)[] NOT NULL DEFAULT '{}',
  DROP COLUMN previous_secret_hash,
  DROP COLUMN rotated_at;

-- Spends a proof, as before; it ends with the session that it was made in, and one by a recovery code with those codes.
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
