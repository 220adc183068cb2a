-- All access in the order of its end, what is permanent being last: the key of the list's pages.
CREATE INDEX eligibilities_end_idx ON eligibilities ((coalesce(ends_at, 'infinity'::timestamptz)), id);
CREATE INDEX assignments_end_idx ON assignments ((coalesce(ends_at, 'infinity'::timestamptz)), id);
