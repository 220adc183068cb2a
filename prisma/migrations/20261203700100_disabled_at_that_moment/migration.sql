-- Who somebody was at a moment: nobody while they were disabled, and no member of a group that was. Otherwise whoever enabled
-- them in an emergency could let them close its review. The first event since says how it was.
CREATE FUNCTION was_disabled(principal uuid, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce((
    SELECT e.kind = 'PrincipalEnabled' FROM audit_events e
    WHERE e.target_id = principal AND e.kind IN ('PrincipalEnabled', 'PrincipalDisabled') AND e.outcome = 'Success'
      AND e.occurred_at >= moment
    ORDER BY e.occurred_at, e.sequence LIMIT 1), false)
$$;
REVOKE ALL ON FUNCTION was_disabled(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION was_disabled(uuid, timestamptz) TO postern_app;

CREATE OR REPLACE FUNCTION principal_and_groups_before(principal uuid, moment timestamptz) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH RECURSIVE reached (id) AS (
      SELECT p.id FROM principals p
      WHERE p.id = principal AND p.disabled_at IS NULL AND NOT was_disabled(p.id, moment)
      UNION
      SELECT m.group_id FROM reached r
        JOIN group_members m ON m.member_id = r.id AND m.added_at < moment
        JOIN principals g ON g.id = m.group_id AND g.disabled_at IS NULL AND NOT was_disabled(g.id, moment)
    )
    SELECT r.id FROM reached r;
END $$;
