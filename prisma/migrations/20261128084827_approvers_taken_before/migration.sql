-- Whether somebody has changed who decides on a waiting request: since it was made they edited the role settings that
-- judge it, or put people into the groups that it asks, took them out, or disabled or enabled one of them; or within the
-- thirty days before it was made they took somebody out or disabled them. An edit of the settings that leaves nobody to
-- decide takes a code; taking people away does not, and must not be the way around it. Such a person does not decide on
-- the request as an administrator.
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
$$;
