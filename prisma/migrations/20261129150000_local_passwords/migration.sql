-- Whether local passwords lead in: everybody's, or those of break-glass accounts alone
-- (docs/decisions/break-glass-accounts.md).
ALTER TABLE sign_in_rules ADD COLUMN local_passwords text NOT NULL DEFAULT 'Everyone'
  CHECK (local_passwords IN ('Everyone', 'BreakGlassOnly'));
GRANT UPDATE (local_passwords) ON sign_in_rules TO postern_app;

-- A session that awaits a second factor signs nobody in. Its review is opened when it is.
DROP TRIGGER guard_break_glass_account ON sessions;
CREATE CONSTRAINT TRIGGER guard_break_glass_account AFTER INSERT OR UPDATE OF awaits_factor ON sessions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT NEW.awaits_factor AND NOT acts_as_owner())
  EXECUTE FUNCTION guard_break_glass_account();
