-- Whether codes of authenticator apps are accepted, and with them their recovery codes (docs/decisions/sign-in-rules.md).
ALTER TABLE sign_in_rules ADD COLUMN authenticator_apps_confirm boolean NOT NULL DEFAULT true;
GRANT UPDATE (authenticator_apps_confirm) ON sign_in_rules TO postern_app;

-- The second factors of Postern's own that are accepted now: the one place that says it. A view, and no function, since the
-- planner looks through it: a count over everybody hashes it, and one person costs two probes of an index.
CREATE VIEW factors_in_force WITH (security_invoker = true) AS
  SELECT f.id, f.user_id, 'App'::text AS kind, f.counts_from FROM totp_factors f
  WHERE f.confirmed_at IS NOT NULL AND f.removed_at IS NULL AND (SELECT authenticator_apps_confirm FROM sign_in_rules)
  UNION ALL
  SELECT k.id, k.user_id, 'Passkey'::text, k.counts_from FROM passkeys k WHERE k.removed_at IS NULL;
GRANT SELECT ON factors_in_force TO postern_app;

-- Whether the rules accept this method of proving now.
CREATE FUNCTION method_accepted(method step_up_method) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE method
    WHEN 'Totp' THEN r.authenticator_apps_confirm
    WHEN 'RecoveryCode' THEN r.authenticator_apps_confirm AND r.recovery_codes_confirm
    ELSE true END
  FROM sign_in_rules r
$$;
REVOKE ALL ON FUNCTION method_accepted(step_up_method) FROM PUBLIC;

-- The same as before. Nothing is made of a code that the rules do not accept.
CREATE OR REPLACE FUNCTION make_step_up_proof(challenge uuid, prover uuid, in_session uuid, proved_by step_up_method, by_factor uuid)
RETURNS TABLE (proof_id uuid, proof_method step_up_method)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    INSERT INTO step_up_proofs AS p
      (challenge_id, user_id, session_id, operation_digest, method, factor_id, passkey_id, identity_link_id, created_at, expires_at)
    SELECT c.id, c.user_id, c.session_id, c.operation_digest, proved_by, f.id, k.id, l.id,
      postern_now(), postern_now() + interval '5 minutes'
    FROM step_up_challenges c
    JOIN sessions s ON s.id = c.session_id AND s.user_id = c.user_id
    LEFT JOIN totp_factors f ON f.user_id = c.user_id AND proved_by IN ('Totp', 'RecoveryCode')
      AND f.id = by_factor AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL
    LEFT JOIN passkeys k ON k.user_id = c.user_id AND proved_by = 'Passkey'
      AND k.id = by_factor AND k.removed_at IS NULL
    LEFT JOIN identity_links l ON l.principal_id = c.user_id
      AND proved_by IN ('IdentityProvider', 'PhishingResistantProvider')
      AND l.id = by_factor AND l.issuer = c.provider_issuer AND link_counts(l.id)
    WHERE c.id = challenge AND c.user_id = prover AND c.session_id = in_session AND c.expires_at > postern_now()
      AND c.created_at > postern_now() - interval '10 minutes'
      AND s.ended_at IS NULL AND s.expires_at > postern_now()
      AND (f.id IS NOT NULL OR k.id IS NOT NULL OR l.id IS NOT NULL)
      AND method_accepted(proved_by)
    ON CONFLICT DO NOTHING
    RETURNING p.id, p.method;
END $$;

-- The same as before. A proof by a code ends when the rules stop accepting such codes.
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
  IF made.method IN ('IdentityProvider', 'PhishingResistantProvider') THEN
    PERFORM FROM identity_links l WHERE l.id = made.identity_link_id FOR SHARE;
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  -- Asked after the locks, so that what ended meanwhile is seen.
  PERFORM FROM sessions s WHERE s.id = in_session AND s.ended_at IS NULL;
  IF NOT FOUND THEN RETURN; END IF;
  IF NOT method_accepted(made.method) THEN RETURN; END IF;
  IF made.method = 'RecoveryCode' AND EXISTS (
    SELECT FROM recovery_codes c WHERE c.user_id = prover AND c.created_at > made.created_at) THEN RETURN; END IF;
  RETURN QUERY
    UPDATE step_up_proofs p SET spent_at = postern_time()
    WHERE p.id = proof AND p.spent_at IS NULL AND p.expires_at > postern_time()
    RETURNING p.id, p.method;
END $$;
