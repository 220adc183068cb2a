-- The conflicts that access would make if a resource lay elsewhere: its path, and those below it, begin with another one, and
-- access that it ends does not count. A move is shown before it is made. Without a move it is what role_conflicts answers, so that both are one.
CREATE FUNCTION role_conflicts_if_moved(
  rules uuid[], given_to uuid[], given_roles uuid[], given_at uuid[], given_from timestamptz[], given_until timestamptz[],
  joined uuid[], joining uuid[], replaced uuid, moved_from text, moved_to text,
  ended uuid[])
RETURNS TABLE (number integer, rule_id uuid, rule_name text, people integer, person_id uuid, person_name text,
  role_name text, resource_name text, held_role_name text, held_resource_name text, held_through text,
  held_from timestamptz, held_until timestamptz, excepted_until timestamptz)
LANGUAGE plpgsql STABLE ROWS 5 SET search_path = pg_catalog, public, pg_temp SET jit = off
SET plan_cache_mode = force_custom_plan SET enable_nestloop = on SET enable_hashjoin = on SET enable_mergejoin = on AS $$
DECLARE
  enabling uuid[] := ARRAY(SELECT j.m FROM unnest(joined, joining) AS j (g, m) WHERE j.g IS NULL);
  -- Of more people than the second, conflicts are found by joining whole sets; of up to the first, by looking each up.
  few_people constant integer := 50;
  many_people constant integer := 500;
  -- So much access to the other roles is gathered before who gets what. It may belong to so many people.
  most_opposed constant integer := 10000;
  most_doubtful constant integer := 5000;
  -- Only groups have members: without the kind, all memberships would be read to find that a person has none.
  people_concerned integer := (
    WITH RECURSIVE below (id, type) AS (
      SELECT l.id, l.type FROM unnest(given_to || joining) AS o (id) JOIN principals l ON l.id = o.id
      UNION
      SELECT l.id, l.type FROM below b
      CROSS JOIN LATERAL (SELECT m.member_id FROM group_members m WHERE m.group_id = b.id OFFSET 0) m
      JOIN principals l ON l.id = m.member_id WHERE b.type = 'Group')
    SELECT count(*) FROM (SELECT FROM below LIMIT many_people + 1) each);
  opposed_roles uuid[];
  opposed_to uuid[];
  -- Who may hold, or is to hold, what conflicts with this. Null if that is not known: then everybody is read.
  doubtful uuid[];
  numbers integer[];
  persons uuid[];
