-- Lists of members can be read in the order of their start; the id tells those apart that start together.
CREATE INDEX eligibilities_resource_start_idx ON eligibilities (resource_id, starts_at, id);
CREATE INDEX assignments_resource_start_idx ON assignments (resource_id, starts_at, id);
-- Replaced by the one above.
DROP INDEX assignments_resource_starts_idx;
