-- For the figures of the dashboard among a million assignments: activations by day, and what is new.
CREATE INDEX assignments_starts_idx ON assignments (starts_at);
CREATE INDEX assignments_created_idx ON assignments (created_at);
CREATE INDEX eligibilities_created_idx ON eligibilities (created_at);
