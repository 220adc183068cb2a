-- A session that has ended by the rules for signing in stays ended, whatever the rules become: whoever makes sessions short for
-- a moment, to send a thief away, does not let them in again by the longer time. Sessions that began before the one moment, or
-- were last used before the other, were over when the rules changed.
ALTER TABLE sign_in_rules ADD COLUMN sessions_begun_after timestamptz(6), ADD COLUMN sessions_used_after timestamptz(6);
GRANT UPDATE (sessions_begun_after, sessions_used_after) ON sign_in_rules TO postern_app;
