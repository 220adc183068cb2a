-- A move writes the paths of everything below in one statement, and the scopes that begin with the former one with them. Row by
-- row, each looked up its parent and its children, and counted access was dropped for each.
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
  ELSE
    SELECT path || '.' || label INTO STRICT NEW.path FROM resources WHERE id = NEW.parent_id;
  END IF;
  RETURN NEW;
END $$;

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
  RETURN NULL;
END $$;

-- What is counted at a place within the moved part stays right: only the places above it change.
CREATE OR REPLACE FUNCTION resources_uncount() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() > 1 THEN
    RETURN NULL;
  END IF;
  PERFORM lock_access_totals();
  DELETE FROM access_places WHERE below AND resource_id = ANY (path_ids(OLD.path) || path_ids(NEW.path));
  RETURN NULL;
END $$;
