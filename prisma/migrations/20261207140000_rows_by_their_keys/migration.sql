-- A trigger finds rows by their keys, once for each row that changes, and each connection plans its statements once. A plan made
-- when a table had a few rows read the whole table, and a first import into a new installation kept it: 5,000 people
-- took four times as long as they had to, and twice as many took four times as long again. A test in `functions` asks this of
-- every trigger.
DO $$
DECLARE
  each regprocedure;
BEGIN
  FOR each IN
    SELECT p.oid FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype AND l.lanname = 'plpgsql'
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', each);
  END LOOP;
END $$;
