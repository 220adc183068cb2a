-- The same answers as before, planned apart from the statements that ask. Taken into those, they were planned anew each
-- time together with everything around them, and among a million assignments, for lack of knowing how few belong to one
-- principal, with whole tables read beside them. PL/pgSQL keeps their plans, and ROWS says how much to expect.
CREATE OR REPLACE FUNCTION active_assignments(principal uuid, at timestamptz) RETURNS SETOF assignments
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 AS $$
BEGIN
  RETURN QUERY
    WITH reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(principal) AS r (id))
    SELECT a.* FROM reached JOIN assignments a ON a.principal_id = reached.id
    WHERE a.starts_at <= at AND (a.ends_at IS NULL OR a.ends_at > at)
      AND (a.assignment_type = 'Assigned' OR EXISTS (
        SELECT FROM eligibilities e
        WHERE e.id = a.eligibility_id AND e.principal_id IN (SELECT id FROM reached)
          AND e.starts_at <= at AND (e.ends_at IS NULL OR e.ends_at > at)));
END $$;

CREATE OR REPLACE FUNCTION current_eligibilities(principal uuid, at timestamptz) RETURNS SETOF eligibilities
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 AS $$
BEGIN
  RETURN QUERY
    SELECT e.* FROM principal_and_groups(principal) AS r (id) JOIN eligibilities e ON e.principal_id = r.id
    WHERE e.starts_at <= at AND (e.ends_at IS NULL OR e.ends_at > at);
END $$;
