-- Whether an event tells of a change of access is looked up by the access. By the transaction, all of its events were read for each
-- change: four million for a retirement that ends two thousand assignments.
CREATE OR REPLACE FUNCTION access_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  told boolean;
BEGIN
  -- Compared as text, which the index of transactions does not serve, by its column or by its condition.
  IF TG_TABLE_NAME = 'assignments' THEN
    told := EXISTS (SELECT FROM audit_events e
      WHERE e.assignment_id = NEW.id AND e.transaction_id::text = pg_current_xact_id()::text
        AND e.outcome::text = 'Success');
  ELSE
    told := EXISTS (SELECT FROM audit_events e
      WHERE e.eligibility_id = NEW.id AND e.transaction_id::text = pg_current_xact_id()::text
        AND e.outcome::text = 'Success');
  END IF;
  IF NOT told THEN
    RAISE EXCEPTION 'no event of the log tells of this change of % %', TG_TABLE_NAME, NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'access_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
