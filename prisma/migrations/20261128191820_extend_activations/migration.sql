-- A member extends an activation in place. Such a request to extend has a duration, as one to activate has; one about
-- an eligibility or direct assignment has none, and waits for administrators instead of approvers.

ALTER TABLE requests ADD CONSTRAINT requests_extended_activation CHECK (
  request_type <> 'SelfExtend' OR duration_minutes IS NULL
  OR (eligibility_id IS NOT NULL AND assignment_id IS NOT NULL AND ends_at IS NOT NULL));

DROP INDEX requests_waiting_for_eligibility_key;
DROP INDEX requests_waiting_for_assignment_key;
DROP INDEX requests_waiting_extensions_idx;
CREATE UNIQUE INDEX requests_waiting_for_eligibility_key ON requests (eligibility_id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew') AND duration_minutes IS NULL;
CREATE UNIQUE INDEX requests_waiting_for_assignment_key ON requests (assignment_id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew') AND duration_minutes IS NULL;
CREATE INDEX requests_waiting_extensions_idx ON requests (resource_id, id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew') AND duration_minutes IS NULL;

-- One request at a time waits to extend an activation, for approval or for the member's code.
CREATE UNIQUE INDEX requests_waiting_for_activation_key ON requests (assignment_id)
  WHERE status IN ('PendingApproval', 'PendingProvisioning') AND request_type = 'SelfExtend'
    AND duration_minutes IS NOT NULL;

-- A reminder on the day of the end itself: fifteen minutes before the end of an activation.
ALTER TABLE expiry_reminders DROP CONSTRAINT expiry_reminders_days_before_check;
ALTER TABLE expiry_reminders ADD CONSTRAINT expiry_reminders_days_before_check CHECK (days_before IN (0, 1, 14));
