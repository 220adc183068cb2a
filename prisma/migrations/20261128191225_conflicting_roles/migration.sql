-- Conflicting roles: two sets of roles that nobody may hold at the same time in a place
-- (docs/decisions/conflicting-roles.md).
CREATE TYPE conflict_side AS ENUM ('First', 'Second');

CREATE TABLE conflict_rules (
  id            uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  resource_id   uuid NOT NULL REFERENCES resources (id),
  name          text NOT NULL CHECK (name <> '' AND char_length(name) <= 120),
  reason        text NOT NULL CHECK (reason <> '' AND char_length(reason) <= 1000),
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  updated_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  updated_by_id uuid REFERENCES principals (id)
);
CREATE UNIQUE INDEX conflict_rules_resource_name_key ON conflict_rules (resource_id, name_key(name));

-- The roles of a rule. The key keeps a role from standing on both sides, and finds the rules of a role.
CREATE TABLE conflict_rule_roles (
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  rule_id            uuid NOT NULL REFERENCES conflict_rules (id) ON DELETE CASCADE,
  side               conflict_side NOT NULL,
  PRIMARY KEY (role_definition_id, rule_id)
);
CREATE INDEX conflict_rule_roles_rule_idx ON conflict_rule_roles (rule_id);

-- Where a rule is and when it was made never changes.
GRANT SELECT, DELETE, INSERT (resource_id, name, reason, version, updated_by_id),
  UPDATE (name, reason, version, updated_at, updated_by_id) ON conflict_rules TO postern_app;
GRANT SELECT, DELETE, INSERT (role_definition_id, rule_id, side) ON conflict_rule_roles TO postern_app;

-- A rule that is made, changed or removed, and its roles, need an event of the same transaction that names the rule.
CREATE FUNCTION conflict_rule_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  changed jsonb := to_jsonb(coalesce(NEW, OLD));
BEGIN
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.outcome = 'Success'
    AND e.kind || '' = ANY ('{ConflictRuleCreated,ConflictRuleUpdated,ConflictRuleRemoved}')
    AND e.details ->> 'ruleId' = coalesce(changed ->> 'rule_id', changed ->> 'id');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'conflict_rule_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION conflict_rule_needs_event() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER conflict_rules_need_event AFTER INSERT OR UPDATE OR DELETE ON conflict_rules
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION conflict_rule_needs_event();
CREATE CONSTRAINT TRIGGER conflict_rule_roles_need_event AFTER INSERT OR DELETE ON conflict_rule_roles
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION conflict_rule_needs_event();

-- Whether one of two resources is the other or lies below it, by their paths.
CREATE FUNCTION on_one_path(one text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN starts_with(one || '.', other || '.') OR starts_with(other || '.', one || '.');

-- Locks what decides whether active access that is about to exist breaks a rule, and returns the rules that may forbid
-- it. Called before the access is written (docs/decisions/locking-order.md):
-- 1. the set of rules, shared: a rule that is made, changed or removed waits for the access, and later access for it;
-- 2. memberships: alone by whoever changes who is in a group or enables somebody, shared by others;
-- 3. each rule that names one of the roles: shared for people, alone for a group, whose members may hold the others;
-- 4. each person.
-- Where no rule names the roles, only the first is locked and one index is read.
CREATE FUNCTION lock_role_conflicts(roles uuid[], holders uuid[], memberships boolean) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  concerned uuid[];
  each uuid;
  many boolean;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7362441);
  IF memberships THEN
    SELECT array_agg(r.id ORDER BY r.id) INTO concerned FROM conflict_rules r;
  ELSE
    SELECT array_agg(DISTINCT c.rule_id) INTO concerned FROM conflict_rule_roles c WHERE c.role_definition_id = ANY (roles);
  END IF;
  IF concerned IS NULL THEN
    RETURN '{}';
  END IF;
  IF memberships THEN
    PERFORM pg_advisory_xact_lock(7362442);
    RETURN concerned;
  END IF;
  PERFORM pg_advisory_xact_lock_shared(7362442);
  -- A lock for each of very many people would fill the table of locks.
  many := cardinality(holders) > 50 OR EXISTS (SELECT FROM principals p WHERE p.id = ANY (holders) AND p.type = 'Group');
  FOR each IN SELECT DISTINCT rule FROM unnest(concerned) AS rule ORDER BY rule LOOP
    IF many THEN
      PERFORM pg_advisory_xact_lock(7362443, hashtext(each::text));
    ELSE
      PERFORM pg_advisory_xact_lock_shared(7362443, hashtext(each::text));
    END IF;
  END LOOP;
  IF NOT many THEN
    FOR each IN SELECT DISTINCT holder FROM unnest(holders) AS holder ORDER BY holder LOOP
      PERFORM pg_advisory_xact_lock(7362444, hashtext(each::text));
    END LOOP;
  END IF;
  RETURN concerned;
END $$;

