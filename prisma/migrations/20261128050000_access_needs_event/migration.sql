-- Access and the log commit together (design section 2, rule 9), and the database sees to it: an eligibility or an
-- assignment that is new, or whose times or meaning changed, without a successful event of the same transaction that
-- names it cannot commit, whoever wrote it. Only the owner of the tables is past this, who could drop it as well.

-- The transaction that an event was written in. Null for events from before this was kept.
ALTER TABLE audit_events ADD COLUMN transaction_id xid8;
ALTER TABLE audit_events ALTER COLUMN transaction_id SET DEFAULT pg_current_xact_id();

-- When an event happened, its place in the log, its id and its transaction are for the database to say.
REVOKE INSERT ON audit_events FROM postern_app;
GRANT INSERT (
  kind, outcome, actor_id, actor_name, target_id, target_name, role_definition_id, role_name, resource_id, resource_name,
  scope, resource_path, request_id, eligibility_id, assignment_id, proof_id, factor, justification, ticket_number,
  ticket_system, session_id, ip_address, user_agent, correlation_id, failed_rules, details) ON audit_events TO postern_app;

-- Whether the role that writes owns the tables, or may act as who does.
CREATE FUNCTION acts_as_owner() RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN pg_has_role(current_user,
    (SELECT c.relowner FROM pg_class c WHERE c.oid = 'public.audit_events'::regclass), 'USAGE');
END $$;

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

-- Who holds what where never changes, nor when the row was made: only when it begins and ends.
REVOKE INSERT, UPDATE ON eligibilities, assignments FROM postern_app;
GRANT INSERT (principal_id, role_definition_id, resource_id, starts_at, ends_at, origin),
  UPDATE (starts_at, ends_at, removed_at, expiry_recorded_for) ON eligibilities TO postern_app;
GRANT INSERT (principal_id, role_definition_id, resource_id, assignment_type, eligibility_id, starts_at, ends_at, origin),
  UPDATE (starts_at, ends_at, removed_at, expiry_recorded_for) ON assignments TO postern_app;
