-- Break-glass: a member approves their own waiting request in an emergency, where the role settings allow it, and a review
-- stays open until somebody else closes it (docs/decisions/break-glass.md).

-- How long such an activation lasts at most; null: nobody may.
ALTER TABLE role_management_policies ADD COLUMN break_glass_maximum_minutes integer
  CHECK (break_glass_maximum_minutes BETWEEN 30 AND 1440 AND break_glass_maximum_minutes % 30 = 0);
GRANT UPDATE (break_glass_maximum_minutes) ON role_management_policies TO postern_app;

CREATE TYPE break_glass_outcome AS ENUM ('Justified', 'NotJustified');

-- One for each request that its member approved. The member never closes it, whoever writes here.
CREATE TABLE break_glass_reviews (
  request_id         uuid PRIMARY KEY REFERENCES requests (id),
  member_id          uuid NOT NULL REFERENCES principals (id),
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  resource_id        uuid NOT NULL REFERENCES resources (id),
  assignment_id      uuid NOT NULL REFERENCES assignments (id),
  reason             text NOT NULL CHECK (btrim(reason) <> '' AND char_length(reason) <= 4000),
  used_at            timestamptz(6) NOT NULL DEFAULT postern_now(),
  outcome            break_glass_outcome,
  note               text CHECK (btrim(note) <> '' AND char_length(note) <= 4000),
  closed_by_id       uuid REFERENCES principals (id),
  closed_at          timestamptz(6),
  CONSTRAINT break_glass_reviews_closed_by_another CHECK (closed_by_id <> member_id),
  CONSTRAINT break_glass_reviews_closed_whole CHECK (num_nonnulls(outcome, note, closed_by_id, closed_at) IN (0, 4))
);

-- One open review for a member and a role: it holds the next emergency of the same role back.
CREATE UNIQUE INDEX break_glass_reviews_open_key ON break_glass_reviews (member_id, role_definition_id)
  WHERE closed_at IS NULL;
CREATE INDEX break_glass_reviews_open_idx ON break_glass_reviews (resource_id, request_id) WHERE closed_at IS NULL;

GRANT SELECT, INSERT (request_id, member_id, role_definition_id, resource_id, assignment_id, reason),
  UPDATE (outcome, note, closed_by_id, closed_at) ON break_glass_reviews TO postern_app;

-- A review is opened and closed with an event of the same transaction that names its request, is of the request that it
-- says it is of, and stays closed.
CREATE FUNCTION break_glass_review_needs_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.closed_at IS NOT NULL THEN
    RAISE EXCEPTION 'a review that was closed stays so'
      USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
  END IF;
  PERFORM FROM requests q JOIN assignments a ON a.id = q.assignment_id
  WHERE q.id = NEW.request_id AND q.request_type = 'SelfActivate' AND q.principal_id = NEW.member_id
    AND q.requestor_id = NEW.member_id AND q.role_definition_id = NEW.role_definition_id
    AND q.resource_id = NEW.resource_id AND q.assignment_id = NEW.assignment_id AND a.principal_id = NEW.member_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a review of break-glass is not of its request'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'break_glass_review_of_request',
        TABLE = TG_TABLE_NAME;
  END IF;
  PERFORM FROM audit_events e
  WHERE e.transaction_id = pg_current_xact_id() AND e.request_id = NEW.request_id AND e.outcome = 'Success'
    AND e.kind || '' = CASE TG_OP WHEN 'INSERT' THEN 'BreakGlassUsed' ELSE 'BreakGlassReviewed' END;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no event of the log tells of this change of %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'break_glass_review_needs_event',
        TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION break_glass_review_needs_event() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER break_glass_reviews_need_event AFTER INSERT OR UPDATE ON break_glass_reviews
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT acts_as_owner())
  EXECUTE FUNCTION break_glass_review_needs_event();

-- Emergency activations that nobody has reviewed.
ALTER TYPE alert_kind ADD VALUE 'BreakGlass';