-- What of active access that is about to exist breaks one of these rules: for each change by its number, each pair of
-- roles that somebody would hold together, and how many people would. The changes are access given to principals,
-- numbered from 1, and, numbered on from there, principals that join a group or, where the group is null, are enabled.
-- All changes count together. Access with the id `replaced`, or that rests on it, does not count. Works by sets, so a
-- group with many members is one pass over them.
CREATE FUNCTION role_conflicts(
  rules uuid[], given_to uuid[], given_roles uuid[], given_at uuid[], given_from timestamptz[], given_until timestamptz[],
  joined uuid[], joining uuid[], replaced uuid)
RETURNS TABLE (number integer, rule_id uuid, rule_name text, people integer, person_id uuid, person_name text,
  role_name text, resource_name text, held_role_name text, held_resource_name text, held_through text,
  held_from timestamptz, held_until timestamptz)
LANGUAGE plpgsql STABLE ROWS 5 SET search_path = pg_catalog, public, pg_temp AS $$
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
  live (id, type) AS NOT MATERIALIZED (
    SELECT p.id, p.type FROM principals p
    WHERE p.disabled_at IS NULL OR p.id IN (SELECT c.joining FROM change c WHERE c.joined IS NULL)
    -- A service principal that an import is about to make.
    UNION ALL SELECT DISTINCT g.holder, 'ServicePrincipal'::principal_type FROM given g
    WHERE NOT EXISTS (SELECT FROM principals p WHERE p.id = g.holder)),
  below (n, id) AS (
    SELECT o.n, l.id FROM (SELECT g.n, g.holder FROM given g UNION ALL SELECT c.n, c.joining FROM change c) AS o (n, id)
    JOIN live l ON l.id = o.id
    UNION
    SELECT b.n, l.id FROM below b
    CROSS JOIN LATERAL (
      SELECT m.member_id FROM group_members m WHERE m.group_id = b.id
      UNION ALL SELECT c.joining FROM change c WHERE c.joined = b.id) AS m (id)
    JOIN live l ON l.id = m.id),
  person AS MATERIALIZED (SELECT b.n, b.id FROM below b JOIN live l ON l.id = b.id WHERE l.type <> 'Group'),
  above (person, id) AS (
    SELECT p.id, p.id FROM (SELECT DISTINCT y.id FROM person y) p
    UNION
    SELECT a.person, l.id FROM above a
    CROSS JOIN LATERAL (
      SELECT m.group_id FROM group_members m WHERE m.member_id = a.id
      UNION ALL SELECT c.joined FROM change c WHERE c.joining = a.id AND c.joined IS NOT NULL) AS m (id)
    JOIN live l ON l.id = m.id),
  joins (n, id) AS (
    SELECT c.n, l.id FROM change c JOIN live l ON l.id = coalesce(c.joined, c.joining)
    UNION
    SELECT j.n, l.id FROM joins j
    CROSS JOIN LATERAL (
      SELECT m.group_id FROM group_members m WHERE m.member_id = j.id
      UNION ALL SELECT c.joined FROM change c WHERE c.joining = j.id AND c.joined IS NOT NULL) AS m (id)
    JOIN live l ON l.id = m.id),
  access AS MATERIALIZED (
    SELECT a.principal_id AS holder, a.role_definition_id AS role, r.id AS resource, r.path, a.starts_at AS starts,
      a.ends_at AS ends
    FROM (SELECT DISTINCT x.id FROM above x) h
    JOIN assignments a ON a.principal_id = h.id AND (a.ends_at IS NULL OR a.ends_at > postern_now())
      AND a.role_definition_id IN (SELECT s.role FROM side s)
      AND a.id IS DISTINCT FROM replaced AND (replaced IS NULL OR a.eligibility_id IS DISTINCT FROM replaced)
    JOIN resources r ON r.id = a.resource_id
    UNION ALL SELECT g.holder, g.role, g.resource, g.path, g.starts, g.ends FROM given g),
  fresh AS (
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
    JOIN above h ON h.person = f.person
    JOIN access y ON y.holder = h.id AND y.role = t.role AND on_one_path(y.path, s.path) AND on_one_path(y.path, f.path)
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
CREATE FUNCTION roles_held_together(place text, first_roles uuid[], second_roles uuid[], most integer)
RETURNS TABLE (person_id uuid, first_assignment uuid, second_assignment uuid)
LANGUAGE plpgsql STABLE ROWS 20 SET search_path = pg_catalog, public, pg_temp AS $$
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
    SELECT m.holder, p.id, p.type FROM member m JOIN group_members g ON g.group_id = m.id
    JOIN principals p ON p.id = g.member_id AND p.disabled_at IS NULL)
  SELECT x.id, a.id, b.id
  FROM one a
  JOIN member x ON x.holder = a.holder AND x.type <> 'Group'
  JOIN member y ON y.id = x.id
  JOIN other b ON b.holder = y.holder AND on_one_path(a.path, b.path)
    AND tstzrange(a.starts_at, a.ends_at, '[)') && tstzrange(b.starts_at, b.ends_at, '[)')
  JOIN principals p ON p.id = x.id
  ORDER BY lower(p.display_name), x.id, a.id, b.id LIMIT most;
END $$;
