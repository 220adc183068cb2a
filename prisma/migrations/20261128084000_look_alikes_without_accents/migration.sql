-- Accents that stand on any script's letters do not make two names of roles look different (docs/decisions/names.md).
INSERT INTO look_alikes (letter, same_as)
SELECT chr(code), '' FROM (VALUES (768, 879), (6832, 6911), (7616, 7679), (8400, 8447), (65056, 65071)) AS block (first, last),
  generate_series(first, last) AS code
ON CONFLICT (letter) DO UPDATE SET same_as = '';
UPDATE look_alikes SET same_as = regexp_replace(same_as, '[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]', '', 'g')
WHERE same_as ~ '[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]';
UPDATE role_definitions SET name_skeleton = '';
