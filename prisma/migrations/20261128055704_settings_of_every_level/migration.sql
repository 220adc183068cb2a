-- Which role settings judge, and how a role begins (docs/decisions/settings-of-every-level.md).

-- Whether permissions allow a control action: as `anyAllows` of lib/domain/permissions.ts, which a test holds it to.
CREATE FUNCTION permissions_allow(permissions jsonb, operation text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM jsonb_array_elements(permissions) AS permission
    WHERE EXISTS (
        SELECT FROM jsonb_array_elements_text(permission -> 'actions') AS pattern
        WHERE lower(operation) LIKE
          replace(replace(replace(replace(lower(pattern), '\', '\\'), '%', '\%'), '_', '\_'), '*', '%'))
      AND NOT EXISTS (
        SELECT FROM jsonb_array_elements_text(permission -> 'notActions') AS pattern
        WHERE lower(operation) LIKE
          replace(replace(replace(replace(lower(pattern), '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')))
$$;

-- Whether a role may write authorisation: as `writesAuthorization` of lib/domain/permissions.ts, which a test holds it to.
ALTER TABLE role_definitions ADD COLUMN writes_authorization boolean NOT NULL GENERATED ALWAYS AS (
  permissions_allow(permissions, 'Microsoft.Authorization/roleAssignments/write')
  OR permissions_allow(permissions, 'Microsoft.Authorization/roleAssignmentScheduleRequests/write')
  OR permissions_allow(permissions, 'Microsoft.Authorization/roleEligibilityScheduleRequests/write')
  OR permissions_allow(permissions, 'Microsoft.Authorization/roleManagementPolicies/write')
  OR permissions_allow(permissions, 'Microsoft.Authorization/roleDefinitions/write')
  OR permissions_allow(permissions, 'Microsoft.Authorization/principals/write')) STORED;

-- Such a role begins with MFA on direct assignment, until somebody edits its settings (design section 3).
CREATE FUNCTION begin_role_settings() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.version = 0 AND NOT NEW.assignment_requires_mfa THEN
    SELECT d.writes_authorization INTO NEW.assignment_requires_mfa
    FROM role_definitions d WHERE d.id = NEW.role_definition_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER role_management_policies_begin BEFORE INSERT ON role_management_policies
  FOR EACH ROW EXECUTE FUNCTION begin_role_settings();

CREATE FUNCTION follow_role_permissions() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- In the order in which every verb locks policies.
  PERFORM FROM role_management_policies WHERE role_definition_id = NEW.id AND version = 0
  ORDER BY resource_id FOR NO KEY UPDATE;
  UPDATE role_management_policies SET assignment_requires_mfa = NEW.writes_authorization
  WHERE role_definition_id = NEW.id AND version = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER role_definitions_follow AFTER UPDATE OF permissions ON role_definitions
  FOR EACH ROW WHEN (OLD.writes_authorization <> NEW.writes_authorization)
  EXECUTE FUNCTION follow_role_permissions();

UPDATE role_management_policies p SET assignment_requires_mfa = TRUE
FROM role_definitions d
WHERE d.id = p.role_definition_id AND d.writes_authorization AND p.version = 0 AND NOT p.assignment_requires_mfa;

-- What a direct or eligible assignment of a role at a resource is judged by: the strictest, rule by rule, of its own
-- settings and of those of every level above that were ever edited for this role (design section 2, rule 4). A maximum
-- of null allows permanent. No row for a role or resource that does not exist.
CREATE FUNCTION direct_settings(role uuid, resource uuid)
RETURNS TABLE (eligible_maximum_days integer, active_maximum_days integer, assignment_requires_mfa boolean,
  assignment_requires_justification boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH levels AS MATERIALIZED (
      SELECT p.resource_id, p.eligible_maximum_days AS eligible, p.active_maximum_days AS active,
        p.assignment_requires_mfa AS mfa, p.assignment_requires_justification AS reason
      FROM resources r
      JOIN role_management_policies p ON p.role_definition_id = role AND p.resource_id = ANY (path_ids(r.path))
      WHERE r.id = resource AND (p.resource_id = resource OR p.version > 0)
      UNION ALL
      SELECT NULL, 365, 180, d.writes_authorization, TRUE
      FROM role_definitions d JOIN resources r ON r.id = resource
      WHERE d.id = role AND NOT EXISTS (
        SELECT FROM role_management_policies p WHERE p.role_definition_id = role AND p.resource_id = resource))
    SELECT min(l.eligible), min(l.active), bool_or(l.mfa), bool_or(l.reason) FROM levels l HAVING count(*) > 0;
END $$;
