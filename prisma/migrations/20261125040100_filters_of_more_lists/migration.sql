-- Filters of all assignments, and of people, can be kept by name as well.
ALTER TABLE saved_filters
  DROP CONSTRAINT saved_filters_list_check,
  ADD CONSTRAINT saved_filters_list_check CHECK (list IN ('audit', 'resources', 'assignments', 'access', 'people'));
