-- Names are stored in one composition (NFC) since they are checked, and searches look for that. Names from before may have
-- their accents apart (NFD), and no search finds them. Nobody changed these names: they read as before, so that there is
-- no event and no former name to keep. A name whose twin exists in the other composition stays, for people to tell apart.
ALTER TABLE principals DISABLE TRIGGER USER;
UPDATE principals SET display_name = normalize(display_name, NFC) WHERE display_name IS NOT NFC NORMALIZED;
ALTER TABLE principals ENABLE TRIGGER USER;

ALTER TABLE role_definitions DISABLE TRIGGER USER;
UPDATE role_definitions d SET role_name = normalize(d.role_name, NFC) WHERE d.role_name IS NOT NFC NORMALIZED
  AND NOT EXISTS (SELECT FROM role_definitions t WHERE lower(t.role_name) = lower(normalize(d.role_name, NFC)));
ALTER TABLE role_definitions ENABLE TRIGGER USER;

UPDATE resources SET display_name = normalize(display_name, NFC) WHERE display_name IS NOT NFC NORMALIZED;
