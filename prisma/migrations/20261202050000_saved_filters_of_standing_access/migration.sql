-- Filters of Reduce standing access can be saved, as those of other lists.
ALTER TABLE saved_filters DROP CONSTRAINT saved_filters_list_check;
ALTER TABLE saved_filters ADD CONSTRAINT saved_filters_list_check
  CHECK (list IN ('audit', 'resources', 'assignments', 'access', 'people', 'standing'));
