-- Access counted ahead is told apart by who holds it: users, groups and service principals
-- (docs/decisions/counted-ahead.md).

-- Nobody changes access meanwhile: what the old triggers counted is gone before the new ones count.
LOCK TABLE eligibilities, assignments IN SHARE ROW EXCLUSIVE MODE;
SELECT lock_access_totals();

-- Every place is counted anew by the worker, from the rows. Until then figures read the rows themselves, as they do for
-- any place that is not counted ahead.
DELETE FROM access_places;
DELETE FROM access_changes;

ALTER TABLE access_totals ADD COLUMN kind principal_type NOT NULL;
ALTER TABLE access_totals DROP CONSTRAINT access_totals_pkey;
ALTER TABLE access_totals ADD PRIMARY KEY (resource_id, below, hour, role_definition_id, state, kind);
ALTER TABLE access_changes ADD COLUMN kind principal_type NOT NULL;

-- The rows of each statement are put together by their hours and by who holds them, so that a batch or an import leaves few
-- changes and an update that moves nothing leaves none. Who holds them is found row by row, which serves one row and a
-- million alike, however the plan was made. `assignments_count` is the same but for the state.
CREATE OR REPLACE FUNCTION eligibilities_count() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, kind, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, 'Eligible',
      (SELECT p.type FROM principals p WHERE p.id = x.principal_id), hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), count(*)
    FROM new_rows x
    WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6, 7;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, kind, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, 'Eligible',
      (SELECT p.type FROM principals p WHERE p.id = x.principal_id), hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), -count(*)
    FROM old_rows x
    WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6, 7;
  ELSE
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, kind, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, 'Eligible',
      (SELECT p.type FROM principals p WHERE p.id = x.principal_id), hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), sum(x.sign)
    FROM (SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows) x
    WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(x.sign) <> 0;
  END IF;
  RETURN NULL;
END $$;

-- See `eligibilities_count`.
CREATE OR REPLACE FUNCTION assignments_count() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, kind, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, x.assignment_type::text,
      (SELECT p.type FROM principals p WHERE p.id = x.principal_id), hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), count(*)
    FROM new_rows x
    WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6, 7;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, kind, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, x.assignment_type::text,
      (SELECT p.type FROM principals p WHERE p.id = x.principal_id), hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), -count(*)
    FROM old_rows x
    WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6, 7;
  ELSE
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, kind, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, x.assignment_type::text,
      (SELECT p.type FROM principals p WHERE p.id = x.principal_id), hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), sum(x.sign)
    FROM (SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows) x
    WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(x.sign) <> 0;
  END IF;
  RETURN NULL;
END $$;
