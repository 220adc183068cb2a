-- The baseline, 4 of 8: what the database does by itself when rows change, and what it refuses. Each trigger function
-- stands above its triggers.

-- Resources -----------------------------------------------------------------------------------------------------------

-- Keeps the path of a resource: the hexadecimal ids from the root, joined by dots.
CREATE FUNCTION resources_set_path() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  label text := replace(NEW.id::text, '-', '');
BEGIN
  IF NEW.parent_id IS NULL THEN
    NEW.path := label;
  ELSE
    SELECT path || '.' || label INTO STRICT NEW.path FROM resources WHERE id = NEW.parent_id;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER resources_set_path BEFORE INSERT OR UPDATE OF id, parent_id, path ON resources
  FOR EACH ROW EXECUTE FUNCTION resources_set_path();

-- A moved resource takes everything below along: touching the path of a child makes the child's own trigger compute
-- it anew.
CREATE FUNCTION resources_move_children() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.path LIKE OLD.path || '.%' THEN
    RAISE EXCEPTION 'a resource cannot be moved below itself' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE resources SET path = '' WHERE parent_id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER resources_move_children AFTER UPDATE OF parent_id, path ON resources
  FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION resources_move_children();

-- After a move the places above it are not counted any more. The worker counts them anew; until then figures read
-- the rows themselves.
CREATE FUNCTION resources_uncount() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM lock_access_totals();
  DELETE FROM access_places WHERE below AND resource_id = ANY (path_ids(OLD.path) || path_ids(NEW.path));
  RETURN NULL;
END $$;

CREATE TRIGGER resources_uncount AFTER UPDATE OF parent_id, path ON resources
  FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION resources_uncount();

-- People and groups ---------------------------------------------------------------------------------------------------

-- Keeps how a principal was named and addressed in the last 30 days, so that no way of renaming forgets it and no
-- write of the application can change it (docs/decisions/who-is-meant.md). Entries older than 30 days go with the
-- next change. Of more than eight entries the oldest is kept, being what people knew.
CREATE FUNCTION keep_former_identities() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kept jsonb;
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.former_identities := NULL;
    RETURN NEW;
  END IF;
  SELECT coalesce(jsonb_agg(was ORDER BY position), '[]') INTO kept
  FROM jsonb_array_elements(coalesce(OLD.former_identities, '[]')) WITH ORDINALITY AS f (was, position)
  WHERE (was ->> 'until')::timestamptz > postern_now() - interval '30 days';
  IF OLD.display_name IS DISTINCT FROM NEW.display_name THEN
    kept := kept || jsonb_build_object('kind', 'displayName', 'value', OLD.display_name, 'until', postern_now());
  END IF;
  IF OLD.email IS DISTINCT FROM NEW.email AND OLD.email IS NOT NULL THEN
    kept := kept || jsonb_build_object('kind', 'email', 'value', OLD.email, 'until', postern_now());
  END IF;
  IF OLD.external_id IS DISTINCT FROM NEW.external_id AND OLD.external_id IS NOT NULL THEN
    kept := kept || jsonb_build_object('kind', 'externalId', 'value', OLD.external_id, 'until', postern_now());
  END IF;
  WHILE jsonb_array_length(kept) > 8 LOOP
    kept := kept - 1;
  END LOOP;
  NEW.former_identities := nullif(kept, '[]');
  RETURN NEW;
END $$;

CREATE TRIGGER principals_keep_former BEFORE INSERT OR UPDATE ON principals
  FOR EACH ROW EXECUTE FUNCTION keep_former_identities();

-- Keeps `principal_names`: each name leads to one principal (docs/rules.md, rule 12). A name that another principal
-- has violates the key.
CREATE FUNCTION keep_principal_names() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  before text[] := '{}';
  after text[] := '{}';
  freed record;
  left_with uuid[];
