-- Which factors role settings accept where they require MFA: any, or only phishing-resistant ones (docs/decisions/passkeys.md).
-- Without effect where MFA is not required.
ALTER TABLE role_management_policies
  ADD COLUMN activation_phishing_resistant boolean NOT NULL DEFAULT false,
  ADD COLUMN assignment_phishing_resistant boolean NOT NULL DEFAULT false;
GRANT UPDATE (activation_phishing_resistant, assignment_phishing_resistant) ON role_management_policies TO postern_app;

-- The same as before, with the factors that the strictest level accepts.
DROP FUNCTION direct_settings(uuid, uuid);
CREATE FUNCTION direct_settings(role uuid, resource uuid)
RETURNS TABLE (eligible_maximum_days integer, active_maximum_days integer, assignment_requires_mfa boolean,
  assignment_phishing_resistant boolean, assignment_requires_justification boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH levels AS MATERIALIZED (
      SELECT p.resource_id, p.eligible_maximum_days AS eligible, p.active_maximum_days AS active,
        p.assignment_requires_mfa AS mfa, p.assignment_requires_mfa AND p.assignment_phishing_resistant AS resistant,
        p.assignment_requires_justification AS reason
      FROM resources r
      JOIN role_management_policies p ON p.role_definition_id = role AND p.resource_id = ANY (path_ids(r.path))
      WHERE r.id = resource AND (p.resource_id = resource OR p.version > 0)
      UNION ALL
      SELECT NULL, 365, 180, d.writes_authorization, FALSE, TRUE
      FROM role_definitions d JOIN resources r ON r.id = resource
      WHERE d.id = role AND NOT EXISTS (
        SELECT FROM role_management_policies p WHERE p.role_definition_id = role AND p.resource_id = resource))
    SELECT min(l.eligible), min(l.active), bool_or(l.mfa), bool_or(l.resistant), bool_or(l.reason)
    FROM levels l HAVING count(*) > 0;
END $$;

-- A row of an import whose role settings accept only a passkey.
ALTER TABLE import_rows ADD COLUMN needs_passkey boolean NOT NULL DEFAULT false;
