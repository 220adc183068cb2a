-- The baseline, 6 of 8: indexes, by room. Constraints have their own; those here that are unique are rules as well.

-- Resources -----------------------------------------------------------------------------------------------------------

-- A scope names one resource, and an external id leads to one, without regard to case.
CREATE UNIQUE INDEX resources_scope_key ON resources (lower(scope));
CREATE UNIQUE INDEX resources_external_id_key ON resources (lower(external_id)) WHERE external_id IS NOT NULL;

-- The tree: by path, the children of a resource, and what lies below some paths, told by the index alone.
CREATE UNIQUE INDEX resources_path_key ON resources (path);
CREATE INDEX resources_parent_id_idx ON resources (parent_id, lower(display_name), id);
CREATE INDEX resources_below_idx ON resources (path) INCLUDE (id, resource_type, display_name);

-- Lists, in the order of names; search by any part of the name or scope.
CREATE INDEX resources_name_idx ON resources (lower(display_name), id);
CREATE INDEX resources_type_idx ON resources (resource_type, lower(display_name), id);
CREATE INDEX resources_search_idx ON resources USING gin ((display_name || ' ' || scope) gin_trgm_ops);

-- Names by how they begin, in the order of the bytes: for one or two letters, which trigrams cannot answer.
CREATE INDEX resources_prefix_idx ON resources ((lower(display_name)) COLLATE "C");

-- Names that count as the same.
CREATE INDEX resources_scope_key_idx ON resources (name_key(scope));
CREATE INDEX resources_sibling_key_idx ON resources (parent_id, name_key(display_name));

-- People and groups ---------------------------------------------------------------------------------------------------

-- One user for each email address, one principal for each external id.
CREATE UNIQUE INDEX principals_email_key ON principals (lower(email)) WHERE type = 'User';
CREATE UNIQUE INDEX principals_external_id_key ON principals (lower(external_id)) WHERE external_id IS NOT NULL;

-- Lists and search.
CREATE INDEX principals_name_idx ON principals (lower(display_name), id);
CREATE INDEX principals_type_name_idx ON principals (type, lower(display_name), id);
CREATE INDEX principals_search_idx ON principals USING gin ((display_name || ' ' || coalesce(email, '')) gin_trgm_ops);
CREATE INDEX principals_prefix_idx ON principals ((lower(display_name)) COLLATE "C");

-- Whom somebody manages.
CREATE INDEX principals_manager_id_idx ON principals (manager_id) WHERE manager_id IS NOT NULL;

-- Names that count as the same.
CREATE INDEX principals_email_key_idx ON principals (name_key(email)) WHERE email IS NOT NULL;
CREATE INDEX principals_external_id_key_idx ON principals (name_key(external_id)) WHERE external_id IS NOT NULL;
CREATE INDEX principals_group_key_idx ON principals (name_key(display_name)) WHERE type = 'Group';

-- The groups of a member; the primary key finds the members of a group.
CREATE INDEX group_members_member_id_idx ON group_members (member_id);

-- Sign-in and factors -------------------------------------------------------------------------------------------------

CREATE INDEX password_tickets_user_id_idx ON password_tickets (user_id) WHERE used_at IS NULL AND replaced_at IS NULL;

-- A user's live sessions; when somebody was last seen, ended sessions included; what can be pruned.
CREATE INDEX sessions_user_id_idx ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_last_seen_idx ON sessions (user_id, last_seen_at DESC);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

CREATE INDEX sign_in_throttles_forget_at_idx ON sign_in_throttles (forget_at);

-- One authenticator app in force for each user, and one that waits.
CREATE UNIQUE INDEX totp_factors_confirmed_key ON totp_factors (user_id) WHERE confirmed_at IS NOT NULL AND removed_at IS NULL;
CREATE UNIQUE INDEX totp_factors_pending_key ON totp_factors (user_id) WHERE confirmed_at IS NULL AND removed_at IS NULL;
CREATE INDEX totp_factors_session_id_idx ON totp_factors (session_id) WHERE confirmed_at IS NULL;

-- What is stored under an encryption key.
CREATE INDEX totp_factors_by_key ON totp_factors (key_id) WHERE removed_at IS NULL;

CREATE INDEX recovery_codes_user_id_idx ON recovery_codes (user_id) WHERE used_at IS NULL AND replaced_at IS NULL;

