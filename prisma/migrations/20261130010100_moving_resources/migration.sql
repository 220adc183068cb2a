-- Moving resources. Whoever gives access shares this lock until the commit, and a move has it alone: an activation that was
-- judged where the resource lay before would otherwise come to exist below another parent. Returns the resource's path as it
-- is once the lock is held.
CREATE FUNCTION lock_tree_shape(resource uuid) RETURNS text LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  found text;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7362446);
  SELECT r.path INTO found FROM resources r WHERE r.id = resource;
  RETURN found;
END $$;
