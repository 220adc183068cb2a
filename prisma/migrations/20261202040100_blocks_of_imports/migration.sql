-- The digests of an import's rows, five hundred by position each, so that a batch that is applied checks its own rows and no
-- others. The digest of the import is made of them (docs/decisions/imports.md).
CREATE TABLE import_blocks (
  import_id uuid NOT NULL REFERENCES imports (id),
  block     integer NOT NULL,
  digest    text NOT NULL CHECK (char_length(digest) = 64),
  PRIMARY KEY (import_id, block)
);

-- Imports that are not finished keep what they were shown to do. A code that one was confirmed with stood for its former digest.
INSERT INTO import_blocks (import_id, block, digest)
SELECT r.import_id, r.position / 500, encode(sha256(convert_to(string_agg(
  r.number || ' ' || r.position || coalesce(' ' || r.kind, '') || ' ' || coalesce(r.data::text, '') || ' ' || r.shown::text,
  E'\n' ORDER BY r.position, r.number), 'UTF8')), 'hex')
FROM import_rows r JOIN imports i ON i.id = r.import_id
WHERE i.status IN ('Staged', 'Applying') AND r.shown IS NOT NULL
GROUP BY r.import_id, r.position / 500;
UPDATE imports i SET digest = encode(sha256(convert_to(i.kind || ' ' || i.cap_to_maximum || E'\n' || coalesce((
  SELECT string_agg(b.block || ' ' || b.digest, E'\n' ORDER BY b.block) FROM import_blocks b WHERE b.import_id = i.id), ''), 'UTF8')), 'hex')
WHERE i.status IN ('Staged', 'Applying');

CREATE INDEX import_rows_position_idx ON import_rows (import_id, position);

GRANT SELECT, INSERT ON import_blocks TO postern_app;