CREATE INDEX step_up_challenges_user_id_idx ON step_up_challenges (user_id, created_at);
CREATE INDEX step_up_challenges_session_id_idx ON step_up_challenges (session_id, created_at);
CREATE INDEX step_up_challenges_expires_at_idx ON step_up_challenges (expires_at);

-- Roles and their settings --------------------------------------------------------------------------------------------

-- Lists and search.
CREATE INDEX role_definitions_name_idx ON role_definitions (lower(role_name), id);
CREATE INDEX role_definitions_search_idx ON role_definitions USING gin (role_name gin_trgm_ops);

-- One custom role of a name; names that count as the same or look alike.
CREATE UNIQUE INDEX role_definitions_custom_name_key ON role_definitions (lower(role_name))
  WHERE role_type = 'CustomRole' AND deleted_at IS NULL;
CREATE INDEX role_definitions_key_idx ON role_definitions (name_key(role_name)) WHERE deleted_at IS NULL;
CREATE INDEX role_definitions_skeleton_idx ON role_definitions (name_skeleton) WHERE deleted_at IS NULL;

-- The role settings that name a principal as an approver.
CREATE INDEX role_management_policies_approvers_idx ON role_management_policies
  USING gin (approval_stages jsonb_path_ops) WHERE approval_required;

-- Access --------------------------------------------------------------------------------------------------------------

-- What a principal holds or may activate, now or later.
CREATE INDEX eligibilities_principal_idx ON eligibilities (principal_id, ends_at);

-- Lists of a resource: by role, by end (permanent last) and by start.
CREATE INDEX eligibilities_resource_idx ON eligibilities (resource_id, role_definition_id, ends_at);
CREATE INDEX eligibilities_resource_end_idx ON eligibilities
  (resource_id, (coalesce(ends_at, 'infinity'::timestamptz)), id);
CREATE INDEX eligibilities_resource_start_idx ON eligibilities (resource_id, starts_at, id);

-- All access, by end (permanent last), and the newest of one role.
CREATE INDEX eligibilities_end_idx ON eligibilities ((coalesce(ends_at, 'infinity'::timestamptz)), id);
CREATE INDEX eligibilities_role_idx ON eligibilities (role_definition_id, id);

-- By the clock: what starts, ends or was made in an hour, for figures and reminders.
CREATE INDEX eligibilities_ends_idx ON eligibilities (ends_at);
CREATE INDEX eligibilities_starts_idx ON eligibilities (starts_at);
CREATE INDEX eligibilities_created_idx ON eligibilities (created_at);

-- Ends that the log has not told of yet.
CREATE INDEX eligibilities_expiry_due_idx ON eligibilities (ends_at)
  WHERE ends_at > starts_at AND (removed_at IS NULL OR removed_at < ends_at)
    AND expiry_recorded_for IS DISTINCT FROM ends_at;

-- Access that did not come through the portal.
CREATE INDEX eligibilities_origin_idx ON eligibilities (origin, created_at) WHERE origin <> 'Portal';

-- The same for assignments.
CREATE INDEX assignments_principal_idx ON assignments (principal_id, ends_at);
CREATE INDEX assignments_resource_idx ON assignments (resource_id, role_definition_id, ends_at);
CREATE INDEX assignments_resource_end_idx ON assignments
  (resource_id, (coalesce(ends_at, 'infinity'::timestamptz)), id);
CREATE INDEX assignments_resource_start_idx ON assignments (resource_id, starts_at, id);
CREATE INDEX assignments_end_idx ON assignments ((coalesce(ends_at, 'infinity'::timestamptz)), id);
CREATE INDEX assignments_role_idx ON assignments (role_definition_id, id);
CREATE INDEX assignments_ends_idx ON assignments (ends_at);
CREATE INDEX assignments_starts_idx ON assignments (starts_at);
CREATE INDEX assignments_created_idx ON assignments (created_at);
CREATE INDEX assignments_expiry_due_idx ON assignments (ends_at)
  WHERE ends_at > starts_at AND (removed_at IS NULL OR removed_at < ends_at)
    AND expiry_recorded_for IS DISTINCT FROM ends_at;
CREATE INDEX assignments_origin_idx ON assignments (origin, created_at) WHERE origin <> 'Portal';

-- The activations of an eligibility.
CREATE INDEX assignments_eligibility_idx ON assignments (eligibility_id) WHERE eligibility_id IS NOT NULL;

