-- What is open, in the order in which it is listed: whoever takes the first few reads no more than those.
CREATE INDEX request_approvals_open_idx ON request_approvals (request_id) WHERE closed_at IS NULL;
