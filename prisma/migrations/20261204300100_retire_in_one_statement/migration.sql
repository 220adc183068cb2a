-- Retiring a resource, and putting it back, writes each resource below it once: the trigger that takes them along writes what says that
-- they are retired with their paths. Each was written twice, with all its indexes. All that lies below a retired resource was retired
-- with it.
CREATE OR REPLACE FUNCTION resources_move_children() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  -- Of a retired resource: the length of what stands before its scope.
  marked integer := CASE WHEN OLD.retirement_id IS NULL THEN 0 ELSE position('/' IN OLD.scope) - 1 END;
  place_before text;
  place_now text;
BEGIN
  IF pg_trigger_depth() > 1 THEN
    RETURN NULL;
  END IF;
  IF NEW.path LIKE OLD.path || '.%' THEN
    RAISE EXCEPTION 'a resource cannot be moved below itself' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.retirement_id IS NULL AND NEW.retirement_id IS NOT NULL THEN
    UPDATE resources SET path = NEW.path || substr(path, length(OLD.path) + 1), retirement_id = NEW.retirement_id,
      scope = left(NEW.scope, position('/' IN NEW.scope) - 1) || scope
    WHERE path > OLD.path || '.' AND path < OLD.path || '/';
  ELSIF OLD.retirement_id IS NOT NULL AND NEW.retirement_id IS NULL THEN
    SELECT t.parent_scope, r.scope INTO STRICT place_before, place_now
    FROM retirements t JOIN resources r ON r.id = NEW.parent_id WHERE t.id = OLD.retirement_id;
    UPDATE resources SET path = NEW.path || substr(path, length(OLD.path) + 1), retirement_id = NULL,
      scope = CASE WHEN place_before <> '/' AND starts_with(lower(substr(scope, marked + 1)), lower(place_before) || '/')
        THEN place_now || substr(scope, marked + length(place_before) + 1) ELSE substr(scope, marked + 1) END
    WHERE path > OLD.path || '.' AND path < OLD.path || '/';
  ELSE
    UPDATE resources SET path = NEW.path || substr(path, length(OLD.path) + 1),
      scope = CASE WHEN starts_with(lower(scope), lower(OLD.scope) || '/')
        THEN NEW.scope || substr(scope, length(OLD.scope) + 1) ELSE scope END
    WHERE path > OLD.path || '.' AND path < OLD.path || '/';
  END IF;
  UPDATE retirements SET path = NEW.path || substr(path, length(OLD.path) + 1)
  WHERE undone_at IS NULL AND path > OLD.path || '.' AND path < OLD.path || '/';
  RETURN NULL;
END $$;
