-- The least percentage that raises an alert, besides the least number; 0 where the number alone counts.
ALTER TABLE alert_settings ADD COLUMN percent integer NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100);

-- The number of Owners was the highest that raised nothing, and is now the least that raises an alert.
UPDATE alert_settings SET threshold = least(threshold + 1, 1000)
WHERE kind IN ('TooManyOwners', 'TooManyPermanentOwners');
