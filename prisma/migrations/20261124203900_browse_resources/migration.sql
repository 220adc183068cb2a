-- The paths of the resources at which a principal holds or may activate a role, those below another of them left out:
-- what they may know of is these, everything below them, and everything on the way to them.
CREATE FUNCTION reached_paths(principal uuid, at timestamptz) RETURNS SETOF text LANGUAGE sql STABLE ROWS 10 AS $$
  WITH held AS MATERIALIZED (
    SELECT r.id, r.path FROM resources r WHERE r.id IN (
      SELECT resource_id FROM active_assignments(principal, at)
      UNION
      SELECT resource_id FROM current_eligibilities(principal, at))
  )
  SELECT h.path FROM held h WHERE h.id NOT IN (
    SELECT below.id FROM held below
    CROSS JOIN LATERAL unnest(path_ids(below.path)) AS above (id)
    JOIN held o ON o.id = above.id
    WHERE above.id <> below.id)
$$;

-- The types in use, for the filter of the list: one probe of resources_type_idx each, however many resources there are.
CREATE FUNCTION resource_types() RETURNS SETOF text LANGUAGE sql STABLE ROWS 50 AS $$
  WITH RECURSIVE found (type) AS (
    (SELECT resource_type FROM resources ORDER BY resource_type LIMIT 1)
    UNION ALL
    SELECT (SELECT r.resource_type FROM resources r WHERE r.resource_type > f.type ORDER BY r.resource_type LIMIT 1)
    FROM found f WHERE f.type IS NOT NULL
  )
  SELECT type FROM found WHERE type IS NOT NULL
$$;
