-- Break-glass accounts: named local accounts for when nothing else works (docs/decisions/break-glass-accounts.md). Root
-- administrators name and remove them, with a step-up and an event.
CREATE TABLE break_glass_accounts (
  user_id     uuid PRIMARY KEY REFERENCES principals (id),
  named_by_id uuid NOT NULL REFERENCES principals (id),
  named_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  reason      text NOT NULL CHECK (btrim(reason) <> '' AND char_length(reason) <= 2000)
);

-- Each sign-in by one, until another administrator has reviewed it.
CREATE TABLE break_glass_sign_ins (
  session_id   uuid PRIMARY KEY REFERENCES sessions (id),
  user_id      uuid NOT NULL REFERENCES principals (id),
  used_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  note         text CHECK (btrim(note) <> '' AND char_length(note) <= 2000),
  closed_by_id uuid REFERENCES principals (id),
  closed_at    timestamptz(6),
  CONSTRAINT break_glass_sign_ins_closed_by_another CHECK (closed_by_id <> user_id),
  CONSTRAINT break_glass_sign_ins_closed_whole CHECK (num_nonnulls(note, closed_by_id, closed_at) IN (0, 3))
);
CREATE INDEX break_glass_sign_ins_open_idx ON break_glass_sign_ins (used_at, session_id) WHERE closed_at IS NULL;

GRANT SELECT, DELETE, INSERT (user_id, named_by_id, reason) ON break_glass_accounts TO postern_app;
GRANT SELECT, INSERT (session_id, user_id), UPDATE (note, closed_by_id, closed_at) ON break_glass_sign_ins TO postern_app;

CREATE FUNCTION break_glass_account_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  subject uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.user_id ELSE NEW.user_id END;
  told text := CASE
    WHEN TG_TABLE_NAME = 'break_glass_sign_ins' THEN
      CASE TG_OP WHEN 'INSERT' THEN 'BreakGlassSignIn' ELSE 'BreakGlassSignInReviewed' END
    WHEN TG_OP = 'DELETE' THEN 'BreakGlassAccountRemoved' ELSE 'BreakGlassAccountNamed' END;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.closed_at IS NOT NULL THEN
      RAISE EXCEPTION 'a review that was closed stays so'
        USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
    END IF;
  END IF;
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.target_id = subject AND e.outcome = 'Success'
    AND e.kind || '' = told;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'break_glass_account_needs_event',
        TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION break_glass_account_needs_event() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER break_glass_accounts_need_event AFTER INSERT OR DELETE ON break_glass_accounts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner())
  EXECUTE FUNCTION break_glass_account_needs_event();
CREATE CONSTRAINT TRIGGER break_glass_sign_ins_need_event AFTER INSERT OR UPDATE ON break_glass_sign_ins
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner())
  EXECUTE FUNCTION break_glass_account_needs_event();

-- Whoever makes a session for such an account, by whatever way in, opens its review. Whatever disables a person, none of
-- them is disabled before it is taken off the list.
CREATE FUNCTION guard_break_glass_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'sessions' THEN
    PERFORM FROM break_glass_accounts b WHERE b.user_id = NEW.user_id
      AND NOT EXISTS (SELECT FROM break_glass_sign_ins i WHERE i.session_id = NEW.id);
    IF FOUND THEN
      RAISE EXCEPTION 'no review was opened of a sign-in by a break-glass account'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'break_glass_sign_in_is_reviewed',
          TABLE = TG_TABLE_NAME;
    END IF;
  ELSE
    PERFORM FROM break_glass_accounts b WHERE b.user_id = NEW.id;
    IF FOUND THEN
      RAISE EXCEPTION 'a break-glass account cannot be disabled'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'break_glass_account_stays',
          TABLE = TG_TABLE_NAME;
    END IF;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION guard_break_glass_account() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER guard_break_glass_account AFTER INSERT ON sessions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION guard_break_glass_account();
CREATE CONSTRAINT TRIGGER guard_break_glass_account AFTER UPDATE OF disabled_at ON principals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL AND NOT acts_as_owner())
  EXECUTE FUNCTION guard_break_glass_account();

-- What a directory says of one, and Postern does not do.
ALTER TABLE directory_drift DROP CONSTRAINT directory_drift_kind_check;
ALTER TABLE directory_drift ADD CONSTRAINT directory_drift_kind_check CHECK (kind IN
  ('NameTaken', 'TakeOver', 'Address', 'Member', 'Conflict', 'Enable', 'LastOwner', 'BreakGlass'));