BEGIN
  IF people_concerned > many_people THEN
    WITH RECURSIVE
    change AS MATERIALIZED (SELECT j.joined, j.joining FROM unnest(joined, joining) AS j (joined, joining)),
    joins (id) AS (
      SELECT l.id FROM change c JOIN principals l ON l.id = coalesce(c.joined, c.joining) AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
      UNION
      SELECT l.id FROM joins j
      CROSS JOIN LATERAL (
        SELECT m.group_id FROM group_members m WHERE m.member_id = j.id
        UNION ALL SELECT c.joined FROM change c WHERE c.joining = j.id AND c.joined IS NOT NULL) AS m (id)
      JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))),
    fresh (role) AS MATERIALIZED (
      SELECT g.role FROM unnest(given_roles) AS g (role)
      UNION
      SELECT a.role_definition_id FROM joins j
      JOIN assignments a ON a.principal_id = j.id AND (a.ends_at IS NULL OR a.ends_at > postern_now()))
    SELECT coalesce(array_agg(DISTINCT t.role_definition_id), '{}') INTO opposed_roles
    FROM fresh f JOIN conflict_rule_roles s ON s.role_definition_id = f.role AND s.rule_id = ANY (rules)
    JOIN conflict_rule_roles t ON t.rule_id = s.rule_id AND t.side <> s.side;

    opposed_to := ARRAY(
      SELECT a.principal_id FROM assignments a
      WHERE a.role_definition_id = ANY (opposed_roles) AND (a.ends_at IS NULL OR a.ends_at > postern_now())
      LIMIT most_opposed + 1);
    IF cardinality(opposed_to) <= most_opposed THEN
      PERFORM set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);
      doubtful := ARRAY(
        WITH RECURSIVE
        change AS MATERIALIZED (
          SELECT j.joined, j.joining FROM unnest(joined, joining) AS j (joined, joining) WHERE j.joined IS NOT NULL),
        below (id, type) AS (
          SELECT l.id, l.type FROM (
            SELECT unnest(opposed_to)
            UNION SELECT g.holder FROM unnest(given_to, given_roles) AS g (holder, role) WHERE g.role = ANY (opposed_roles)) AS o (id)
          JOIN principals l ON l.id = o.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
          UNION
          SELECT l.id, l.type FROM below b
          CROSS JOIN LATERAL (
            SELECT m.member_id FROM group_members m WHERE m.group_id = b.id
            UNION ALL SELECT c.joining FROM change c WHERE c.joined = b.id) AS m (id)
          JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
          WHERE b.type = 'Group')
        SELECT b.id FROM below b WHERE b.type <> 'Group' LIMIT most_doubtful + 1);
      IF cardinality(doubtful) > most_doubtful THEN
        doubtful := NULL;
      END IF;
    END IF;
    people_concerned := least(people_concerned, cardinality(doubtful));
  END IF;
  -- The planner cannot know how many people there are. It would compare each of many with each, and read all access to
  -- the roles of a rule for one.
  PERFORM set_config('enable_nestloop', CASE WHEN people_concerned > many_people THEN 'off' ELSE 'on' END, true),
    set_config('enable_hashjoin', joins.whole, true), set_config('enable_mergejoin', joins.whole, true)
  FROM (SELECT CASE WHEN people_concerned <= few_people THEN 'off' ELSE 'on' END) AS joins (whole);

  IF doubtful IS NOT NULL THEN
    WITH RECURSIVE
    change AS MATERIALIZED (
      SELECT j.joined, j.joining FROM unnest(joined, joining) AS j (joined, joining) WHERE j.joined IS NOT NULL),
    above (person, id) AS (
      SELECT p, p FROM unnest(doubtful) AS p
      UNION
      SELECT a.person, l.id FROM above a
      CROSS JOIN LATERAL (
        SELECT m.group_id FROM group_members m WHERE m.member_id = a.id
        UNION ALL SELECT c.joined FROM change c WHERE c.joining = a.id) AS m (id)
      JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling)))
    SELECT array_agg(o.n), array_agg(a.person) INTO numbers, persons
    FROM unnest(given_to || joining) WITH ORDINALITY AS o (id, n) JOIN above a ON a.id = o.id;
  ELSE
    WITH RECURSIVE
    change AS MATERIALIZED (
      SELECT j.joined, j.joining FROM unnest(joined, joining) AS j (joined, joining) WHERE j.joined IS NOT NULL),
    -- Only groups have members. Without the kind each person would be looked up as a group.
    below (n, id, type) AS (
      SELECT o.n, l.id, l.type FROM unnest(given_to || joining) WITH ORDINALITY AS o (id, n)
      JOIN principals l ON l.id = o.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
      UNION
      SELECT b.n, l.id, l.type FROM below b
      CROSS JOIN LATERAL (
        SELECT m.member_id FROM group_members m WHERE m.group_id = b.id
        UNION ALL SELECT c.joining FROM change c WHERE c.joined = b.id) AS m (id)
      JOIN principals l ON l.id = m.id AND (l.disabled_at IS NULL OR l.id = ANY (enabling))
      WHERE b.type = 'Group')
    SELECT array_agg(b.n), array_agg(b.id) INTO numbers, persons FROM below b WHERE b.type <> 'Group';
  END IF;

  RETURN QUERY
  WITH RECURSIVE
  side AS MATERIALIZED (
    SELECT c.rule_id AS rule, c.role_definition_id AS role, c.side,
      CASE WHEN at.path = moved_from OR starts_with(at.path, moved_from || '.')
      THEN moved_to || substr(at.path, length(moved_from) + 1) ELSE at.path END AS path
    FROM conflict_rule_roles c JOIN conflict_rules k ON k.id = c.rule_id JOIN resources at ON at.id = k.resource_id
    WHERE c.rule_id = ANY (rules)),
  given AS MATERIALIZED (
    SELECT g.n::integer AS n, g.holder, g.role, r.id AS resource,
      CASE WHEN r.path = moved_from OR starts_with(r.path, moved_from || '.')
      THEN moved_to || substr(r.path, length(moved_from) + 1) ELSE r.path END AS path,
      g.starts, g.ends
    FROM unnest(given_to, given_roles, given_at, given_from, given_until)
      WITH ORDINALITY AS g (holder, role, at, starts, ends, n)
    JOIN resources r ON r.id = g.at),
  change AS MATERIALIZED (
    SELECT cardinality(given_to) + j.n::integer AS n, j.joined, j.joining
    FROM unnest(joined, joining) WITH ORDINALITY AS j (joined, joining, n)),
  person AS MATERIALIZED (SELECT y.n, y.id FROM unnest(numbers, persons) AS y (n, id)
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
    SELECT a.principal_id AS holder, a.role_definition_id AS role, r.id AS resource,
      CASE WHEN r.path = moved_from OR starts_with(r.path, moved_from || '.')
      THEN moved_to || substr(r.path, length(moved_from) + 1) ELSE r.path END AS path,
      a.starts_at AS starts, a.ends_at AS ends
    FROM (SELECT DISTINCT x.id FROM above x) h
    JOIN assignments a ON a.principal_id = h.id AND (a.ends_at IS NULL OR a.ends_at > postern_now())
      AND a.role_definition_id IN (SELECT s.role FROM side s)
      AND a.id IS DISTINCT FROM replaced AND (a.id = ANY (ended)) IS NOT TRUE
      AND (replaced IS NULL OR a.eligibility_id IS DISTINCT FROM replaced)
    JOIN resources r ON r.id = a.resource_id
    UNION ALL SELECT g.holder, g.role, g.resource, g.path, g.starts, g.ends FROM given g),
  held AS MATERIALIZED (
    SELECT h.person, y.holder, y.role, y.resource, y.path, y.starts, y.ends FROM above h JOIN access y ON y.holder = h.id),
  fresh AS MATERIALIZED (
    SELECT g.n, p.id AS person, g.role, g.resource, g.path, g.starts, g.ends FROM given g JOIN person p ON p.n = g.n
    UNION ALL
    SELECT j.n, p.id, a.role, a.resource, a.path, a.starts, a.ends
    FROM joins j JOIN person p ON p.n = j.n JOIN access a ON a.holder = j.id),
  -- Whom an exception allows it, until when.
  excepted AS MATERIALIZED (
    SELECT x.rule, x.person, x.until
    FROM conflict_exceptions_in_force(rules, ARRAY(SELECT DISTINCT y.id FROM person y)) x (rule, person, until)),
  conflict AS MATERIALIZED (
    SELECT DISTINCT ON (f.n, s.rule, f.role, f.resource, y.role, y.resource, f.person)
      f.n, s.rule, f.person, f.role, f.resource, y.role AS held_role, y.resource AS held_resource,
      CASE WHEN y.holder <> f.person THEN y.holder END AS through, y.starts AS held_from, y.ends AS held_until,
      x.until AS excepted_until
    FROM fresh f
    JOIN side s ON s.role = f.role AND on_one_path(f.path, s.path)
    JOIN side t ON t.rule = s.rule AND t.side <> s.side
    JOIN held y ON y.person = f.person AND y.role = t.role AND on_one_path(y.path, s.path) AND on_one_path(y.path, f.path)
      AND tstzrange(f.starts, f.ends, '[)') && tstzrange(y.starts, y.ends, '[)')
    LEFT JOIN excepted x ON x.rule = s.rule AND x.person = f.person
    -- Both together end with the exception. Without an end they are null here.
    WHERE (least(f.ends, y.ends) <= x.until) IS NOT TRUE
    ORDER BY f.n, s.rule, f.role, f.resource, y.role, y.resource, f.person, y.ends DESC NULLS FIRST),
  -- One for each pair of access, with how many people it concerns. Only these are named.
  told AS MATERIALIZED (
    SELECT DISTINCT ON (c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource) c.*,
      (count(*) OVER (PARTITION BY c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource))::integer AS people
    FROM conflict c
    ORDER BY c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource, c.held_until DESC NULLS FIRST, c.person)
  SELECT c.n, c.rule, k.name, c.people, c.person, coalesce(p.display_name, 'The new service principal'), d.role_name,
    r.display_name, e.role_name, o.display_name, g.display_name, c.held_from, c.held_until, c.excepted_until
  FROM told c
  JOIN conflict_rules k ON k.id = c.rule
  LEFT JOIN principals p ON p.id = c.person
  JOIN role_definitions d ON d.id = c.role JOIN resources r ON r.id = c.resource
  JOIN role_definitions e ON e.id = c.held_role JOIN resources o ON o.id = c.held_resource
  LEFT JOIN principals g ON g.id = c.through
  ORDER BY c.n, c.rule, c.role, c.resource, c.held_role, c.held_resource;
END $$;

CREATE OR REPLACE FUNCTION role_conflicts(
  rules uuid[], given_to uuid[], given_roles uuid[], given_at uuid[], given_from timestamptz[], given_until timestamptz[],
  joined uuid[], joining uuid[], replaced uuid)
RETURNS TABLE (number integer, rule_id uuid, rule_name text, people integer, person_id uuid, person_name text,
  role_name text, resource_name text, held_role_name text, held_resource_name text, held_through text,
  held_from timestamptz, held_until timestamptz, excepted_until timestamptz)
LANGUAGE plpgsql STABLE ROWS 5 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT * FROM role_conflicts_if_moved(rules, given_to, given_roles, given_at, given_from, given_until,
    joined, joining, replaced, NULL, NULL, NULL);
END $$;
