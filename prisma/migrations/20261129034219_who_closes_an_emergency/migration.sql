-- Who closes the review of an emergency activation: nobody whose right to it came from the member since
-- (docs/decisions/break-glass.md).

-- A user and the groups that they reached before a moment, on every step of the way, and still do.
CREATE FUNCTION principal_and_groups_before(principal uuid, moment timestamptz) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY
    WITH RECURSIVE reached (id) AS (
      SELECT p.id FROM principals p WHERE p.id = principal AND p.disabled_at IS NULL
      UNION
      SELECT m.group_id FROM reached r
        JOIN group_members m ON m.member_id = r.id AND m.added_at < moment
        JOIN principals g ON g.id = m.group_id AND g.disabled_at IS NULL
    )
    SELECT r.id FROM reached r;
END $$;

-- Whether a person, or a group above them, got access, a membership, an account or a sign-in from `giver` since a moment:
-- directly, or by others who got theirs so. Whoever gave is looked up backwards from the person, since a person has few
-- groups and a group may have many people. With `sign_in`, only their own sign-in or second factor counts.
CREATE FUNCTION power_came_from(person uuid, giver uuid, since timestamptz, sign_in boolean) RETURNS boolean
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
        SELECT DISTINCT e.actor_id FROM audit_events e
        WHERE e.target_id = s.id AND e.occurred_at >= since AND e.outcome = 'Success' AND e.actor_id IS NOT NULL
          AND (e.kind IN ('SignInIssued', 'AuthenticatorReset') OR (NOT (s.own AND sign_in) AND e.kind IN (
            'EligibleAssignmentAdded', 'EligibleAssignmentUpdated', 'EligibleAssignmentExtended',
            'EligibleAssignmentRenewed', 'ActiveAssignmentAdded', 'ActiveAssignmentUpdated',
            'ActiveAssignmentExtended', 'ActiveAssignmentRenewed', 'ExtensionApproved', 'RenewalApproved',
            'GroupMemberAdded', 'PrincipalCreated', 'PrincipalEnabled')))
        OFFSET 0) e
      CROSS JOIN LATERAL (SELECT e.actor_id AS id UNION SELECT principal_and_groups(e.actor_id)) gave
    )
    SELECT FROM sources WHERE sources.id = giver AND NOT sources.own);
END $$;

REVOKE ALL ON FUNCTION principal_and_groups_before(uuid, timestamptz),
  power_came_from(uuid, uuid, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION principal_and_groups_before(uuid, timestamptz),
  power_came_from(uuid, uuid, timestamptz, boolean) TO postern_app;

-- The alert of an emergency that nobody has reviewed cannot be switched off any more.
DELETE FROM alert_settings WHERE kind = 'BreakGlass';
