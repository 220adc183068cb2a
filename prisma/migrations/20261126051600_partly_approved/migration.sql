-- Whether an approval that was given still counts is asked with every list of what waits; few wait with one given.
CREATE INDEX request_approvals_partly_given_idx ON request_approvals (request_id)
  WHERE closed_at IS NULL AND cardinality(given_by) > 0;
