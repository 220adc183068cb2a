-- Wrong passwords, codes and tokens are counted under other keys from now on (lib/domain/throttle.ts): by account and
-- address together, by known device, by session. Some counts run out little by little, so they are not whole numbers.
-- `refused` counts attempts that were refused unseen since the log last told of them, at `told_at`. A
-- count is forgotten after `forget_at`.
DELETE FROM sign_in_throttles;
DROP INDEX sign_in_throttles_updated_at_idx;
ALTER TABLE sign_in_throttles
  ALTER COLUMN failures TYPE double precision,
  ADD COLUMN refused integer NOT NULL DEFAULT 0,
  ADD COLUMN told_at timestamptz(6),
  ADD COLUMN forget_at timestamptz(6) NOT NULL DEFAULT postern_now() + interval '2 hours';
CREATE INDEX sign_in_throttles_forget_at_idx ON sign_in_throttles (forget_at);

-- What was confirmed is known by its digest. Of challenges no longer than a day is kept; proofs stay with the log.
ALTER TABLE step_up_proofs DROP CONSTRAINT step_up_proofs_challenge_id_fkey;
CREATE INDEX step_up_challenges_session_id_idx ON step_up_challenges (session_id, created_at);
CREATE INDEX step_up_challenges_expires_at_idx ON step_up_challenges (expires_at);
ALTER TABLE step_up_challenges ADD CONSTRAINT step_up_challenges_operation_size
  CHECK (length(operation::text) <= 500) NOT VALID;
GRANT DELETE ON step_up_challenges TO postern_app;