-- The newest of one type, which may be far rarer than the other; activations in effect.
CREATE INDEX assignments_type_idx ON assignments (assignment_type, id);
CREATE INDEX assignments_activated_end_idx ON assignments (ends_at) WHERE assignment_type = 'Activated';

-- Requests ------------------------------------------------------------------------------------------------------------

-- Requests of a person, of a resource, and about one eligibility or assignment.
CREATE INDEX requests_requestor_idx ON requests (requestor_id, created_at DESC, id DESC);
CREATE INDEX requests_requestor_id_idx ON requests (requestor_id, id);
CREATE INDEX requests_resource_idx ON requests (resource_id, created_at DESC);
CREATE INDEX requests_assignment_idx ON requests (assignment_id) WHERE assignment_id IS NOT NULL;
CREATE INDEX requests_eligibility_idx ON requests (eligibility_id) WHERE eligibility_id IS NOT NULL;
CREATE INDEX requests_resulting_eligibility_idx ON requests (resulting_eligibility_id)
  WHERE resulting_eligibility_id IS NOT NULL;
CREATE INDEX requests_resulting_assignment_idx ON requests (resulting_assignment_id)
  WHERE resulting_assignment_id IS NOT NULL;

-- One activation request of a member for a role at a resource waits at a time, for approval or for the member's
-- code; one request at a time waits for more time of the same access.
CREATE UNIQUE INDEX requests_pending_key ON requests (principal_id, role_definition_id, resource_id)
  WHERE status IN ('PendingApproval', 'PendingProvisioning') AND request_type = 'SelfActivate';
