-- A link to an identity provider confirms operations as well. One's own right to link another identity ends with it, as with an app
-- or a passkey that is removed.
CREATE FUNCTION drop_own_link_passes_of_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM identity_link_passes WHERE principal_id = OLD.principal_id AND session_id IS NOT NULL;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION drop_own_link_passes_of_link() FROM PUBLIC;
CREATE TRIGGER drop_own_link_passes AFTER DELETE ON identity_links
  FOR EACH ROW EXECUTE FUNCTION drop_own_link_passes_of_link();
