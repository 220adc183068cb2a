-- Who somebody is, what groups they are in, what a role allows, by what settings it is had, and how they sign in and
-- prove themselves: a change of it without a successful event of the same transaction that names it cannot commit,
-- whoever wrote it (design section 2, rule 9). As `access_needs_event` does for access; only the owner is past it.

-- What a transaction's events tell of, one look-up each, however long the log.
CREATE INDEX audit_events_told_idx ON audit_events (transaction_id, coalesce(target_id, role_definition_id))
  WHERE outcome = 'Success';

CREATE FUNCTION change_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  subject uuid;
  kinds text[];
  place text := '';
BEGIN
  IF TG_TABLE_NAME = 'principals' THEN
    subject := NEW.id;
    kinds := '{PrincipalCreated,PrincipalUpdated,PrincipalDisabled,PrincipalEnabled,ManagerChanged,OwnerSetUp}';
  ELSIF TG_TABLE_NAME = 'group_members' AND TG_OP = 'DELETE' THEN
    subject := OLD.member_id;
    place := OLD.group_id;
    kinds := '{GroupMemberRemoved}';
  ELSIF TG_TABLE_NAME = 'group_members' THEN
    subject := NEW.member_id;
    place := NEW.group_id;
    kinds := '{GroupMemberAdded}';
  ELSIF TG_TABLE_NAME = 'role_definitions' THEN
    subject := NEW.id;
    kinds := '{RoleDefinitionCreated,RoleDefinitionUpdated,RoleDefinitionDeleted}';
  ELSIF TG_TABLE_NAME = 'role_management_policies' THEN
    subject := NEW.role_definition_id;
    place := NEW.resource_id;
    kinds := '{RoleSettingsUpdated}';
  ELSIF TG_TABLE_NAME IN ('totp_factors', 'recovery_codes') THEN
    subject := NEW.user_id;
    kinds := '{AuthenticatorEnrolled,AuthenticatorReplaced,AuthenticatorRemoved,AuthenticatorReset,RecoveryCodesReplaced}';
  ELSE
    -- Passwords, and the tokens by which one is chosen.
    subject := NEW.user_id;
    kinds := '{PasswordChanged,SignInIssued,OneTimePasswordUsed,OwnerSetUp}';
  END IF;
  -- The kind is no column here, so that no index of kinds is taken while the log is young and unmeasured.
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND coalesce(e.target_id, e.role_definition_id) = subject
    AND e.outcome = 'Success' AND e.kind || '' = ANY (kinds)
    AND place IN ('', coalesce(e.details ->> 'groupId', e.resource_id::text));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER principals_need_event AFTER INSERT ON principals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER principals_change_needs_event AFTER UPDATE ON principals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.type, OLD.display_name, OLD.email, OLD.external_id, OLD.disabled_at, OLD.manager_id) IS DISTINCT FROM
      (NEW.type, NEW.display_name, NEW.email, NEW.external_id, NEW.disabled_at, NEW.manager_id)
    AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER group_members_need_event AFTER INSERT OR DELETE ON group_members
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER role_definitions_need_event AFTER INSERT ON role_definitions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER role_definitions_change_needs_event AFTER UPDATE ON role_definitions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.role_name, OLD.description, OLD.permissions, OLD.assignable_scopes, OLD.deleted_at) IS DISTINCT FROM
      (NEW.role_name, NEW.description, NEW.permissions, NEW.assignable_scopes, NEW.deleted_at)
    AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
