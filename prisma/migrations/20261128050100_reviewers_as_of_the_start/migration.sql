-- An occurrence starts only while its administrator could start it; until then it is held for another to take over.
ALTER TABLE access_reviews
  ADD COLUMN start_held_at timestamptz(6),
  ADD COLUMN taken_over_by_id uuid REFERENCES principals (id),
  ADD COLUMN taken_over_at timestamptz(6),
  -- When an administrator applied decisions of reviewers who came by their say after the review began.
  ADD COLUMN late_decisions_accepted_at timestamptz(6),
  ADD CONSTRAINT access_reviews_taken_over CHECK ((taken_over_by_id IS NULL) = (taken_over_at IS NULL));

-- The manager when the review began is the one who is asked.
ALTER TABLE access_review_items
  ADD COLUMN manager_id uuid REFERENCES principals (id),
  ADD COLUMN decided_late boolean NOT NULL DEFAULT false;
UPDATE access_review_items i SET manager_id = p.manager_id
FROM principals p, access_reviews v
WHERE p.id = i.principal_id AND v.id = i.review_id AND v.state = 'InProgress' AND p.manager_id IS NOT NULL;

-- As before, but a manager decides only if they were the manager when the review began and are it still; what such a
-- manager cannot decide falls to the named reviewers. Without a search_path of its own, so that it can be inlined.
CREATE OR REPLACE FUNCTION reviewable_items(reviewer uuid, review uuid) RETURNS SETOF access_review_items
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(reviewer) AS r (id)),
  own (id) AS (
    SELECT reviewer
    UNION
    SELECT m.group_id FROM own JOIN group_members m ON m.member_id = own.id
  ),
  asked AS MATERIALIZED (
    SELECT v.id, v.reviewers, EXISTS (
      SELECT FROM access_review_named_reviewers n JOIN reached ON reached.id = n.principal_id
      WHERE n.review_id = v.id) AS named
    FROM access_reviews v
    WHERE (v.id = review OR (review IS NULL AND v.state = 'InProgress')) AND EXISTS (SELECT FROM reached)
  )
  SELECT i.* FROM access_review_items i JOIN asked v ON v.id = i.review_id
  WHERE v.reviewers = 'Members' AND i.principal_id = reviewer
  UNION ALL
  SELECT i.* FROM principals p JOIN access_review_items i ON i.principal_id = p.id JOIN asked v ON v.id = i.review_id
  WHERE v.reviewers = 'Managers' AND p.manager_id = reviewer AND i.manager_id = reviewer
    AND p.id NOT IN (SELECT id FROM own)
  UNION ALL
  SELECT i.* FROM asked v
  JOIN access_review_items i ON i.review_id = v.id
  JOIN principals p ON p.id = i.principal_id
  LEFT JOIN principals m ON m.id = p.manager_id AND m.id = i.manager_id AND m.disabled_at IS NULL
  WHERE v.named AND p.id NOT IN (SELECT id FROM own) AND CASE v.reviewers
    WHEN 'Members' THEN p.type <> 'User' OR p.disabled_at IS NOT NULL
    WHEN 'Managers' THEN m.id IS NULL
    ELSE true END
$$;
