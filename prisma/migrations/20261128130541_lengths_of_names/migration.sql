-- The longest names, as lib/domain/text/limits.ts has them for forms and imports. Older longer ones stay until they are
-- changed. The code counts UTF-16 units, of which there are never fewer than characters.

ALTER TABLE principals
  ADD CONSTRAINT principals_display_name_length CHECK (char_length(display_name) <= 256) NOT VALID,
  ADD CONSTRAINT principals_external_id_length CHECK (char_length(external_id) <= 400) NOT VALID;
ALTER TABLE role_definitions
  ADD CONSTRAINT role_definitions_role_name_length CHECK (char_length(role_name) <= 512) NOT VALID,
  ADD CONSTRAINT role_definitions_description_length CHECK (char_length(description) <= 2048) NOT VALID,
  ADD CONSTRAINT role_definitions_assignable_scopes_number CHECK (cardinality(assignable_scopes) <= 2000) NOT VALID;
ALTER TABLE resources
  ADD CONSTRAINT resources_display_name_length CHECK (char_length(display_name) <= 1000) NOT VALID;