-- A row that only stands for the defaults changes nothing; the application may add no other.
CREATE CONSTRAINT TRIGGER role_management_policies_change_needs_event AFTER UPDATE ON role_management_policies
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
-- An authenticator app counts once it is confirmed. Before, it waits for its session alone.
CREATE CONSTRAINT TRIGGER totp_factors_need_event AFTER INSERT ON totp_factors
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.confirmed_at IS NOT NULL AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER totp_factors_change_needs_event AFTER UPDATE ON totp_factors
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.confirmed_at, OLD.removed_at) IS DISTINCT FROM (NEW.confirmed_at, NEW.removed_at) AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER recovery_codes_need_event AFTER INSERT ON recovery_codes
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER password_credentials_need_event AFTER INSERT ON password_credentials
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER password_credentials_change_needs_event AFTER UPDATE ON password_credentials
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.hash, OLD.must_change, OLD.expires_at) IS DISTINCT FROM (NEW.hash, NEW.must_change, NEW.expires_at)
    AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER password_tickets_need_event AFTER INSERT ON password_tickets
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION change_needs_event();
CREATE CONSTRAINT TRIGGER password_tickets_change_needs_event AFTER UPDATE ON password_tickets
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.token_hash, OLD.expires_at) IS DISTINCT FROM (NEW.token_hash, NEW.expires_at) AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();

-- What a row is of never changes, nor when it was made, nor what triggers keep.
REVOKE INSERT, UPDATE ON principals, group_members, role_definitions, role_management_policies, totp_factors,
  recovery_codes, password_credentials, password_tickets FROM postern_app;
GRANT INSERT (type, display_name, email, external_id, disabled_at, manager_id, version),
  UPDATE (display_name, email, external_id, disabled_at, manager_id, version) ON principals TO postern_app;
GRANT INSERT (group_id, member_id) ON group_members TO postern_app;
GRANT INSERT (id, role_name, description, role_type, permissions, assignable_scopes, version),
  UPDATE (role_name, description, permissions, assignable_scopes, version, updated_at, deleted_at)
  ON role_definitions TO postern_app;
GRANT INSERT (resource_id, role_definition_id) ON role_management_policies TO postern_app;
GRANT UPDATE (version, activation_maximum_minutes, activation_requires_mfa, activation_requires_justification,
  activation_requires_ticket, approval_required, approval_stages, approval_requires_step_up, provisioning_requires_mfa,
  eligible_maximum_days, active_maximum_days, assignment_requires_mfa, assignment_requires_justification, notifications,
  updated_at, updated_by_id) ON role_management_policies TO postern_app;
GRANT INSERT (user_id, key_id, nonce, ciphertext, created_at, session_id, proof_id, failed_attempts, lock_count),
  UPDATE (key_id, nonce, ciphertext, confirmed_at, removed_at, last_used_step, last_used_at, failed_attempts, lock_count,
    locked_until) ON totp_factors TO postern_app;
GRANT INSERT (user_id, hash), UPDATE (used_at, replaced_at) ON recovery_codes TO postern_app;
GRANT INSERT (user_id, hash, changed_at, must_change, expires_at), UPDATE (hash, changed_at, must_change, expires_at)
  ON password_credentials TO postern_app;
GRANT INSERT (user_id, purpose, token_hash, expires_at), UPDATE (token_hash, expires_at, used_at, replaced_at)
  ON password_tickets TO postern_app;

-- What follows from an edit of a role follows it by itself, whoever edits: its event is the role's.
ALTER FUNCTION follow_role_permissions() SECURITY DEFINER;

-- A recovery code or a token that was used, or that another took the place of, stays so.
CREATE FUNCTION keep_spent() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'what was used or replaced stays so' USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER recovery_codes_keep_spent BEFORE UPDATE ON recovery_codes FOR EACH ROW
  WHEN ((OLD.used_at IS NOT NULL OR OLD.replaced_at IS NOT NULL)
    AND (OLD.used_at, OLD.replaced_at) IS DISTINCT FROM (NEW.used_at, NEW.replaced_at) AND NOT acts_as_owner())
  EXECUTE FUNCTION keep_spent();
CREATE TRIGGER password_tickets_keep_spent BEFORE UPDATE ON password_tickets FOR EACH ROW
  WHEN ((OLD.used_at IS NOT NULL OR OLD.replaced_at IS NOT NULL)
    AND (OLD.used_at, OLD.replaced_at) IS DISTINCT FROM (NEW.used_at, NEW.replaced_at) AND NOT acts_as_owner())
  EXECUTE FUNCTION keep_spent();
