-- Proofs are made and spent by these two functions alone: the application's role may read the table and call them.
-- So a stolen login of the application can neither write a proof for another person, session or operation than its
-- challenge names, nor lengthen one, nor use one twice. Whether a code was right is for the application to check.

-- Makes the proof that a challenge was met. No row when there is no such challenge of this person in this session, or
-- it has expired or was met already, the session has ended, or the factor is not one of theirs in force.
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

-- Spends a proof of this person, in this session, for the operation of this digest. No row when there is no such proof
-- or it was spent or has expired. Undone with the transaction that called it.
CREATE FUNCTION spend_step_up_proof(proof uuid, prover uuid, in_session uuid, digest bytea)
RETURNS TABLE (proof_id uuid, proof_method step_up_method)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    UPDATE step_up_proofs p SET spent_at = postern_now()
    WHERE p.id = proof AND p.user_id = prover AND p.session_id = in_session AND p.operation_digest = digest
      AND p.spent_at IS NULL AND p.expires_at > postern_now()
    RETURNING p.id, p.method;
END $$;

REVOKE ALL ON FUNCTION
  make_step_up_proof(uuid, uuid, uuid, step_up_method, uuid), spend_step_up_proof(uuid, uuid, uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  make_step_up_proof(uuid, uuid, uuid, step_up_method, uuid), spend_step_up_proof(uuid, uuid, uuid, bytea) TO postern_app;
REVOKE INSERT, UPDATE ON step_up_proofs FROM postern_app;

-- What a person was asked to confirm is not changed. (The right to lock the row comes with the right to one column.)
REVOKE INSERT, UPDATE ON step_up_challenges FROM postern_app;
GRANT INSERT (user_id, session_id, operation, operation_digest, expires_at), UPDATE (id)
  ON step_up_challenges TO postern_app;
