-- The action that gave an item its recommended decision, so that it can be undone as a whole. Null for a decision given by
-- hand, and again once somebody changes it.
ALTER TABLE access_review_items ADD COLUMN recommended_in uuid,
  ADD CONSTRAINT access_review_items_recommended_in_check CHECK (recommended_in IS NULL OR decision IS NOT NULL);
CREATE INDEX access_review_items_recommended_in_idx ON access_review_items (recommended_in)
  WHERE recommended_in IS NOT NULL;
