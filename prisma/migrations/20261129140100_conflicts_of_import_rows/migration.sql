-- Which rules refused a row of an import, and for whom an exception would be: an array of at most three
-- { ruleId, principalId }. Empty for rows that were read before.
ALTER TABLE import_rows ADD COLUMN conflicts jsonb;
