-- Members of a group that a file does not name: told of (Missing), or taken out where the administrator chose so (Remove).
ALTER TYPE import_row_outcome ADD VALUE 'Remove';
ALTER TYPE import_row_outcome ADD VALUE 'Missing';
