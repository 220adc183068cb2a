-- Whoever issues a link to an identity provider for somebody else, and takes it themselves, has a second factor of that person:
-- beside the one that they have, and without the hours or the second administrator that a reset takes. So a link that somebody else
-- made for a person who had a factor then confirms nothing while they have one, until they make it their own, with that factor.
ALTER TABLE identity_links ADD COLUMN beside_factor boolean NOT NULL DEFAULT false;
UPDATE identity_links l SET beside_factor = true
WHERE l.created_by_id IS NOT NULL AND l.created_by_id <> l.principal_id AND (
  EXISTS (SELECT FROM totp_factors f WHERE f.user_id = l.principal_id AND f.confirmed_at <= l.created_at
    AND (f.removed_at IS NULL OR f.removed_at > l.created_at))
  OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = l.principal_id AND k.created_at <= l.created_at
    AND (k.removed_at IS NULL OR k.removed_at > l.created_at)));

-- What an administrator answers for later, of a link that a directory's token brought about, is as new as that.
CREATE FUNCTION keep_beside_factor() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.beside_factor := NEW.created_by_id IS DISTINCT FROM NEW.principal_id AND (
    EXISTS (SELECT FROM totp_factors f
      WHERE f.user_id = NEW.principal_id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL)
    OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = NEW.principal_id AND k.removed_at IS NULL));
  IF TG_OP = 'UPDATE' THEN NEW.created_at := postern_now(); END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION keep_beside_factor() FROM PUBLIC;
CREATE TRIGGER keep_beside_factor BEFORE INSERT OR UPDATE OF directory_id, created_by_id ON identity_links
  FOR EACH ROW EXECUTE FUNCTION keep_beside_factor();

-- The same as before; and its person may make a link their own that somebody else made.
CREATE OR REPLACE FUNCTION refuse_link_by_directory_later() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.directory_id IS NOT NULL OR (OLD.directory_id IS NULL AND NEW.created_by_id IS DISTINCT FROM NEW.principal_id) THEN
    RAISE EXCEPTION 'how a link came to be stays so' USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;

-- The same as before, for a link beside a factor too. A factor that the rules do not accept now is one: a link must not do where a
-- code was needed before.
CREATE OR REPLACE FUNCTION link_counts(link uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT l.directory_id IS NULL AND (l.created_by_id IS NOT DISTINCT FROM l.principal_id
    OR (l.created_at + make_interval(hours => r.factor_waits_hours) <= postern_now()
      AND NOT (l.beside_factor AND (
        EXISTS (SELECT FROM totp_factors f
          WHERE f.user_id = l.principal_id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL)
        OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = l.principal_id AND k.removed_at IS NULL)))))
  FROM identity_links l, sign_in_rules r WHERE l.id = link
$$;
