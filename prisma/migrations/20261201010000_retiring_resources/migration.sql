-- Retiring resources. A retired resource is taken out of the tree with everything below it: its path begins with an id that no
-- resource has, so nothing above it reaches it, and its scope with a word that no path has, so the path is free. What knew it
-- by its id, requests and the log among others, still finds its name.
CREATE TABLE retirements (
  id uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  -- Stands in the scopes of what is retired with it.
  number integer NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
  resource_id uuid NOT NULL REFERENCES resources (id),
  -- Below which resource it lay, the path of that one then, and the chain of ids to the retired one.
  parent_id uuid NOT NULL REFERENCES resources (id),
  parent_scope text NOT NULL,
  path text COLLATE "C" NOT NULL,
  -- Its scope, and how many resources are retired with it, itself included.
  scope text NOT NULL,
  resources integer NOT NULL CHECK (resources > 0),
  justification text NOT NULL CHECK (length(justification) BETWEEN 1 AND 2000),
  retired_by_id uuid NOT NULL REFERENCES principals (id),
  retired_at timestamptz(6) NOT NULL DEFAULT postern_now(),
  undone_at timestamptz(6),
  undone_by_id uuid REFERENCES principals (id),
  CHECK ((undone_at IS NULL) = (undone_by_id IS NULL))
);
CREATE UNIQUE INDEX retirements_resource_key ON retirements (resource_id) WHERE undone_at IS NULL;
CREATE INDEX retirements_place_idx ON retirements (retired_at DESC, id DESC) WHERE undone_at IS NULL;
CREATE INDEX retirements_path_idx ON retirements (path) WHERE undone_at IS NULL;
CREATE INDEX retirements_parent_id_idx ON retirements (parent_id);
CREATE INDEX retirements_retired_by_id_idx ON retirements (retired_by_id);
CREATE INDEX retirements_undone_by_id_idx ON retirements (undone_by_id);

-- What was closed by it and may be given again: the end that it had.
CREATE TABLE retired_access (
  id uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  retirement_id uuid NOT NULL REFERENCES retirements (id),
  eligibility_id uuid REFERENCES eligibilities (id),
  assignment_id uuid REFERENCES assignments (id),
  planned_end timestamptz(6),
  CHECK (num_nonnulls(eligibility_id, assignment_id) = 1)
);
CREATE INDEX retired_access_retirement_id_idx ON retired_access (retirement_id, id);
CREATE INDEX retired_access_eligibility_id_idx ON retired_access (eligibility_id);
CREATE INDEX retired_access_assignment_id_idx ON retired_access (assignment_id);

ALTER TABLE resources ADD COLUMN retirement_id uuid REFERENCES retirements (id);
CREATE INDEX resources_retirement_id_idx ON resources (retirement_id) WHERE retirement_id IS NOT NULL;
ALTER TABLE resources DROP CONSTRAINT resources_scope_check;
ALTER TABLE resources ADD CONSTRAINT resources_scope_check
  CHECK (scope = '/' OR scope ~ '^(retired:[0-9]+)?(/[^/]+)+$');
ALTER TABLE resources ADD CONSTRAINT resources_retired_scope
  CHECK ((retirement_id IS NOT NULL) = starts_with(scope, 'retired:'));

GRANT SELECT, INSERT (resource_id, parent_id, parent_scope, path, scope, resources, justification, retired_by_id, retired_at),
  UPDATE (path, undone_at, undone_by_id) ON retirements TO postern_app;
GRANT SELECT, INSERT (retirement_id, eligibility_id, assignment_id, planned_end) ON retired_access TO postern_app;
GRANT UPDATE (retirement_id) ON resources TO postern_app;

CREATE OR REPLACE FUNCTION resources_set_path() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  label text := replace(NEW.id::text, '-', '');
BEGIN
  -- Below a resource that is moved: the trigger of that one has written the path.
  IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN
    RETURN NEW;
  END IF;
  IF NEW.parent_id IS NULL THEN
    NEW.path := label;
  ELSIF NEW.parent_id = NEW.id THEN
    -- Retired: below nothing. The path of one id would be the root's.
    IF NEW.retirement_id IS NULL THEN
      RAISE EXCEPTION 'a resource cannot be moved below itself' USING ERRCODE = 'check_violation';
    END IF;
    NEW.path := repeat('0', 32) || '.' || label;
  ELSE
    SELECT path || '.' || label INTO STRICT NEW.path FROM resources WHERE id = NEW.parent_id;
  END IF;
  RETURN NEW;
END $$;

-- Moved along with a resource: what lies below it, and the places of what was retired there.
CREATE OR REPLACE FUNCTION resources_move_children() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() > 1 THEN
    RETURN NULL;
  END IF;
  IF NEW.path LIKE OLD.path || '.%' THEN
    RAISE EXCEPTION 'a resource cannot be moved below itself' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE resources SET path = NEW.path || substr(path, length(OLD.path) + 1),
    scope = CASE WHEN starts_with(lower(scope), lower(OLD.scope) || '/')
      THEN NEW.scope || substr(scope, length(OLD.scope) + 1) ELSE scope END
  WHERE path > OLD.path || '.' AND path < OLD.path || '/';
  UPDATE retirements SET path = NEW.path || substr(path, length(OLD.path) + 1)
  WHERE undone_at IS NULL AND path > OLD.path || '.' AND path < OLD.path || '/';
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION resource_types() RETURNS SETOF text LANGUAGE sql STABLE ROWS 50
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE found (type) AS (
    (SELECT resource_type FROM resources WHERE retirement_id IS NULL ORDER BY resource_type LIMIT 1)
    UNION ALL
    SELECT (SELECT r.resource_type FROM resources r WHERE r.resource_type > f.type AND r.retirement_id IS NULL
      ORDER BY r.resource_type LIMIT 1)
    FROM found f WHERE f.type IS NOT NULL
  )
  SELECT type FROM found WHERE type IS NOT NULL
$$;
