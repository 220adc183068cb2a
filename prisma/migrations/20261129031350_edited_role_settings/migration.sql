-- Role settings that somebody edited, in the order in which an export of a resource and everything below reads them.
CREATE INDEX role_management_policies_edited_idx ON role_management_policies (resource_id, role_definition_id)
  WHERE version > 0;