CREATE UNIQUE INDEX requests_waiting_for_eligibility_key ON requests (eligibility_id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew');
CREATE UNIQUE INDEX requests_waiting_for_assignment_key ON requests (assignment_id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew');

-- What waits, in the order in which it was asked for, among all that ever was.
CREATE INDEX requests_pending_idx ON requests (id) WHERE status IN ('PendingApproval', 'PendingProvisioning');
CREATE INDEX requests_waiting_idx ON requests (resource_id, id)
  WHERE status IN ('PendingApproval', 'PendingProvisioning', 'ScheduleCreated');
CREATE INDEX requests_waiting_extensions_idx ON requests (resource_id, id)
  WHERE status = 'PendingApproval' AND request_type IN ('SelfExtend', 'SelfRenew');

-- What waits for somebody's decision.
CREATE INDEX request_approvals_deciders_idx ON request_approvals USING gin ((approver_ids || escalation_ids))
  WHERE closed_at IS NULL;

-- What is open, in order: whoever takes the first few reads no more than those.
CREATE INDEX request_approvals_open_idx ON request_approvals (request_id) WHERE closed_at IS NULL;

-- Whether an approval that was given still counts is asked with every list; few requests wait with one given.
CREATE INDEX request_approvals_partly_given_idx ON request_approvals (request_id)
  WHERE closed_at IS NULL AND cardinality(given_by) > 0;

-- What is due: time-outs, escalations, reminders.
CREATE INDEX request_approvals_expires_idx ON request_approvals (expires_at) WHERE closed_at IS NULL;
CREATE INDEX request_approvals_escalates_idx ON request_approvals (escalates_at)
  WHERE closed_at IS NULL AND escalation_told_at IS NULL;
CREATE INDEX request_approvals_reminds_idx ON request_approvals (reminds_at)
  WHERE closed_at IS NULL AND reminded_at IS NULL;

-- Access reviews ------------------------------------------------------------------------------------------------------

-- Reviews of a resource, and those that run.
CREATE INDEX access_reviews_resource_idx ON access_reviews (resource_id, id DESC);
CREATE INDEX access_reviews_running_idx ON access_reviews (state, ends_at)
  WHERE state IN ('NotStarted', 'InProgress', 'Completed', 'Applying');

CREATE INDEX access_review_items_principal_idx ON access_review_items (principal_id);

-- The log -------------------------------------------------------------------------------------------------------------

-- The log, filtered by each of its columns, newest first.
CREATE INDEX audit_events_time_idx ON audit_events (occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_actor_idx ON audit_events (actor_id, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_target_idx ON audit_events (target_id, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_role_idx ON audit_events (role_definition_id, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_resource_idx ON audit_events (resource_id, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_path_idx ON audit_events (resource_path, occurred_at DESC);
CREATE INDEX audit_events_kind_idx ON audit_events (kind, occurred_at DESC, sequence DESC);

-- The story of one assignment, eligibility or request.
CREATE INDEX audit_events_assignment_idx ON audit_events (assignment_id) WHERE assignment_id IS NOT NULL;
CREATE INDEX audit_events_eligibility_idx ON audit_events (eligibility_id) WHERE eligibility_id IS NOT NULL;
CREATE INDEX audit_events_request_idx ON audit_events (request_id) WHERE request_id IS NOT NULL;

-- Search by parts of names. Few entries are kept pending, so that no event that happens to sort them in takes long.
CREATE INDEX audit_events_names_idx ON audit_events
  USING gin (actor_name gin_trgm_ops, target_name gin_trgm_ops, role_name gin_trgm_ops)
  WITH (gin_pending_list_limit = 512);

-- What was refused, which is rare.
CREATE INDEX audit_events_failures_idx ON audit_events (occurred_at DESC, sequence DESC) WHERE outcome = 'Failure';

-- Exactly one event for each end of access, whatever runs twice.
CREATE UNIQUE INDEX audit_events_expiry_key
  ON audit_events (coalesce(assignment_id, eligibility_id), (details ->> 'endedAt'))
  WHERE kind IN ('ActivationExpired', 'ActiveAssignmentExpired', 'EligibleAssignmentExpired');

-- `changed_who_decides`: what somebody did that changes who decides on requests.
CREATE INDEX audit_events_of_deciders_idx ON audit_events (actor_id, occurred_at)
  WHERE outcome = 'Success' AND kind IN ('RoleSettingsUpdated', 'GroupMemberAdded', 'GroupMemberRemoved',
    'PrincipalDisabled', 'PrincipalEnabled');

-- The scan for access that outlasts its giver's authority.
CREATE INDEX audit_events_outlasting_idx ON audit_events (sequence)
  WHERE outcome = 'Success' AND details @> '{"stepUp": ["OutlastsAuthority"]}'::jsonb;

-- What a transaction's events tell of: one lookup for each change, however long the log.
CREATE INDEX audit_events_told_idx ON audit_events (transaction_id, coalesce(target_id, role_definition_id))
  WHERE outcome = 'Success';

-- Alerts --------------------------------------------------------------------------------------------------------------

-- One open alert for each finding.
CREATE UNIQUE INDEX alerts_open_key ON alerts (kind, resource_id, subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_resource_idx ON alerts (resource_id, raised_at DESC, id DESC);
CREATE INDEX alerts_open_idx ON alerts (resource_id) WHERE resolved_at IS NULL AND dismissed_at IS NULL;

-- Notifications -------------------------------------------------------------------------------------------------------

-- What is due, and what is dead.
CREATE INDEX notification_outbox_due_idx ON notification_outbox (next_attempt_at, event_id) WHERE dead_at IS NULL;
CREATE INDEX notification_outbox_dead_idx ON notification_outbox (dead_at) WHERE dead_at IS NOT NULL;

CREATE INDEX notifications_recipient_idx ON notifications (recipient_id, id DESC);
CREATE INDEX notifications_unread_idx ON notifications (recipient_id, id DESC) WHERE read_at IS NULL;
CREATE INDEX notifications_created_idx ON notifications (created_at);

-- Once to each address.
CREATE UNIQUE INDEX mail_messages_subject_key ON mail_messages (lower(address), subject_key);

-- What is due, what is dead, and what can be pruned.
CREATE INDEX mail_messages_due_idx ON mail_messages (next_attempt_at, id) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX mail_messages_dead_idx ON mail_messages (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX mail_messages_sent_idx ON mail_messages (sent_at) WHERE sent_at IS NOT NULL;

-- Imports -------------------------------------------------------------------------------------------------------------

CREATE INDEX imports_created_idx ON imports (created_at DESC, id DESC);
CREATE INDEX imports_due_idx ON imports (confirmed_at, id) WHERE status = 'Applying' AND confirmed_at IS NOT NULL;

CREATE INDEX import_rows_waiting_idx ON import_rows (import_id, state, position) WHERE state IN ('Pending', 'NeedsProof');

CREATE INDEX import_rights_resource_idx ON import_rights (resource_id);

-- Preferences ---------------------------------------------------------------------------------------------------------

-- One filter of a name for each list.
CREATE UNIQUE INDEX saved_filters_name_key ON saved_filters (user_id, list, lower(name));

-- Operation -----------------------------------------------------------------------------------------------------------

CREATE INDEX worker_instances_seen_idx ON worker_instances (seen_at DESC);
