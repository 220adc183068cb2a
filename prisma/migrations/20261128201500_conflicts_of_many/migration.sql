-- The same as before, with what each person holds gathered first: joined pair by pair, a group with many members took a time
-- that grew with the square of their number, and each person was looked up as a group. The plan for one person is not the plan for many, so it is made anew for each
-- call, and not compiled.
CREATE OR REPLACE FUNCTION role_conflicts(
  rules uuid[], given_to uuid[], given_roles uuid[], given_at uuid[], given_from timestamptz[], given_until timestamptz[],
  joined uuid[], joining uuid[], replaced uuid)
RETURNS TABLE (number integer, rule_id uuid, rule_name text, people integer, person_id uuid, person_name text,
  role_name text, resource_name text, held_role_name text, held_resource_name text, held_through text,
  held_from timestamptz, held_until timestamptz)
LANGUAGE plpgsql STABLE ROWS 5 SET search_path = pg_catalog, public, pg_temp SET jit = off
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  enabling uuid[] := ARRAY(SELECT j.m FROM unnest(joined, joining) AS j (g, m) WHERE j.g IS NULL);
BEGIN
  RETURN QUERY
  WITH RECURSIVE
  side AS MATERIALIZED (
    SELECT c.rule_id AS rule, c.role_definition_id AS role, c.side, k.name, at.path
    FROM conflict_rule_roles c JOIN conflict_rules k ON k.id = c.rule_id JOIN resources at ON at.id = k.resource_id
    WHERE c.rule_id = ANY (rules)),
  given AS MATERIALIZED (
    SELECT g.n::integer AS n, g.holder, g.role, r.id AS resource, r.path, g.starts, g.ends
    FROM unnest(given_to, given_roles, given_at, given_from, given_until)
      WITH ORDINALITY AS g (holder, role, at, starts, ends, n)
    JOIN resources r ON r.id = g.at),
  change AS MATERIALIZED (
    SELECT cardinality(given_to) + j.n::integer AS n, j.joined, j.joining
    FROM unnest(joined, joining) WITH ORDINALITY AS j (joined, joining, n)),
  -- Only groups have members. Without the kind each person would be looked up as a group.
  below (n, id, type) AS (
    SELECT o.n, l.id, l.type FROM (SELECT g.n, g.holder FROM given g UNION ALL SELECT c.n, c.joining FROM change c) AS o (n, id)
    JOIN principals l ON l.id = o.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
    UNION
    SELECT b.n, l.id, l.type FROM below b
    CROSS JOIN LATERAL (
      SELECT m.member_id FROM group_members m WHERE m.group_id = b.id
      UNION ALL SELECT c.joining FROM change c WHERE c.joined = b.id) AS m (id)
    JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
    WHERE b.type = 'Group'),
  person AS MATERIALIZED (SELECT b.n, b.id FROM below b WHERE b.type <> 'Group'
    -- A service principal that an import is about to make.
    UNION ALL SELECT g.n, g.holder FROM given g WHERE NOT EXISTS (SELECT FROM principals p WHERE p.id = g.holder)),
  above (person, id) AS (
    SELECT p.id, p.id FROM (SELECT DISTINCT y.id FROM person y) p
    UNION
    SELECT a.person, l.id FROM above a
    CROSS JOIN LATERAL (
      SELECT m.group_id FROM group_members m WHERE m.member_id = a.id
      UNION ALL SELECT c.joined FROM change c WHERE c.joining = a.id AND c.joined IS NOT NULL) AS m (id)
    JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))),
  joins (n, id) AS (
    SELECT c.n, l.id FROM change c JOIN principals l ON l.id = coalesce(c.joined, c.joining) AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
    UNION
    SELECT j.n, l.id FROM joins j
    CROSS JOIN LATERAL (
      SELECT m.group_id FROM group_members m WHERE m.member_id = j.id
      UNION ALL SELECT c.joined FROM change c WHERE c.joining = j.id AND c.joined IS NOT NULL) AS m (id)
    JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))),
  access AS MATERIALIZED (
    SELECT a.principal_id AS holder, a.role_definition_id AS role, r.id AS resource, r.path, a.starts_at AS starts,
      a.ends_at AS ends
    FROM (SELECT DISTINCT x.id FROM above x) h
    JOIN assignments a ON a.principal_id = h.id AND (a.ends_at IS NULL OR a.ends_at > postern_now())
      AND a.role_definition_id IN (SELECT s.role FROM side s)
      AND a.id IS DISTINCT FROM replaced AND (replaced IS NULL OR a.eligibility_id IS DISTINCT FROM replaced)
    JOIN resources r ON r.id = a.resource_id
    UNION ALL SELECT g.holder, g.role, g.resource, g.path, g.starts, g.ends FROM given g),
  held AS MATERIALIZED (
    SELECT h.person, y.holder, y.role, y.resource, y.path, y.starts, y.ends FROM above h JOIN access y ON y.holder = h.id),
  fresh AS MATERIALIZED (
    SELECT g.n, p.id AS person, g.role, g.resource, g.path, g.starts, g.ends FROM given g JOIN person p ON p.n = g.n
    UNION ALL
    SELECT j.n, p.id, a.role, a.resource, a.path, a.starts, a.ends
    FROM joins j JOIN person p ON p.n = j.n JOIN access a ON a.holder = j.id),
  conflict AS MATERIALIZED (
    SELECT DISTINCT ON (f.n, s.rule, f.role, f.resource, y.role, y.resource, f.person)
      f.n, s.rule, s.name, f.person, f.role, f.resource, y.role AS held_role, y.resource AS held_resource,
      CASE WHEN y.holder <> f.person THEN y.holder END AS through, y.starts AS held_from, y.ends AS held_until
    FROM fresh f
    JOIN side s ON s.role = f.role AND on_one_path(f.path, s.path)
    JOIN side t ON t.rule = s.rule AND t.side <> s.side
    JOIN held y ON y.person = f.person AND y.role = t.role AND on_one_path(y.path, s.path) AND on_one_path(y.path, f.path)
      AND tstzrange(f.starts, f.ends, '[)') && tstzrange(y.starts, y.ends, '[)')
    ORDER BY f.n, s.rule, f.role, f.resource, y.role, y.resource, f.person, y.ends DESC NULLS FIRST)
  SELECT DISTINCT ON (c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource)
    c.n, c.rule, c.name,
    (count(*) OVER (PARTITION BY c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource))::integer,
    c.person, coalesce(p.display_name, 'The new service principal'), d.role_name, r.display_name, e.role_name, o.display_name, g.display_name,
    c.held_from, c.held_until
  FROM conflict c
  LEFT JOIN principals p ON p.id = c.person
  JOIN role_definitions d ON d.id = c.role JOIN resources r ON r.id = c.resource
  JOIN role_definitions e ON e.id = c.held_role JOIN resources o ON o.id = c.held_resource
  LEFT JOIN principals g ON g.id = c.through
  ORDER BY c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource, c.held_until DESC NULLS FIRST, c.person;
