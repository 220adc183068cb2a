-- The settings of a role at these resources, locked as a reader locks them, in the order of the resources' ids. Those that
-- nobody has edited are made first, so that there is something to lock. One statement, so that what comes after it can be
-- sent together with it (docs/decisions/speed.md).
CREATE FUNCTION lock_role_settings(role uuid, places uuid[]) RETURNS SETOF role_management_policies
LANGUAGE plpgsql VOLATILE ROWS 3 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (SELECT count(*) FROM role_management_policies p WHERE p.role_definition_id = role AND p.resource_id = ANY (places))
    < cardinality(places)
  THEN
    INSERT INTO role_management_policies (resource_id, role_definition_id)
    SELECT place, role FROM unnest(places) AS place ORDER BY place
    ON CONFLICT (resource_id, role_definition_id) DO NOTHING;
  END IF;
  RETURN QUERY SELECT p.* FROM role_management_policies p
    WHERE p.role_definition_id = role AND p.resource_id = ANY (places) ORDER BY p.resource_id FOR SHARE;
END $$;

-- The same as before. What a proof does not rest on is not looked for: a question about nothing is planned each time.
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
  IF made.factor_id IS NOT NULL THEN
    SELECT f.removed_at INTO removed FROM totp_factors f WHERE f.id = made.factor_id FOR SHARE;
    IF removed IS NOT NULL THEN RETURN; END IF;
  END IF;
  IF made.passkey_id IS NOT NULL THEN
    SELECT k.removed_at INTO removed FROM passkeys k WHERE k.id = made.passkey_id FOR SHARE;
    IF removed IS NOT NULL THEN RETURN; END IF;
  END IF;
  IF made.method IN ('IdentityProvider', 'PhishingResistantProvider') THEN
    PERFORM FROM identity_links l WHERE l.id = made.identity_link_id FOR SHARE;
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  -- Asked after the locks, so that what ended meanwhile is seen.
  PERFORM FROM sessions s WHERE s.id = in_session AND s.ended_at IS NULL;
  IF NOT FOUND THEN RETURN; END IF;
  IF NOT method_accepted(made.method) THEN RETURN; END IF;
  IF made.method = 'RecoveryCode' THEN
    IF EXISTS (SELECT FROM recovery_codes c WHERE c.user_id = prover AND c.created_at > made.created_at) THEN RETURN; END IF;
  END IF;
  RETURN QUERY
    UPDATE step_up_proofs p SET spent_at = postern_time()
    WHERE p.id = proof AND p.spent_at IS NULL AND p.expires_at > postern_time()
    RETURNING p.id, p.method;
END $$;
