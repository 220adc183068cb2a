-- Getting started: who has put its card away, and whether the mail server took a test.
CREATE TABLE getting_started_dismissals (
  user_id      uuid PRIMARY KEY REFERENCES principals (id),
  dismissed_at timestamptz(6) NOT NULL DEFAULT postern_now()
);
COMMENT ON TABLE getting_started_dismissals IS 'People who do not want to see the card Getting started.';
GRANT SELECT, INSERT ON getting_started_dismissals TO postern_app;

ALTER TABLE installation
  ADD COLUMN mail_test_begun_at timestamptz(6),
  ADD COLUMN mail_tested_at timestamptz(6);
COMMENT ON COLUMN installation.mail_test_begun_at IS 'When somebody last sent a test mail: one a minute.';
COMMENT ON COLUMN installation.mail_tested_at IS 'When the mail server last accepted one.';
GRANT UPDATE (mail_test_begun_at, mail_tested_at) ON installation TO postern_app;
