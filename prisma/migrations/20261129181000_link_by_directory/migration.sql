-- Somebody whom a directory made may be linked by the external id that it gave them then, at their first sign-in
-- (docs/decisions/link-by-directory.md). Kept while it may; only the database writes it.
ALTER TABLE principals ADD COLUMN directory_subject text,
  ADD CONSTRAINT principals_directory_subject_whole CHECK (directory_subject IS NULL
    OR (type = 'User' AND directory_id IS NOT NULL AND directory_subject = external_id));

-- It is what the directory said when it made them. Any later external id or directory takes it away, and nothing gives it back.
CREATE FUNCTION keep_directory_subject() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.directory_subject := CASE WHEN NEW.type = 'User' AND NEW.directory_id IS NOT NULL THEN NEW.external_id END;
  ELSIF NEW.directory_subject IS DISTINCT FROM OLD.directory_subject
    OR (NEW.type, NEW.external_id, NEW.directory_id) IS DISTINCT FROM (OLD.type, OLD.external_id, OLD.directory_id) THEN
    NEW.directory_subject := NULL;
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION keep_directory_subject() FROM PUBLIC;
CREATE TRIGGER keep_directory_subject BEFORE INSERT OR UPDATE ON principals
  FOR EACH ROW EXECUTE FUNCTION keep_directory_subject();

-- Whoever was ever linked, in whatever way, is never linked so again: an administrator may have removed that link.
CREATE FUNCTION use_directory_subject() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE principals SET directory_subject = NULL WHERE id = NEW.principal_id AND directory_subject IS NOT NULL;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION use_directory_subject() FROM PUBLIC;
CREATE TRIGGER use_directory_subject AFTER INSERT ON identity_links
  FOR EACH ROW EXECUTE FUNCTION use_directory_subject();

-- The directory by whose external id a link came to be; null once its person or an administrator linked it themselves.
ALTER TABLE identity_links ADD COLUMN directory_id uuid REFERENCES directories (id);
CREATE INDEX identity_links_directory_idx ON identity_links (directory_id) WHERE directory_id IS NOT NULL;
GRANT INSERT (directory_id), UPDATE (directory_id, created_by_id) ON identity_links TO postern_app;

CREATE FUNCTION refuse_link_by_directory_later() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF OLD.directory_id IS NULL OR NEW.directory_id IS NOT NULL THEN
    RAISE EXCEPTION 'how a link came to be stays so' USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION refuse_link_by_directory_later() FROM PUBLIC;
CREATE TRIGGER refuse_link_by_directory_later BEFORE UPDATE OF directory_id, created_by_id ON identity_links
  FOR EACH ROW WHEN ((OLD.directory_id, OLD.created_by_id) IS DISTINCT FROM (NEW.directory_id, NEW.created_by_id))
  EXECUTE FUNCTION refuse_link_by_directory_later();
CREATE CONSTRAINT TRIGGER identity_links_vouched_need_event AFTER UPDATE OF directory_id, created_by_id ON identity_links
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.directory_id, OLD.created_by_id) IS DISTINCT FROM (NEW.directory_id, NEW.created_by_id) AND NOT acts_as_owner())
  EXECUTE FUNCTION identity_link_needs_event();

-- The same as before; a link that a directory's token brought about proves nothing.
CREATE OR REPLACE FUNCTION link_counts(link uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT l.directory_id IS NULL AND (l.created_by_id IS NOT DISTINCT FROM l.principal_id
    OR l.created_at + make_interval(hours => r.factor_waits_hours) <= postern_now())
  FROM identity_links l, sign_in_rules r WHERE l.id = link
$$;
