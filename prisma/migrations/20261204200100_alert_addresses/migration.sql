-- Addresses outside the circle of administrators to which alerts of high severity are mailed.
ALTER TABLE installation ADD COLUMN alert_addresses text[] NOT NULL DEFAULT '{}'
  CHECK (cardinality(alert_addresses) <= 10 AND octet_length(array_to_string(alert_addresses, ',')) <= 2600);
GRANT UPDATE (alert_addresses) ON installation TO postern_app;
