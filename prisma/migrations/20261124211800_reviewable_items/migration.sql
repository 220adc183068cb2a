-- The same answer as before by three paths, each starting from what is few: the reviewer's own items, those of the
-- people whose manager they are, and the reviews that name them. Home asks this at every visit, so that it must not
-- read every item of every review in progress.
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
  WHERE v.reviewers = 'Managers' AND p.manager_id = reviewer AND p.id NOT IN (SELECT id FROM own)
  UNION ALL
  SELECT i.* FROM asked v
  JOIN access_review_items i ON i.review_id = v.id
  JOIN principals p ON p.id = i.principal_id
  LEFT JOIN principals m ON m.id = p.manager_id AND m.disabled_at IS NULL
  WHERE v.named AND p.id NOT IN (SELECT id FROM own) AND CASE v.reviewers
    WHEN 'Members' THEN p.type <> 'User' OR p.disabled_at IS NOT NULL
    WHEN 'Managers' THEN m.id IS NULL
    ELSE true END
$$;
