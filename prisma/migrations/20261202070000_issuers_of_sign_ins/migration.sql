-- Who issued an invitation or a one-time password. Both are judged again when they are used: somebody may have got access
-- since that the administrator who issued them could not give. Null where whoever runs the server did, and for those that
-- were issued before.
ALTER TABLE password_tickets ADD COLUMN issued_by_id uuid REFERENCES principals (id);
ALTER TABLE password_credentials ADD COLUMN issued_by_id uuid REFERENCES principals (id);
CREATE INDEX password_tickets_issued_by_idx ON password_tickets (issued_by_id);
CREATE INDEX password_credentials_issued_by_idx ON password_credentials (issued_by_id);
GRANT INSERT (issued_by_id) ON password_tickets TO postern_app;
GRANT INSERT (issued_by_id), UPDATE (issued_by_id) ON password_credentials TO postern_app;

-- What the right to choose a password rests on cannot be handed to another administrator without an entry in the log.
DROP TRIGGER password_credentials_change_needs_event ON password_credentials;
CREATE CONSTRAINT TRIGGER password_credentials_change_needs_event AFTER UPDATE ON password_credentials
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.hash, OLD.must_change, OLD.expires_at, OLD.issued_by_id)
      IS DISTINCT FROM (NEW.hash, NEW.must_change, NEW.expires_at, NEW.issued_by_id)
    AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
