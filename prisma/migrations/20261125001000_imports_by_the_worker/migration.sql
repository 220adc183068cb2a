-- The worker applies what an administrator has confirmed. While there is a confirmation, the import goes on; taking it
-- back stops it, with the reason. What was under way from a page before now has none, and waits to be confirmed.
ALTER TABLE imports
  ADD COLUMN confirmed_at    timestamptz(6),
  ADD COLUMN confirmed_by_id uuid REFERENCES principals (id),
  -- The proof that the confirmation has spent, for exactly the rows of the digest.
  ADD COLUMN proof_id        uuid REFERENCES step_up_proofs (id),
  ADD COLUMN stop_reason     text,
  ADD COLUMN failures        integer NOT NULL DEFAULT 0,
  ADD CHECK ((confirmed_at IS NULL) = (confirmed_by_id IS NULL)),
  ADD CHECK (proof_id IS NULL OR confirmed_at IS NOT NULL);
CREATE INDEX imports_due_idx ON imports (confirmed_at, id) WHERE status = 'Applying' AND confirmed_at IS NOT NULL;