BEGIN
  IF TG_OP <> 'INSERT' THEN
    before := names_of_principal(OLD.id, OLD.email, OLD.external_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    after := names_of_principal(NEW.id, NEW.email, NEW.external_id);
  END IF;
  IF before = after THEN
    RETURN NULL;
  END IF;
  FOR freed IN
    SELECT n.key, n.principal_id FROM principal_names n
    WHERE n.key = ANY (before) AND n.key <> ALL (after) ORDER BY n.key FOR UPDATE
  LOOP
    IF freed.principal_id IS NULL THEN
      SELECT array_agg(p.id) INTO left_with FROM principals p
      WHERE name_key(p.email) = freed.key OR name_key(p.external_id) = freed.key
        OR p.id = CASE WHEN freed.key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN freed.key::uuid END;
      CONTINUE WHEN cardinality(left_with) > 1;
      UPDATE principal_names SET principal_id = left_with[1] WHERE key = freed.key AND left_with IS NOT NULL;
      DELETE FROM principal_names WHERE key = freed.key AND left_with IS NULL;
    ELSIF freed.principal_id = OLD.id THEN
      DELETE FROM principal_names WHERE key = freed.key;
    END IF;
  END LOOP;
  -- In order, so that two transactions meet at the first name that they share. Another's name violates the key.
  INSERT INTO principal_names (key, principal_id)
  SELECT each, NEW.id FROM unnest(after) AS each WHERE each <> ALL (before) ORDER BY each;
  RETURN NULL;
END $fn$;

CREATE TRIGGER principals_names AFTER INSERT OR DELETE OR UPDATE OF id, email, external_id ON principals
  FOR EACH ROW EXECUTE FUNCTION keep_principal_names();

-- Only groups have members. Whoever puts one group into another waits for their turn, so that two statements that
-- would close a circle together see each other. Operations take this lock before any other
-- (docs/decisions/locking-order.md).
CREATE FUNCTION group_members_wait_for_turn() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM principals WHERE id = NEW.group_id AND type = 'Group') THEN
    RAISE EXCEPTION 'only a group has members' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT FROM principals WHERE id = NEW.member_id AND type = 'Group') THEN
    PERFORM pg_advisory_xact_lock(7362433);
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER group_members_wait_for_turn BEFORE INSERT OR UPDATE ON group_members
  FOR EACH ROW EXECUTE FUNCTION group_members_wait_for_turn();

-- No group is its own member, however far around. All rows of a statement are checked at once: checked one by one, a
-- thousand groups, each in the next, would take longer than a transaction may.
CREATE FUNCTION group_members_refuse_circles() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (
    WITH RECURSIVE above (member_id, id) AS (
      SELECT n.member_id, n.group_id FROM joined n JOIN principals p ON p.id = n.member_id AND p.type = 'Group'
      UNION
      SELECT a.member_id, m.group_id FROM above a JOIN group_members m ON m.member_id = a.id
    )
    SELECT FROM above WHERE id = member_id) THEN
    RAISE EXCEPTION 'a group cannot be a member of itself' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

-- Two triggers, because a trigger with a transition table is for one event.
CREATE TRIGGER group_members_refuse_circles_joined AFTER INSERT ON group_members
  REFERENCING NEW TABLE AS joined FOR EACH STATEMENT EXECUTE FUNCTION group_members_refuse_circles();
CREATE TRIGGER group_members_refuse_circles_changed AFTER UPDATE ON group_members
  REFERENCING NEW TABLE AS joined FOR EACH STATEMENT EXECUTE FUNCTION group_members_refuse_circles();

-- Factors -------------------------------------------------------------------------------------------------------------

-- An authenticator app that waits to be confirmed ends with its session, whatever ends the session.
CREATE FUNCTION drop_pending_factors_of_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM totp_factors WHERE session_id = NEW.id AND confirmed_at IS NULL;
  RETURN NULL;
END $$;

CREATE TRIGGER drop_pending_factors AFTER UPDATE OF ended_at ON sessions
  FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION drop_pending_factors_of_session();

-- It ends as well when the password changes by which it may have been asked for, and when a way to sign in is
-- issued.
CREATE FUNCTION drop_pending_factors_of_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM totp_factors WHERE user_id = NEW.user_id AND confirmed_at IS NULL;
  RETURN NULL;
END $$;

CREATE TRIGGER drop_pending_factors AFTER INSERT OR UPDATE OF hash, must_change, expires_at ON password_credentials
  FOR EACH ROW EXECUTE FUNCTION drop_pending_factors_of_user();
CREATE TRIGGER drop_pending_factors AFTER INSERT ON password_tickets
  FOR EACH ROW EXECUTE FUNCTION drop_pending_factors_of_user();

-- A factor that was confirmed is kept: it may have proved something.
CREATE FUNCTION keep_confirmed_factors() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'an authenticator app that has counted is kept' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER keep_confirmed BEFORE DELETE ON totp_factors
  FOR EACH ROW WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION keep_confirmed_factors();

-- Roles and their settings --------------------------------------------------------------------------------------------

-- The settings of a role that can write authorisation begin with MFA on direct assignment, until somebody edits
-- them.
CREATE FUNCTION begin_role_settings() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.version = 0 AND NOT NEW.assignment_requires_mfa THEN
    SELECT d.writes_authorization INTO NEW.assignment_requires_mfa
    FROM role_definitions d WHERE d.id = NEW.role_definition_id;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER role_management_policies_begin BEFORE INSERT ON role_management_policies
  FOR EACH ROW EXECUTE FUNCTION begin_role_settings();

