-- What gives somebody power since somebody else did something: a custom role of theirs that was widened, too. Nobody assigned
-- anything then, and no event names them. It counts where the role can write authorisation by now.
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
        SELECT DISTINCT by.actor_id FROM (
          SELECT e.actor_id, e.details FROM audit_events e
          WHERE e.target_id = s.id AND e.occurred_at >= since AND e.outcome = 'Success'
            AND (e.kind IN ('SignInIssued', 'AuthenticatorReset', 'FactorResetAsked', 'FactorResetConfirmed',
                'IdentityLinkIssued', 'FactorPassIssued', 'PrincipalHandedOver')
              OR (NOT (s.own AND sign_in) AND e.kind IN (
              'EligibleAssignmentAdded', 'EligibleAssignmentUpdated', 'EligibleAssignmentExtended',
              'EligibleAssignmentRenewed', 'ActiveAssignmentAdded', 'ActiveAssignmentUpdated',
              'ActiveAssignmentExtended', 'ActiveAssignmentRenewed', 'ExtensionApproved', 'RenewalApproved',
              'GroupMemberAdded', 'PrincipalCreated', 'PrincipalEnabled')))
          UNION ALL
          SELECT e.actor_id, e.details FROM (
            SELECT role_definition_id, ends_at FROM assignments WHERE principal_id = s.id
            UNION ALL
            SELECT role_definition_id, ends_at FROM eligibilities WHERE principal_id = s.id) held
          JOIN role_definitions d ON d.id = held.role_definition_id AND d.writes_authorization
          JOIN audit_events e ON e.role_definition_id = d.id AND e.kind = 'RoleDefinitionUpdated'
            AND e.details ->> 'widened' = 'true' AND e.outcome = 'Success' AND e.occurred_at >= since
          WHERE NOT (s.own AND sign_in) AND (held.ends_at IS NULL OR held.ends_at > since)) e
        CROSS JOIN LATERAL (
          SELECT e.actor_id
          UNION ALL
          SELECT made.actor_id FROM audit_events made
          WHERE e.actor_id IS NULL AND e.details ->> 'directoryId' IS NOT NULL
            AND made.kind IN ('DirectoryCreated', 'DirectoryTokenReplaced') AND made.outcome = 'Success'
            AND made.occurred_at >= since AND made.details ->> 'directoryId' = e.details ->> 'directoryId') by
        WHERE by.actor_id IS NOT NULL
        OFFSET 0) e
      CROSS JOIN LATERAL (SELECT e.actor_id AS id UNION SELECT principal_and_groups(e.actor_id)) gave
    )
    SELECT FROM sources WHERE sources.id = giver AND NOT sources.own);
END $$;

-- Whoever took somebody out of a group that a request asks does not decide in their place. A review that they answered is
-- applied in the name of another, and takes them out all the same.
CREATE OR REPLACE FUNCTION changed_who_decides(decider uuid, request uuid) RETURNS boolean
LANGUAGE sql STABLE COST 10000 SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM requests q
    JOIN request_approvals a ON a.request_id = q.id
    JOIN resources s ON s.id = q.resource_id
    JOIN audit_events e ON e.actor_id = decider AND e.outcome = 'Success'
      AND e.occurred_at >= q.created_at - interval '30 days'
      AND e.kind IN ('RoleSettingsUpdated', 'GroupMemberAdded', 'GroupMemberRemoved', 'PrincipalDisabled',
        'PrincipalEnabled')
      AND (e.occurred_at >= q.created_at OR e.kind IN ('GroupMemberRemoved', 'PrincipalDisabled'))
    WHERE q.id = request
      AND CASE
        WHEN e.kind = 'RoleSettingsUpdated'
        THEN e.role_definition_id = q.role_definition_id AND e.resource_id = ANY (path_ids(s.path))
        ELSE coalesce(e.details ->> 'groupId', e.target_id::text) IN (
          SELECT id::text FROM principals_and_members_below(a.approver_ids || a.escalation_ids) AS below (id))
      END)
  OR EXISTS (
    SELECT FROM requests q
    JOIN request_approvals a ON a.request_id = q.id
    JOIN access_review_items i ON i.decided_by_id = decider AND i.group_id IS NOT NULL AND i.decision = 'Deny'
      AND i.outcome = 'Removed' AND i.outcome_at >= q.created_at - interval '30 days'
    WHERE q.id = request
      AND i.group_id IN (SELECT principals_and_members_below(a.approver_ids || a.escalation_ids)))
$$;
CREATE INDEX access_review_items_denied_members_idx ON access_review_items (decided_by_id, outcome_at)
  WHERE group_id IS NOT NULL AND outcome = 'Removed';

-- One's own right to link an identity was asked for with a factor. It ends once somebody removes or replaces one, as a new
-- factor that was begun with it does: whoever abused it would come back by the link.
CREATE FUNCTION drop_own_link_passes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM identity_link_passes WHERE principal_id = NEW.user_id AND session_id IS NOT NULL;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION drop_own_link_passes() FROM PUBLIC;
CREATE TRIGGER drop_own_link_passes AFTER UPDATE OF removed_at ON totp_factors
  FOR EACH ROW WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL) EXECUTE FUNCTION drop_own_link_passes();
CREATE TRIGGER drop_own_link_passes AFTER UPDATE OF removed_at ON passkeys
  FOR EACH ROW WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL) EXECUTE FUNCTION drop_own_link_passes();
