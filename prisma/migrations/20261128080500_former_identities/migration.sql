-- How a principal was named and addressed until lately: whoever decides about somebody is told of a change of the last
-- 30 days (docs/decisions/who-is-meant.md). An array of {kind, value, until}, oldest first; null when nothing changed lately.
ALTER TABLE principals ADD COLUMN former_identities jsonb;

-- Kept by the database, so that no way of renaming forgets it and none of the application's writes can change it. What
-- is older than 30 days goes with the next change; of more than eight the oldest stays, being what people knew.
CREATE FUNCTION keep_former_identities() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kept jsonb;
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.former_identities := NULL;
    RETURN NEW;
  END IF;
  SELECT coalesce(jsonb_agg(was ORDER BY position), '[]') INTO kept
  FROM jsonb_array_elements(coalesce(OLD.former_identities, '[]')) WITH ORDINALITY AS f (was, position)
  WHERE (was ->> 'until')::timestamptz > postern_now() - interval '30 days';
  IF OLD.display_name IS DISTINCT FROM NEW.display_name THEN
    kept := kept || jsonb_build_object('kind', 'displayName', 'value', OLD.display_name, 'until', postern_now());
  END IF;
  IF OLD.email IS DISTINCT FROM NEW.email AND OLD.email IS NOT NULL THEN
    kept := kept || jsonb_build_object('kind', 'email', 'value', OLD.email, 'until', postern_now());
  END IF;
  IF OLD.external_id IS DISTINCT FROM NEW.external_id AND OLD.external_id IS NOT NULL THEN
    kept := kept || jsonb_build_object('kind', 'externalId', 'value', OLD.external_id, 'until', postern_now());
  END IF;
  WHILE jsonb_array_length(kept) > 8 LOOP
    kept := kept - 1;
  END LOOP;
  NEW.former_identities := nullif(kept, '[]');
  RETURN NEW;
END $$;

CREATE TRIGGER principals_keep_former BEFORE INSERT OR UPDATE ON principals
  FOR EACH ROW EXECUTE FUNCTION keep_former_identities();

-- Whom an event is about and who did it, as they were addressed at that moment: names are not enough to tell people
-- apart, and addresses change. Filled by the database alone. Null for events from before this was kept.
ALTER TABLE audit_events
  ADD COLUMN actor_email text,
  ADD COLUMN target_type principal_type,
  ADD COLUMN target_email text,
  ADD COLUMN target_external_id text;

CREATE FUNCTION address_audit_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.actor_email := (SELECT p.email FROM principals p WHERE p.id = NEW.actor_id);
  SELECT p.type, p.email, p.external_id INTO NEW.target_type, NEW.target_email, NEW.target_external_id
  FROM principals p WHERE p.id = NEW.target_id;
  RETURN NEW;
END $$;

CREATE TRIGGER audit_events_address BEFORE INSERT ON audit_events
  FOR EACH ROW EXECUTE FUNCTION address_audit_event();
