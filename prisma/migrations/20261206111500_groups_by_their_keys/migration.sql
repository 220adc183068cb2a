-- The same as before. Each group is found by its keys, whatever PostgreSQL knows of the tables. A plan made without statistics
-- went through all principals and asked for the members of each, and each activation asks three times (docs/decisions/speed.md).
CREATE OR REPLACE FUNCTION principal_and_groups(principal uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH RECURSIVE reached (id) AS (
      SELECT p.id FROM principals p WHERE p.id = principal AND p.disabled_at IS NULL
      UNION
      SELECT m.group_id FROM reached r
        CROSS JOIN LATERAL (SELECT y.group_id FROM group_members y WHERE y.member_id = r.id OFFSET 0) m
        CROSS JOIN LATERAL (SELECT FROM principals g WHERE g.id = m.group_id AND g.disabled_at IS NULL OFFSET 0) g
    )
    SELECT r.id FROM reached r;
END $$;
