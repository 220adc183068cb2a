-- What whoever issued a one-time password had activated is judged at the time when they issued it. That time cannot move
-- without an entry in the log, as their name cannot.
DROP TRIGGER password_credentials_change_needs_event ON password_credentials;
CREATE CONSTRAINT TRIGGER password_credentials_change_needs_event AFTER UPDATE ON password_credentials
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.hash, OLD.must_change, OLD.expires_at, OLD.issued_by_id, OLD.changed_at)
      IS DISTINCT FROM (NEW.hash, NEW.must_change, NEW.expires_at, NEW.issued_by_id, NEW.changed_at)
    AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
