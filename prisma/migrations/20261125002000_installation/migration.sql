-- Every replica's set-up address is good until one of them is used; `seeding_since` is set while a seed is under way
-- that began on an empty database. Whether an installation is seeded decides whether a start may empty it, so that
-- only the owner of the tables says so: the application uses up set-up addresses and sets the time zone, no more.
ALTER TABLE installation
  ADD COLUMN setup_token_hashes bytea[] NOT NULL DEFAULT '{}',
  ADD COLUMN seeding_since timestamptz(6);
UPDATE installation SET setup_token_hashes = ARRAY[setup_token_hash] WHERE setup_token_hash IS NOT NULL;
ALTER TABLE installation DROP COLUMN setup_token_hash;
REVOKE INSERT, UPDATE, DELETE ON installation FROM postern_app;
GRANT UPDATE (setup_token_hashes, time_zone) ON installation TO postern_app;

-- `users_behind` says the same.
DROP FUNCTION people_of(uuid[]);
