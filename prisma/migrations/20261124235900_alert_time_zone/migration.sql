-- By whose clock the usual hours of people are judged: an IANA name that this server knows.
ALTER TABLE installation ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC' CHECK (time_zone ~ '^[A-Za-z0-9_+/-]+$');

-- How far a scan has judged, by the log's sequence, for a kind of alert that judges each event once.
CREATE TABLE alert_scans (
  kind           alert_kind PRIMARY KEY,
  judged_through bigint NOT NULL DEFAULT 0
);
INSERT INTO alert_scans (kind) VALUES ('UnusualActivation');

GRANT SELECT, UPDATE ON alert_scans TO postern_app;
