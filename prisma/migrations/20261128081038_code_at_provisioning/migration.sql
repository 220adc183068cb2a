-- A role setting asks for a new code after approval (docs/decisions/fresh-code-at-provisioning.md). ARM has no rule for it.
ALTER TABLE role_management_policies ADD COLUMN provisioning_requires_mfa boolean NOT NULL DEFAULT FALSE;

-- A request that is approved and waits for its member's code waits as well: nobody asks for the same meanwhile, and
-- whatever looks for what waits finds it. Until when it waits is `expires_at` of its approval, as before.
DROP INDEX requests_pending_key;
CREATE UNIQUE INDEX requests_pending_key ON requests (principal_id, role_definition_id, resource_id)
  WHERE status IN ('PendingApproval', 'PendingProvisioning') AND request_type = 'SelfActivate';
DROP INDEX requests_pending_idx;
CREATE INDEX requests_pending_idx ON requests (id) WHERE status IN ('PendingApproval', 'PendingProvisioning');
DROP INDEX requests_waiting_idx;
CREATE INDEX requests_waiting_idx ON requests (resource_id, id)
  WHERE status IN ('PendingApproval', 'PendingProvisioning', 'ScheduleCreated');
