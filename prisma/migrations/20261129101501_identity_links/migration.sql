-- Sign-in through identity providers (docs/decisions/identity-providers.md). A person is known by what the provider can
-- never give to somebody else: its issuer and their subject there.
CREATE TABLE identity_links (
  id            uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  principal_id  uuid NOT NULL REFERENCES principals (id),
  issuer        text NOT NULL CHECK (issuer <> '' AND char_length(issuer) <= 500),
  subject       text NOT NULL CHECK (subject <> '' AND char_length(subject) <= 255),
  -- What the provider last called them. It is shown, and decides nothing.
  address       text CHECK (address <> '' AND char_length(address) <= 320),
  -- Who allowed it: themselves, an administrator, or nobody where it came with the account.
  created_by_id uuid REFERENCES principals (id),
  created_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_used_at  timestamptz(6),
  UNIQUE (issuer, subject)
);
CREATE INDEX identity_links_principal_id_idx ON identity_links (principal_id);

-- The right to link one identity, once: one at a time for a person and an issuer. One's own belongs to one session. Only a
-- hash of the token is stored.
CREATE TABLE identity_link_passes (
  principal_id  uuid NOT NULL REFERENCES principals (id),
  issuer        text NOT NULL CHECK (issuer <> '' AND char_length(issuer) <= 500),
  token_hash    bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  session_id    uuid REFERENCES sessions (id),
  created_by_id uuid NOT NULL REFERENCES principals (id),
  created_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at    timestamptz(6) NOT NULL,
  PRIMARY KEY (principal_id, issuer),
  CHECK ((session_id IS NULL) OR created_by_id = principal_id)
);
CREATE INDEX identity_link_passes_session_id_idx ON identity_link_passes (session_id) WHERE session_id IS NOT NULL;

-- By which link a session was signed in.
ALTER TABLE sessions
  ADD COLUMN identity_link_id uuid REFERENCES identity_links (id) ON DELETE SET NULL;
CREATE INDEX sessions_identity_link_idx ON sessions (identity_link_id) WHERE identity_link_id IS NOT NULL;

-- Whose a link is never changes. It is removed, and made anew.
GRANT SELECT, DELETE,
  INSERT (principal_id, issuer, subject, address, created_by_id, last_used_at), UPDATE (address, last_used_at)
  ON identity_links TO postern_app;
GRANT SELECT, DELETE,
  INSERT (principal_id, issuer, token_hash, session_id, created_by_id, expires_at),
  UPDATE (token_hash, session_id, created_by_id, created_at, expires_at) ON identity_link_passes TO postern_app;

-- A link that is made or removed, and a pass that is issued, need an event of the same transaction about their person.
CREATE FUNCTION identity_link_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  subject uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.principal_id ELSE NEW.principal_id END;
  told text := CASE WHEN TG_TABLE_NAME = 'identity_link_passes' THEN 'IdentityLinkIssued'
    WHEN TG_OP = 'DELETE' THEN 'IdentityUnlinked' ELSE 'IdentityLinked' END;
BEGIN
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.target_id = subject AND e.outcome = 'Success'
    AND e.kind || '' = told;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'identity_link_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION identity_link_needs_event() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER identity_links_need_event AFTER INSERT OR DELETE ON identity_links
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION identity_link_needs_event();
CREATE CONSTRAINT TRIGGER identity_link_passes_need_event AFTER INSERT OR UPDATE ON identity_link_passes
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION identity_link_needs_event();

-- What waits to be linked ends with the session that asked for it, and all of it when a sign-in is issued anew.
CREATE FUNCTION drop_link_passes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'sessions' THEN
    DELETE FROM identity_link_passes WHERE session_id = NEW.id;
  ELSE
    DELETE FROM identity_link_passes WHERE principal_id = NEW.user_id;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION drop_link_passes() FROM PUBLIC;
CREATE TRIGGER drop_link_passes AFTER UPDATE OF ended_at ON sessions
  FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION drop_link_passes();
CREATE TRIGGER drop_link_passes AFTER INSERT ON password_tickets
  FOR EACH ROW EXECUTE FUNCTION drop_link_passes();
