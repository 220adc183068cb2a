-- What each row of an import was shown to do, to whom and where: the digest that a proof is bound to covers it, and a
-- row that would come to anything else when it is applied is left out.
ALTER TABLE import_rows ADD COLUMN shown jsonb;

-- The rights that the rows of an import take. Besides whoever read the file, only somebody who has all of them knows of
-- the import. At most a thousand rows for each; where there are more, rights at the root that hold all of them.
CREATE TABLE import_rights (
  import_id   uuid NOT NULL REFERENCES imports (id),
  position    integer NOT NULL,
  resource_id uuid NOT NULL REFERENCES resources (id),
  action      text NOT NULL,
  -- Of a role definition: what it would allow, and what it allows already.
  role        jsonb,
  PRIMARY KEY (import_id, position)
);
CREATE INDEX import_rights_resource_idx ON import_rights (resource_id);
GRANT SELECT, INSERT ON import_rights TO postern_app;

-- Of imports that there are it is not known what they take: everything that an import can.
INSERT INTO import_rights (import_id, position, resource_id, action)
SELECT i.id, a.position, r.id, a.action
FROM imports i
JOIN resources r ON r.scope = '/'
CROSS JOIN unnest(ARRAY[
  'Microsoft.Authorization/roleAssignmentScheduleRequests/write',
  'Microsoft.Authorization/roleEligibilityScheduleRequests/write',
  'Microsoft.Authorization/roleManagementPolicies/write',
  'Microsoft.Authorization/roleDefinitions/write',
  'Microsoft.Resources/resources/write']) WITH ORDINALITY AS a (action, position);
