-- Approvals that stay when an edit of the role settings puts their stage elsewhere: for each stage of this round, by its
-- position, the decisions of earlier rounds that count in it. Of approvals only, so never more than were given.
ALTER TABLE request_approvals ADD COLUMN kept jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(kept) = 'object');

-- Domains to which role settings may send mail without a step-up. Root administrators edit them.
ALTER TABLE installation
  ADD COLUMN allowed_mail_domains text[] NOT NULL DEFAULT '{}' CHECK (cardinality(allowed_mail_domains) <= 50),
  ADD COLUMN version integer NOT NULL DEFAULT 0;
GRANT UPDATE (allowed_mail_domains, version) ON installation TO postern_app;

-- What somebody did that says who decides on requests: few rows of a log of many.
CREATE INDEX audit_events_of_deciders_idx ON audit_events (actor_id, occurred_at)
  WHERE outcome = 'Success' AND kind IN ('RoleSettingsUpdated', 'GroupMemberAdded', 'GroupMemberRemoved',
    'PrincipalDisabled', 'PrincipalEnabled');

-- Whether somebody has changed who decides on a waiting request since it was made: edited the role settings that judge
-- it, or put people into the groups that it asks, took them out, or disabled or enabled one of them. Such a person does
-- not decide on it as an administrator.
CREATE FUNCTION changed_who_decides(decider uuid, request uuid) RETURNS boolean
LANGUAGE sql STABLE COST 10000 SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM requests q
    JOIN request_approvals a ON a.request_id = q.id
    JOIN resources s ON s.id = q.resource_id
    JOIN audit_events e ON e.actor_id = decider AND e.outcome = 'Success' AND e.occurred_at >= q.created_at
      AND e.kind IN ('RoleSettingsUpdated', 'GroupMemberAdded', 'GroupMemberRemoved', 'PrincipalDisabled',
        'PrincipalEnabled')
    WHERE q.id = request
      AND CASE
        WHEN e.kind = 'RoleSettingsUpdated'
        THEN e.role_definition_id = q.role_definition_id AND e.resource_id = ANY (path_ids(s.path))
        ELSE coalesce(e.details ->> 'groupId', e.target_id::text) IN (
          SELECT id::text FROM principals_and_members_below(a.approver_ids || a.escalation_ids) AS below (id))
      END)
$$;
