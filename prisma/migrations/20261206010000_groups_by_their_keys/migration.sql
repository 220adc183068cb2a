-- A user and the groups that they reach: the same as before. The memberships of each are looked up by the member, and each
-- group by its id, whatever the planner knew of the tables when it made the plan. A plan made while there were few people
-- read all of them and asked for the members of each, and each activation asks three times (docs/decisions/speed.md).
CREATE OR REPLACE FUNCTION principal_and_groups(principal uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH RECURSIVE reached (id) AS (
      SELECT p.id FROM principals p WHERE p.id = principal AND p.disabled_at IS NULL
      UNION
      SELECT g.id FROM reached r
        CROSS JOIN LATERAL (SELECT m.group_id FROM group_members m WHERE m.member_id = r.id OFFSET 0) m
        CROSS JOIN LATERAL (
          SELECT p.id FROM principals p WHERE p.id = m.group_id AND p.disabled_at IS NULL OFFSET 0) g
    )
    SELECT r.id FROM reached r;
END $$;
