-- Extensions and renewals: what a request led to, and who decided on it with which reason. A request names the
-- eligibility or assignment that it is about; what resulted from it may be another row (a renewal, or another type).

ALTER TABLE requests
  ADD COLUMN resulting_eligibility_id uuid REFERENCES eligibilities (id),
  ADD COLUMN resulting_assignment_id  uuid REFERENCES assignments (id),
  ADD COLUMN decided_by_id            uuid REFERENCES principals (id),
  ADD COLUMN decision_justification   text;

CREATE INDEX requests_resulting_eligibility_idx ON requests (resulting_eligibility_id)
  WHERE resulting_eligibility_id IS NOT NULL;
CREATE INDEX requests_resulting_assignment_idx ON requests (resulting_assignment_id)
  WHERE resulting_assignment_id IS NOT NULL;

-- One request at a time waits for the same eligibility or assignment.
CREATE UNIQUE INDEX requests_waiting_for_eligibility_key ON requests (eligibility_id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew');
CREATE UNIQUE INDEX requests_waiting_for_assignment_key ON requests (assignment_id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew');
CREATE INDEX requests_waiting_extensions_idx ON requests (resource_id, id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew');

-- Lists of members are read in the order of their end, what is permanent last.
CREATE INDEX eligibilities_resource_end_idx ON eligibilities
  (resource_id, (coalesce(ends_at, 'infinity'::timestamptz)), id);
CREATE INDEX assignments_resource_end_idx ON assignments
  (resource_id, (coalesce(ends_at, 'infinity'::timestamptz)), id);
