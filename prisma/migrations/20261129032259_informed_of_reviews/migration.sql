-- Whom a review notifies when it ends, besides its administrator: people who may read assignments there at that moment.
CREATE TABLE access_review_informed (
  review_id    uuid NOT NULL REFERENCES access_reviews (id),
  principal_id uuid NOT NULL REFERENCES principals (id),
  PRIMARY KEY (review_id, principal_id)
);
GRANT SELECT, INSERT, DELETE ON access_review_informed TO postern_app;

-- As before, with the people who would have been notified.
CREATE OR REPLACE FUNCTION delete_planned_review(review uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM access_reviews v
  WHERE v.id = review AND v.state = 'NotStarted' AND v.begun_at IS NULL AND v.occurrence = 0 FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  DELETE FROM access_review_roles o WHERE o.review_id = review;
  DELETE FROM access_review_named_reviewers n WHERE n.review_id = review;
  DELETE FROM access_review_informed i WHERE i.review_id = review;
  DELETE FROM access_reviews v WHERE v.id = review;
  RETURN true;
END $$;
