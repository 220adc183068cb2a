-- Access counted ahead, so that the figures of a large place need not read every row of it (docs/decisions/counted-ahead.md).
-- All of it can be taken away and made anew from eligibilities and assignments; nothing decides by it.

-- The resources whose access is counted: what is held at the resource itself, or at it and `below` it.
CREATE TABLE access_places (
  resource_id uuid    NOT NULL REFERENCES resources (id),
  below       boolean NOT NULL,
  PRIMARY KEY (resource_id, below)
);

-- How many rows of a place began, ended and were made in each hour (UTC). What was taken back before it began is left
-- out. Long past hours are put together under '-infinity'.
CREATE TABLE access_totals (
  resource_id        uuid           NOT NULL,
  below              boolean        NOT NULL,
  hour               timestamptz(6) NOT NULL,
  role_definition_id uuid           NOT NULL,
  state              text           NOT NULL CHECK (state IN ('Eligible', 'Assigned', 'Activated')),
  started            integer        NOT NULL,
  ended              integer        NOT NULL,
  created            integer        NOT NULL,
  PRIMARY KEY (resource_id, below, hour, role_definition_id, state),
  FOREIGN KEY (resource_id, below) REFERENCES access_places (resource_id, below) ON DELETE CASCADE
);

-- What the totals do not contain yet: `number` more rows (fewer, when negative) with these hours. Only ever added to by
-- whoever changes access, so that nobody waits for anybody; the worker folds them into the totals.
CREATE TABLE access_changes (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource_id        uuid           NOT NULL,
  role_definition_id uuid           NOT NULL,
  state              text           NOT NULL,
  starts_hour        timestamptz(6) NOT NULL,
  ends_hour          timestamptz(6),
  created_hour       timestamptz(6) NOT NULL,
  number             integer        NOT NULL
);

CREATE FUNCTION hour_of(moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT date_bin('1 hour', moment, '2000-01-01 00:00:00+00')
$$;

-- The same for both tables but for the state: each statement's rows are put together by their hours, so that a batch or
-- an import leaves few changes, and an update that moves nothing leaves none.
DO $do$
DECLARE
  source record;
BEGIN
  FOR source IN SELECT * FROM (VALUES
    ('eligibilities', $state$'Eligible'$state$), ('assignments', 'x.assignment_type::text')) AS s (name, state)
  LOOP
    EXECUTE format($create$
      CREATE FUNCTION %1$s_count() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        IF TG_OP = 'INSERT' THEN
          INSERT INTO access_changes
            (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
          SELECT x.resource_id, x.role_definition_id, %2$s, hour_of(x.starts_at), hour_of(x.ends_at),
            hour_of(x.created_at), count(*)
          FROM new_rows x WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6;
        ELSIF TG_OP = 'DELETE' THEN
          INSERT INTO access_changes
            (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
          SELECT x.resource_id, x.role_definition_id, %2$s, hour_of(x.starts_at), hour_of(x.ends_at),
            hour_of(x.created_at), -count(*)
          FROM old_rows x WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6;
        ELSE
          INSERT INTO access_changes
            (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
          SELECT x.resource_id, x.role_definition_id, %2$s, hour_of(x.starts_at), hour_of(x.ends_at),
            hour_of(x.created_at), sum(x.sign)
          FROM (SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows) x
          WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(x.sign) <> 0;
        END IF;
        RETURN NULL;
      END $body$
    $create$, source.name, source.state);
    EXECUTE format('CREATE TRIGGER %1$s_count_new AFTER INSERT ON %1$s REFERENCING NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION %1$s_count()', source.name);
    EXECUTE format('CREATE TRIGGER %1$s_count_changed AFTER UPDATE ON %1$s
      REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
      FOR EACH STATEMENT EXECUTE FUNCTION %1$s_count()', source.name);
    EXECUTE format('CREATE TRIGGER %1$s_count_gone AFTER DELETE ON %1$s REFERENCING OLD TABLE AS old_rows
      FOR EACH STATEMENT EXECUTE FUNCTION %1$s_count()', source.name);
  END LOOP;
END $do$;

-- Whoever counts, and whoever moves a part of the tree, does so alone: a total made from the tree as it was before would
-- stay wrong for good. Where something was moved from or to is counted anew by the worker; until then its rows are read.
CREATE FUNCTION lock_access_totals() RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(hashtextextended('access_totals', 0))
$$;
CREATE FUNCTION resources_uncount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_access_totals();
  DELETE FROM access_places WHERE below AND resource_id = ANY (path_ids(OLD.path) || path_ids(NEW.path));
  RETURN NULL;
END $$;
CREATE TRIGGER resources_uncount AFTER UPDATE OF parent_id, path ON resources
  FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION resources_uncount();

-- The hour in which a figure's moment lies is counted from the rows themselves, by these.
CREATE INDEX eligibilities_starts_idx ON eligibilities (starts_at);
CREATE INDEX assignments_ends_idx ON assignments (ends_at);
DROP INDEX assignments_assigned_ends_idx;

GRANT SELECT, INSERT, DELETE ON access_places TO postern_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON access_totals TO postern_app;
GRANT SELECT, INSERT, DELETE ON access_changes TO postern_app;
