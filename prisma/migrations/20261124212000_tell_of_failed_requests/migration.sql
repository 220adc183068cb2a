-- A request that was approved and could not be given is told of as well, though it is a failure.
CREATE OR REPLACE FUNCTION audit_events_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.outcome = 'Success' AND NEW.kind NOT IN ('SignOut', 'SessionEnded', 'StepUpSucceeded'))
    OR NEW.kind IN ('FactorLocked', 'RequestFailed') THEN
    INSERT INTO notification_outbox (event_id) VALUES (NEW.id);
  END IF;
  RETURN NULL;
END $$;
