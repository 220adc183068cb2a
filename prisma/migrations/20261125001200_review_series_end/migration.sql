-- When a series of access reviews ends: after so many times, at a date, or when an administrator ends it. The same in
-- every review of a series.
ALTER TABLE access_reviews
  ADD COLUMN series_times integer CHECK (series_times > 0),
  ADD COLUMN series_until timestamptz(6),
  ADD COLUMN series_ended_at timestamptz(6),
  ADD COLUMN series_ended_by_id uuid REFERENCES principals (id),
  ADD CONSTRAINT access_reviews_series_end CHECK (series_times IS NULL OR series_until IS NULL),
  ADD CONSTRAINT access_reviews_series_ended CHECK ((series_ended_at IS NULL) = (series_ended_by_id IS NULL));
