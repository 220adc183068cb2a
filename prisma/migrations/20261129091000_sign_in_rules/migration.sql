-- The organisation's rules for signing in and for factors (docs/decisions/sign-in-rules.md). One row. Root administrators
-- change it, with a step-up and an event.
CREATE TABLE sign_in_rules (
  id                      integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  -- The issuer in the QR code of an authenticator app. A colon would end it there.
  installation_name       text NOT NULL DEFAULT 'Postern'
    CHECK (char_length(installation_name) BETWEEN 1 AND 60 AND installation_name NOT LIKE '%:%'),
  session_hours           integer NOT NULL DEFAULT 12 CHECK (session_hours BETWEEN 1 AND 24),
  idle_minutes            integer NOT NULL DEFAULT 120 CHECK (idle_minutes BETWEEN 15 AND 720),
  recovery_codes_confirm  boolean NOT NULL DEFAULT true,
  minimum_password_length integer NOT NULL DEFAULT 12 CHECK (minimum_password_length BETWEEN 12 AND 64),
  version                 integer NOT NULL DEFAULT 0
);
INSERT INTO sign_in_rules DEFAULT VALUES;

CREATE FUNCTION sign_in_rules_need_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.outcome = 'Success' AND e.kind || '' = 'SignInRulesUpdated';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sign_in_rules_need_event AFTER UPDATE ON sign_in_rules
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW AND NOT acts_as_owner())
  EXECUTE FUNCTION sign_in_rules_need_event();

REVOKE ALL ON FUNCTION sign_in_rules_need_event() FROM PUBLIC;
GRANT SELECT, UPDATE (installation_name, session_hours, idle_minutes, recovery_codes_confirm, minimum_password_length,
  version) ON sign_in_rules TO postern_app;