END $$;

-- Who holds, or is to hold, a role of each set at the same time in a place, by name, at most so many pairs of access. One
-- pass over the access to these roles, whatever the number of people.
CREATE OR REPLACE FUNCTION roles_held_together(place text, first_roles uuid[], second_roles uuid[], most integer)
RETURNS TABLE (person_id uuid, first_assignment uuid, second_assignment uuid)
LANGUAGE plpgsql STABLE ROWS 20 SET search_path = pg_catalog, public, pg_temp SET jit = off
SET plan_cache_mode = force_custom_plan SET enable_nestloop = off AS $$
BEGIN
  RETURN QUERY
  WITH RECURSIVE
  one AS MATERIALIZED (
    SELECT a.id, a.principal_id AS holder, a.starts_at, a.ends_at, r.path
    FROM assignments a JOIN resources r ON r.id = a.resource_id
    WHERE a.role_definition_id = ANY (first_roles) AND (a.ends_at IS NULL OR a.ends_at > postern_now())
      AND on_one_path(r.path, place)),
  other AS MATERIALIZED (
    SELECT a.id, a.principal_id AS holder, a.starts_at, a.ends_at, r.path
    FROM assignments a JOIN resources r ON r.id = a.resource_id
    WHERE a.role_definition_id = ANY (second_roles) AND (a.ends_at IS NULL OR a.ends_at > postern_now())
      AND on_one_path(r.path, place)),
  member (holder, id, type) AS (
    SELECT p.id, p.id, p.type FROM principals p
    WHERE p.id IN (SELECT o.holder FROM one o UNION SELECT o.holder FROM other o) AND p.disabled_at IS NULL
    UNION
    SELECT m.holder, p.id, p.type FROM member m JOIN group_members g ON g.group_id = m.id AND m.type = 'Group'
    JOIN principals p ON p.id = g.member_id AND p.disabled_at IS NULL),
  holds_one AS MATERIALIZED (
    SELECT m.id AS person, o.id, o.starts_at, o.ends_at, o.path FROM one o
    JOIN member m ON m.holder = o.holder AND m.type <> 'Group'),
  holds_other AS MATERIALIZED (
    SELECT m.id AS person, o.id, o.starts_at, o.ends_at, o.path FROM other o
    JOIN member m ON m.holder = o.holder AND m.type <> 'Group')
  SELECT a.person, a.id, b.id
  FROM holds_one a
  JOIN holds_other b ON b.person = a.person AND on_one_path(a.path, b.path)
    AND tstzrange(a.starts_at, a.ends_at, '[)') && tstzrange(b.starts_at, b.ends_at, '[)')
  JOIN principals p ON p.id = a.person
  ORDER BY lower(p.display_name), a.person, a.id, b.id LIMIT most;
END $$;
