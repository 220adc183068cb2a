-- Names in functions mean what they meant here, whatever search_path their caller has, and the clock is moved only
-- where the owner of the tables says so (docs/decisions/database-logins.md).

-- Set by the owner in databases of tests. The seed moves the clock as well, until the installation is seeded.
ALTER TABLE installation ADD COLUMN test_database boolean NOT NULL DEFAULT false;

-- The moved clock, for postern_now() alone; a session that set `postern.now` where it may not gets the real time.
CREATE FUNCTION postern_moved_clock() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM installation WHERE test_database OR (seeding_since IS NOT NULL AND seeded_at IS NULL)) THEN
    RETURN current_setting('postern.now')::timestamptz;
  END IF;
  RETURN statement_timestamp();
END $$;

-- Four expressions are taken into the statements that use them, by the row, and a function with settings of its own is
-- not. RETURN binds every name when the function is made, so that no search_path changes what they mean.
CREATE OR REPLACE FUNCTION postern_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN coalesce(current_setting('postern.now', true), '') = '' THEN statement_timestamp()
  ELSE postern_moved_clock() END;

CREATE OR REPLACE FUNCTION postern_uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(
  set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid())
      placing substring(int8send((extract(epoch FROM postern_now()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid;

CREATE OR REPLACE FUNCTION path_ids(path text) RETURNS uuid[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN string_to_array(path, '.')::uuid[];

-- (No parallel workers for this one, as before.)
CREATE OR REPLACE FUNCTION hour_of(moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE
RETURN date_bin('1 hour', moment, '2000-01-01 00:00:00+00'::timestamptz);

-- The same answer as before, in PL/pgSQL, which keeps its plan.
CREATE OR REPLACE FUNCTION principal_and_groups(principal uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 AS $$
BEGIN
  RETURN QUERY
    WITH RECURSIVE reached (id) AS (
      SELECT p.id FROM principals p WHERE p.id = principal AND p.disabled_at IS NULL
      UNION
      SELECT m.group_id FROM reached r
        JOIN group_members m ON m.member_id = r.id
        JOIN principals g ON g.id = m.group_id AND g.disabled_at IS NULL
    )
    SELECT r.id FROM reached r;
END $$;

-- Every other function of Postern's own. (Those of extensions are not ours to change.)
DO $$
DECLARE
  each regprocedure;
BEGIN
  FOR each IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND p.prosqlbody IS NULL
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', each);
  END LOOP;
END $$;
