-- Who approves an activation, and who is told of what. The stages of an approval and the rules of notifications are
-- small documents of one policy, read and written with it and never searched, so they are jsonb; the application
-- checks their shape whenever it reads or writes them.

CREATE FUNCTION default_notifications() RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT jsonb_object_agg(event, recipients)
  FROM unnest(ARRAY['Admin_Eligibility', 'Admin_Assignment', 'EndUser_Assignment']) AS event,
    (SELECT jsonb_object_agg(recipient,
        '{"defaultRecipients": true, "additionalAddresses": [], "criticalOnly": false}'::jsonb) AS recipients
     FROM unnest(ARRAY['Admin', 'Requestor', 'Approver']) AS recipient) AS each
$$;

ALTER TABLE role_management_policies
  ADD COLUMN approval_required boolean NOT NULL DEFAULT false,
  ADD COLUMN approval_stages jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(approval_stages) = 'array' AND jsonb_array_length(approval_stages) <= 3),
  ADD COLUMN approval_requires_step_up boolean NOT NULL DEFAULT false,
  ADD COLUMN notifications jsonb NOT NULL DEFAULT default_notifications()
    CHECK (jsonb_typeof(notifications) = 'object'),
  ADD CHECK (NOT approval_required OR jsonb_array_length(approval_stages) > 0);
