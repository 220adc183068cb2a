-- Several files in one import: each row says of which kind it is and from which file. Both are empty in an import of one.
ALTER TYPE import_kind ADD VALUE 'Several';
ALTER TABLE import_rows ADD COLUMN kind import_kind;
ALTER TABLE import_rows ADD COLUMN file_name text;
