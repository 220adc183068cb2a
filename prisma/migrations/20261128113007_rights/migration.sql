-- The baseline, 7 of 8: what the application's own role may do, and the worker's. Every connection that serves requests
-- acts as postern_app, which may add to the log and read it, and no more. lib/platform/database-roles.mjs names the roles
-- of each database; `postern_app` and `postern_worker` stand for them here (docs/decisions/database-logins.md).
-- tests/integration/gate/stolen-login.test.ts tries what these rights leave to whoever has such a login.

DO $$
BEGIN
  CREATE ROLE postern_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  EXECUTE format('GRANT postern_app TO %I', current_user);
EXCEPTION WHEN unique_violation THEN NULL;
END $$;
-- The tables of the job queue (schema pgboss) are made by the owner and used as this role alone.
DO $$
BEGIN
  CREATE ROLE postern_worker NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  EXECUTE format('GRANT postern_worker TO %I', current_user);
EXCEPTION WHEN unique_violation THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO postern_app;

-- Read only ----------------------------------------------------------------------------------------------------------

GRANT SELECT ON encryption_keys, look_alikes, principal_names, step_up_proofs TO postern_app;

-- Read and add -------------------------------------------------------------------------------------------------------

GRANT SELECT, INSERT ON
  request_decisions, access_review_roles, access_review_named_reviewers, import_rights, expiry_reminders, weekly_digests
  TO postern_app;

-- The log. When an event happened, its place in the log, its id and its transaction are for the database to say.
GRANT USAGE ON SEQUENCE audit_events_sequence_seq TO postern_app;
GRANT SELECT, INSERT (
  kind, outcome, actor_id, actor_name, target_id, target_name, role_definition_id, role_name, resource_id, resource_name,
  scope, resource_path, request_id, eligibility_id, assignment_id, proof_id, factor, justification, ticket_number,
  ticket_system, session_id, ip_address, user_agent, correlation_id, failed_rules, details) ON audit_events TO postern_app;

-- Read, add and change, but not delete -------------------------------------------------------------------------------

GRANT SELECT, INSERT, UPDATE ON
  resources, sessions, requests, request_approvals, access_reviews, access_review_items, alert_settings, alerts,
  notifications, mail_messages, notification_preferences, imports, import_rows, keyboard_preferences, worker_instances
  TO postern_app;

-- Only some columns --------------------------------------------------------------------------------------------------
-- What a row is of never changes, nor when it was made, nor what triggers keep.

GRANT SELECT,
  INSERT (type, display_name, email, external_id, disabled_at, manager_id, version),
  UPDATE (display_name, email, external_id, disabled_at, manager_id, version) ON principals TO postern_app;
GRANT SELECT, DELETE, INSERT (group_id, member_id) ON group_members TO postern_app;
GRANT SELECT,
  INSERT (user_id, hash, changed_at, must_change, expires_at),
  UPDATE (hash, changed_at, must_change, expires_at) ON password_credentials TO postern_app;
GRANT SELECT,
  INSERT (user_id, purpose, token_hash, expires_at),
  UPDATE (token_hash, expires_at, used_at, replaced_at) ON password_tickets TO postern_app;
-- A factor that waits to be confirmed may be deleted; a trigger keeps those that were confirmed.
GRANT SELECT, DELETE,
  INSERT (user_id, key_id, nonce, ciphertext, created_at, session_id, proof_id, failed_attempts, lock_count),
  UPDATE (key_id, nonce, ciphertext, confirmed_at, removed_at, last_used_step, last_used_at, failed_attempts, lock_count,
    locked_until) ON totp_factors TO postern_app;
GRANT SELECT, INSERT (user_id, hash), UPDATE (used_at, replaced_at) ON recovery_codes TO postern_app;
-- A challenge is never changed. (The right to lock a row comes with the right to change one column.)
GRANT SELECT, DELETE,
  INSERT (user_id, session_id, operation, operation_digest, expires_at), UPDATE (id) ON step_up_challenges TO postern_app;

GRANT SELECT,
  INSERT (id, role_name, description, role_type, permissions, assignable_scopes, version),
  UPDATE (role_name, description, permissions, assignable_scopes, version, updated_at, deleted_at)
  ON role_definitions TO postern_app;
-- Only settings that are the defaults can be added.
GRANT SELECT, INSERT (resource_id, role_definition_id),
  UPDATE (version, activation_maximum_minutes, activation_requires_mfa, activation_requires_justification,
    activation_requires_ticket, approval_required, approval_stages, approval_requires_step_up, provisioning_requires_mfa,
    eligible_maximum_days, active_maximum_days, assignment_requires_mfa, assignment_requires_justification, notifications,
    updated_at, updated_by_id) ON role_management_policies TO postern_app;

-- Who holds what where never changes: only when it begins and ends.
GRANT SELECT,
  INSERT (principal_id, role_definition_id, resource_id, starts_at, ends_at, origin),
  UPDATE (starts_at, ends_at, removed_at, expiry_recorded_for) ON eligibilities TO postern_app;
GRANT SELECT,
  INSERT (principal_id, role_definition_id, resource_id, assignment_type, eligibility_id, starts_at, ends_at, origin),
  UPDATE (starts_at, ends_at, removed_at, expiry_recorded_for) ON assignments TO postern_app;

-- Whether an installation is seeded decides whether a start may empty it, so only the owner says so.
GRANT SELECT, UPDATE (setup_token_hashes, time_zone, allowed_mail_domains, version) ON installation TO postern_app;

-- Read, add, change and delete ---------------------------------------------------------------------------------------

GRANT SELECT, INSERT, UPDATE, DELETE ON
  sign_in_throttles, favourites, saved_filters, notification_outbox, access_totals, worker_jobs TO postern_app;
GRANT SELECT, INSERT, DELETE ON access_places, access_changes TO postern_app;
GRANT SELECT, UPDATE ON alert_scans TO postern_app;

-- Functions with the owner's rights ----------------------------------------------------------------------------------

REVOKE ALL ON FUNCTION
  make_step_up_proof(uuid, uuid, uuid, step_up_method, uuid), spend_step_up_proof(uuid, uuid, uuid, bytea),
  prune_past(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  make_step_up_proof(uuid, uuid, uuid, step_up_method, uuid), spend_step_up_proof(uuid, uuid, uuid, bytea),
  prune_past(integer) TO postern_app;
