-- Somebody and their groups are few: each is asked for by the index on principals, however few rows there are in all. A
-- join left that to estimates, and read all eligibilities of an organisation to find that somebody has none.
CREATE OR REPLACE FUNCTION active_assignments(principal uuid, at timestamptz)
RETURNS SETOF assignments LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 AS $$
BEGIN
  RETURN QUERY
    WITH reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(principal) AS r (id))
    SELECT a.* FROM reached
    CROSS JOIN LATERAL (
      SELECT * FROM assignments y WHERE y.principal_id = reached.id
        AND y.starts_at <= at AND (y.ends_at IS NULL OR y.ends_at > at) OFFSET 0) a
    WHERE a.assignment_type = 'Assigned' OR EXISTS (
        SELECT FROM eligibilities e
        WHERE e.id = a.eligibility_id AND e.principal_id IN (SELECT id FROM reached)
          AND e.starts_at <= at AND (e.ends_at IS NULL OR e.ends_at > at));
END $$;

CREATE OR REPLACE FUNCTION current_eligibilities(principal uuid, at timestamptz)
RETURNS SETOF eligibilities LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 AS $$
BEGIN
  RETURN QUERY
    SELECT e.* FROM principal_and_groups(principal) AS r (id)
    CROSS JOIN LATERAL (
      SELECT * FROM eligibilities y WHERE y.principal_id = r.id
        AND y.starts_at <= at AND (y.ends_at IS NULL OR y.ends_at > at) OFFSET 0) e;
END $$;
