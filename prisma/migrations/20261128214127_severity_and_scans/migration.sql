-- How severe an alert is, by its finding: of one kind, some may be more severe than others.
CREATE TYPE alert_severity AS ENUM ('Low', 'Medium', 'High');
ALTER TABLE alerts ADD COLUMN severity alert_severity NOT NULL DEFAULT 'Medium';
UPDATE alerts SET severity = CASE
  WHEN kind::text IN ('EligibleNeverActivates', 'DuplicateCustomRoles') THEN 'Low'::alert_severity ELSE 'High' END
WHERE kind::text NOT IN ('TooManyOwners', 'UnusualActivation');

-- When alerts were scanned for, and whether somebody waits for a scan. One row.
CREATE TABLE alert_scan_state (
  id          integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  wanted      boolean NOT NULL DEFAULT false,
  asked_at    timestamptz(6),
  started_at  timestamptz(6),
  finished_at timestamptz(6)
);
INSERT INTO alert_scan_state DEFAULT VALUES;
GRANT SELECT, UPDATE (wanted, asked_at, started_at, finished_at) ON alert_scan_state TO postern_app;