-- Settings that nobody has edited follow the role when its permissions change. With the owner's rights: the event of
-- the role covers this change, whoever edits the role.
CREATE FUNCTION follow_role_permissions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- In the order in which every verb locks policies.
  PERFORM FROM role_management_policies WHERE role_definition_id = NEW.id AND version = 0
  ORDER BY resource_id FOR NO KEY UPDATE;
  UPDATE role_management_policies SET assignment_requires_mfa = NEW.writes_authorization
  WHERE role_definition_id = NEW.id AND version = 0;
  RETURN NULL;
END $$;

CREATE TRIGGER role_definitions_follow AFTER UPDATE OF permissions ON role_definitions
  FOR EACH ROW WHEN (OLD.writes_authorization <> NEW.writes_authorization)
  EXECUTE FUNCTION follow_role_permissions();

-- Keeps the skeleton of a role's name, which tells apart names that look alike.
CREATE FUNCTION keep_name_skeleton() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  NEW.name_skeleton := name_skeleton(NEW.role_name);
  RETURN NEW;
END $fn$;

CREATE TRIGGER role_definitions_name_skeleton BEFORE INSERT OR UPDATE OF role_name, name_skeleton ON role_definitions
  FOR EACH ROW EXECUTE FUNCTION keep_name_skeleton();

-- Access counted ahead (docs/decisions/counted-ahead.md) --------------------------------------------------------------

-- The rows of each statement are put together by their hours, so that a batch or an import leaves few changes and an
-- update that moves nothing leaves none. `assignments_count` is the same but for the state.
CREATE FUNCTION eligibilities_count() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, 'Eligible', hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), count(*)
    FROM new_rows x WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, 'Eligible', hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), -count(*)
    FROM old_rows x WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6;
  ELSE
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, 'Eligible', hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), sum(x.sign)
    FROM (SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows) x
    WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(x.sign) <> 0;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER eligibilities_count_new AFTER INSERT ON eligibilities REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION eligibilities_count();
CREATE TRIGGER eligibilities_count_changed AFTER UPDATE ON eligibilities
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION eligibilities_count();
CREATE TRIGGER eligibilities_count_gone AFTER DELETE ON eligibilities REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION eligibilities_count();

-- See `eligibilities_count`.
CREATE FUNCTION assignments_count() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, x.assignment_type::text, hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), count(*)
    FROM new_rows x WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, x.assignment_type::text, hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), -count(*)
    FROM old_rows x WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6;
  ELSE
    INSERT INTO access_changes
      (resource_id, role_definition_id, state, starts_hour, ends_hour, created_hour, number)
    SELECT x.resource_id, x.role_definition_id, x.assignment_type::text, hour_of(x.starts_at), hour_of(x.ends_at),
      hour_of(x.created_at), sum(x.sign)
    FROM (SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows) x
    WHERE x.ends_at IS NULL OR x.ends_at > x.starts_at GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(x.sign) <> 0;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER assignments_count_new AFTER INSERT ON assignments REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assignments_count();
CREATE TRIGGER assignments_count_changed AFTER UPDATE ON assignments
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION assignments_count();
CREATE TRIGGER assignments_count_gone AFTER DELETE ON assignments REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assignments_count();

-- The log -------------------------------------------------------------------------------------------------------------

-- Keeps the addresses of actor and target as they were at that moment: names are not enough to tell people apart,
-- and addresses change. Only the database fills these columns.
CREATE FUNCTION address_audit_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.actor_email := (SELECT p.email FROM principals p WHERE p.id = NEW.actor_id);
  SELECT p.type, p.email, p.external_id INTO NEW.target_type, NEW.target_email, NEW.target_external_id
  FROM principals p WHERE p.id = NEW.target_id;
  RETURN NEW;
END $$;

CREATE TRIGGER audit_events_address BEFORE INSERT ON audit_events
  FOR EACH ROW EXECUTE FUNCTION address_audit_event();

-- Puts an event into the outbox in its own transaction, so that people are told of everything that happened and of
-- nothing that did not. Only kinds of which nobody is ever told are left out here;
-- lib/domain/notifications/event-notices.ts says who is told of the others. A failure is told of only when a factor
-- was locked or an approved request could not be given.
CREATE FUNCTION audit_events_tell() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (NEW.outcome = 'Success' AND NEW.kind NOT IN ('SignOut', 'SessionEnded', 'StepUpSucceeded'))
    OR NEW.kind IN ('FactorLocked', 'RequestFailed') THEN
    INSERT INTO notification_outbox (event_id) VALUES (NEW.id);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER audit_events_tell AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_events_tell();

