-- Finds the role settings that name a principal as approver, for the page of a person or group.
CREATE INDEX role_management_policies_approvers_idx ON role_management_policies
  USING gin (approval_stages jsonb_path_ops) WHERE approval_required;
