-- When a person or group last changed, for directories (`meta.lastModified`); null since it was made. Only the database
-- fills it.
ALTER TABLE principals ADD COLUMN modified_at timestamptz(6);

CREATE FUNCTION keep_modified_at() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.modified_at := postern_time();
  RETURN NEW;
END $$;
CREATE TRIGGER principals_modified BEFORE UPDATE ON principals
  FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION keep_modified_at();