-- Rows of the log, decisions and requests are never deleted, and rows of the log and decisions are never changed.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_events_refuse_change BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_events_refuse_truncate BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER requests_refuse_delete BEFORE DELETE ON requests
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER requests_refuse_truncate BEFORE TRUNCATE ON requests
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_decisions_refuse_change BEFORE UPDATE OR DELETE ON request_decisions
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- No change without its event (docs/decisions/access-needs-event.md) --------------------------------------------------

-- A change and its event commit together (docs/rules.md, rule 9), and the database enforces it. These triggers run at
-- the commit: a change without a successful event of the same transaction that names it cannot commit, whoever wrote it.
-- Only the owner of the tables is exempt, who could drop the triggers as well.

-- Whether the role that writes owns the tables, or may act as their owner.
CREATE FUNCTION acts_as_owner() RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN pg_has_role(current_user,
    (SELECT c.relowner FROM pg_class c WHERE c.oid = 'public.audit_events'::regclass), 'USAGE');
END $$;

-- Access: an eligibility or assignment that is new, or whose times or meaning changed.
CREATE FUNCTION access_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  told boolean;
BEGIN
  IF TG_TABLE_NAME = 'assignments' THEN
    told := EXISTS (SELECT FROM audit_events e
      WHERE e.assignment_id = NEW.id AND e.transaction_id = pg_current_xact_id() AND e.outcome = 'Success');
  ELSE
    told := EXISTS (SELECT FROM audit_events e
      WHERE e.eligibility_id = NEW.id AND e.transaction_id = pg_current_xact_id() AND e.outcome = 'Success');
  END IF;
  IF NOT told THEN
    RAISE EXCEPTION 'no event of the log tells of this change of % %', TG_TABLE_NAME, NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'access_needs_event', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER eligibilities_need_event AFTER INSERT ON eligibilities
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION access_needs_event();
CREATE CONSTRAINT TRIGGER eligibilities_change_needs_event AFTER UPDATE ON eligibilities
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.principal_id, OLD.role_definition_id, OLD.resource_id, OLD.starts_at, OLD.ends_at, OLD.removed_at)
      IS DISTINCT FROM
      (NEW.principal_id, NEW.role_definition_id, NEW.resource_id, NEW.starts_at, NEW.ends_at, NEW.removed_at)
    AND NOT acts_as_owner())
  EXECUTE FUNCTION access_needs_event();
CREATE CONSTRAINT TRIGGER assignments_need_event AFTER INSERT ON assignments
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION access_needs_event();
CREATE CONSTRAINT TRIGGER assignments_change_needs_event AFTER UPDATE ON assignments
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.principal_id, OLD.role_definition_id, OLD.resource_id, OLD.assignment_type, OLD.eligibility_id,
        OLD.starts_at, OLD.ends_at, OLD.removed_at)
      IS DISTINCT FROM
      (NEW.principal_id, NEW.role_definition_id, NEW.resource_id, NEW.assignment_type, NEW.eligibility_id,
        NEW.starts_at, NEW.ends_at, NEW.removed_at)
    AND NOT acts_as_owner())
  EXECUTE FUNCTION access_needs_event();

-- Everything else that decides about access: who somebody is, which groups they are in, what a role allows, its
-- settings, and how people sign in and prove themselves.
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
-- No trigger for new rows: the application can add only settings that are the defaults, which change nothing.
CREATE CONSTRAINT TRIGGER role_management_policies_change_needs_event AFTER UPDATE ON role_management_policies
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW AND NOT acts_as_owner())
  EXECUTE FUNCTION change_needs_event();
-- An authenticator app counts once it is confirmed; before that it only waits.
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

-- A recovery code or a sign-in token that was used or replaced stays so.
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

-- Notifications -------------------------------------------------------------------------------------------------------

-- Every server listens for this and tells the pages of the person. Only the worker, and people who read their own
-- notifications, write here, so the lock that NOTIFY takes at commit holds up no change of access.
CREATE FUNCTION notifications_announce() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('postern_notifications', NEW.recipient_id::text);
  RETURN NULL;
END $$;

CREATE TRIGGER notifications_announce AFTER INSERT OR UPDATE OF read_at ON notifications
  FOR EACH ROW EXECUTE FUNCTION notifications_announce();
