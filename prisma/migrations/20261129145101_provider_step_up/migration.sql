-- What the evidence of a step-up is made of: a passkey signs it, a provider's ID token has it as its nonce.
ALTER TABLE step_up_challenges RENAME COLUMN passkey_random TO evidence_random;
ALTER TABLE step_up_challenges RENAME COLUMN passkey_operation TO evidence_operation;
ALTER TABLE step_up_challenges RENAME CONSTRAINT step_up_challenges_passkey_whole TO step_up_challenges_evidence_whole;

-- The way to a provider that a challenge is on: one at a time. Its state, of which only a hash is stored, is taken by the
-- first answer.
ALTER TABLE step_up_challenges
  ADD COLUMN provider_issuer text CHECK (provider_issuer <> '' AND char_length(provider_issuer) <= 500),
  ADD COLUMN provider_begun_at timestamptz(6),
  ADD COLUMN provider_state_hash bytea UNIQUE CHECK (octet_length(provider_state_hash) = 32),
  ADD CONSTRAINT step_up_challenges_provider_whole CHECK ((provider_issuer IS NULL) = (provider_begun_at IS NULL)
    AND (provider_state_hash IS NULL OR (provider_issuer IS NOT NULL AND evidence_random IS NOT NULL)));
GRANT UPDATE (provider_issuer, provider_begun_at, provider_state_hash) ON step_up_challenges TO postern_app;

-- A proof ends with the link by which it was made.
ALTER TABLE step_up_proofs
  ADD COLUMN identity_link_id uuid REFERENCES identity_links (id) ON DELETE SET NULL;
CREATE INDEX step_up_proofs_identity_link_idx ON step_up_proofs (identity_link_id) WHERE identity_link_id IS NOT NULL;

-- Whether somebody's link counts for a step-up now. One that they made themselves took a code. Any other may be their
-- first factor, and waits as long as a first factor does.
CREATE FUNCTION link_counts(link uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT l.created_by_id IS NOT DISTINCT FROM l.principal_id
    OR l.created_at + make_interval(hours => r.factor_waits_hours) <= postern_now()
  FROM identity_links l, sign_in_rules r WHERE l.id = link
$$;
REVOKE ALL ON FUNCTION link_counts(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION link_counts(uuid) TO postern_app;

-- The same as before, for a person's link to a provider as well.
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
    ON CONFLICT DO NOTHING
    RETURNING p.id, p.method;
END $$;

-- The same as before. A proof by a provider ends with the link.
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
  IF made.method = 'RecoveryCode' AND EXISTS (
    SELECT FROM recovery_codes c WHERE c.user_id = prover AND c.created_at > made.created_at) THEN RETURN; END IF;
  RETURN QUERY
    UPDATE step_up_proofs p SET spent_at = postern_time()
    WHERE p.id = proof AND p.spent_at IS NULL AND p.expires_at > postern_time()
    RETURNING p.id, p.method;
END $$;
