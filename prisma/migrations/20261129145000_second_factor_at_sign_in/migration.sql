-- Whether signing in with a password asks for a second factor too (docs/decisions/second-factor-at-sign-in.md).
ALTER TABLE sign_in_rules ADD COLUMN sign_in_takes_two boolean NOT NULL DEFAULT false;
GRANT UPDATE (sign_in_takes_two) ON sign_in_rules TO postern_app;

-- A session in which the password was right and the second factor is still to be shown. It signs nobody in: it is open for
-- nothing (`openSession`), and no challenge is made in it.
ALTER TABLE sessions ADD COLUMN awaits_factor boolean NOT NULL DEFAULT false;

CREATE FUNCTION refuse_awaiting_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM sessions WHERE id = NEW.session_id AND awaits_factor) THEN
    RAISE EXCEPTION 'this session awaits a second factor' USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION refuse_awaiting_session() FROM PUBLIC;
CREATE TRIGGER refuse_awaiting_session BEFORE INSERT ON step_up_challenges
  FOR EACH ROW EXECUTE FUNCTION refuse_awaiting_session();
CREATE TRIGGER refuse_awaiting_session BEFORE INSERT ON step_up_proofs
  FOR EACH ROW EXECUTE FUNCTION refuse_awaiting_session();

-- A session that was opened never awaits again.
CREATE FUNCTION refuse_awaiting_again() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a session that was opened stays so' USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
END $$;
REVOKE ALL ON FUNCTION refuse_awaiting_again() FROM PUBLIC;
CREATE TRIGGER refuse_awaiting_again BEFORE UPDATE OF awaits_factor ON sessions
  FOR EACH ROW WHEN (NEW.awaits_factor AND NOT OLD.awaits_factor) EXECUTE FUNCTION refuse_awaiting_again();
