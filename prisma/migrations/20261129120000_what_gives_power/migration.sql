-- What else gives somebody power since an emergency (docs/decisions/break-glass.md): a link to an identity provider, a
-- one-time pass for a factor, a person or group given to a directory, and whatever a directory does whose token was made
-- since. A directory is nobody: whoever made its token acts through it.
CREATE OR REPLACE FUNCTION power_came_from(person uuid, giver uuid, since timestamptz, sign_in boolean) RETURNS boolean
LANGUAGE plpgsql STABLE COST 10000
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    WITH RECURSIVE sources (id, own) AS (
      SELECT r.id, true FROM principal_and_groups(person) AS r (id)
      UNION
      SELECT gave.id, false
      FROM sources s
      CROSS JOIN LATERAL (
        SELECT DISTINCT by.actor_id FROM audit_events e
        CROSS JOIN LATERAL (
          SELECT e.actor_id
          UNION ALL
          SELECT made.actor_id FROM audit_events made
          WHERE e.actor_id IS NULL AND e.details ->> 'directoryId' IS NOT NULL
            AND made.kind IN ('DirectoryCreated', 'DirectoryTokenReplaced') AND made.outcome = 'Success'
            AND made.occurred_at >= since AND made.details ->> 'directoryId' = e.details ->> 'directoryId') by
        WHERE e.target_id = s.id AND e.occurred_at >= since AND e.outcome = 'Success' AND by.actor_id IS NOT NULL
          AND (e.kind IN ('SignInIssued', 'AuthenticatorReset', 'IdentityLinkIssued', 'FactorPassIssued',
              'PrincipalHandedOver')
            OR (NOT (s.own AND sign_in) AND e.kind IN (
            'EligibleAssignmentAdded', 'EligibleAssignmentUpdated', 'EligibleAssignmentExtended',
            'EligibleAssignmentRenewed', 'ActiveAssignmentAdded', 'ActiveAssignmentUpdated',
            'ActiveAssignmentExtended', 'ActiveAssignmentRenewed', 'ExtensionApproved', 'RenewalApproved',
            'GroupMemberAdded', 'PrincipalCreated', 'PrincipalEnabled')))
        OFFSET 0) e
      CROSS JOIN LATERAL (SELECT e.actor_id AS id UNION SELECT principal_and_groups(e.actor_id)) gave
    )
    SELECT FROM sources WHERE sources.id = giver AND NOT sources.own);
END $$;
