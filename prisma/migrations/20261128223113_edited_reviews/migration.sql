ALTER TYPE access_review_recurrence ADD VALUE 'SemiAnnually' BEFORE 'Yearly';

-- `version` counts the edits. `asked_again_at`: when an administrator last reminded the reviewers.
-- `inactive_days`: only access that nobody used for so many days is under review.
ALTER TABLE access_reviews
  ADD COLUMN version integer NOT NULL DEFAULT 1,
  ADD COLUMN description text CHECK (description <> '' AND length(description) <= 2000),
  ADD COLUMN inactive_days integer CHECK (inactive_days BETWEEN 1 AND 365),
  ADD COLUMN asked_again_at timestamptz(6);

-- An edit takes reviewers out.
GRANT DELETE ON access_review_named_reviewers TO postern_app;

-- Deletes a review that was planned and of whose series nothing has begun, so that nobody decided anything. The
-- application's role may delete no other review. Returns whether there was one.
CREATE FUNCTION delete_planned_review(review uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM access_reviews v
  WHERE v.id = review AND v.state = 'NotStarted' AND v.begun_at IS NULL AND v.occurrence = 0 FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  DELETE FROM access_review_roles o WHERE o.review_id = review;
  DELETE FROM access_review_named_reviewers n WHERE n.review_id = review;
  DELETE FROM access_reviews v WHERE v.id = review;
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION delete_planned_review(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_planned_review(uuid) TO postern_app;
