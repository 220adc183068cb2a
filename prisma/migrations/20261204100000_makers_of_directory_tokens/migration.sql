-- Who made the token of a directory. A token works on when that person no longer manages directories, which is shown and raises an
-- alert (docs/decisions/directories.md). Null where the version before made it: the directory's creator is meant then.
ALTER TYPE alert_kind ADD VALUE 'TokenOutlivesMaker';
ALTER TABLE directories ADD COLUMN token_made_by_id uuid REFERENCES principals (id);

UPDATE directories d SET token_made_by_id = (
  SELECT e.actor_id FROM audit_events e
  WHERE e.kind = 'DirectoryTokenReplaced' AND e.outcome = 'Success' AND e.details ->> 'directoryId' = d.id::text
  ORDER BY e.sequence DESC LIMIT 1)
WHERE d.token_hash IS NOT NULL;

GRANT INSERT (token_made_by_id), UPDATE (token_made_by_id) ON directories TO postern_app;
