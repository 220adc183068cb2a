-- Requests that wait for approvers.

ALTER TABLE requests
  ADD COLUMN duration_minutes integer CHECK (duration_minutes > 0),
  ADD COLUMN failure_reasons text[] NOT NULL DEFAULT '{}';

-- One request of a member for a role at a scope waits at a time.
CREATE UNIQUE INDEX requests_pending_key ON requests (principal_id, role_definition_id, resource_id)
  WHERE status = 'PendingApproval' AND request_type = 'SelfActivate';
CREATE INDEX requests_waiting_idx ON requests (resource_id, id)
  WHERE status IN ('PendingApproval', 'ScheduleCreated');
CREATE INDEX requests_requestor_id_idx ON requests (requestor_id, id);

-- The approval that a request goes through: all its stages, and the one that it is at, laid out so that "what waits
-- for me" is one look into an index. A row stays when the approval is over; `closed_at` says so.
CREATE TABLE request_approvals (
  request_id        uuid PRIMARY KEY REFERENCES requests (id),
  stages            jsonb NOT NULL CHECK (jsonb_typeof(stages) = 'array' AND jsonb_array_length(stages) > 0),
  requires_step_up  boolean NOT NULL,
  -- Counted from 0. A stage that is begun anew, since the role settings changed, is another round.
  stage             integer NOT NULL DEFAULT 0 CHECK (stage >= 0),
  round             integer NOT NULL DEFAULT 0,
  opened_at         timestamptz(6) NOT NULL,
  -- From when the escalation approvers may decide as well; null where there are none.
  escalates_at      timestamptz(6),
  -- From when nobody may decide any more.
  expires_at        timestamptz(6) NOT NULL,
  approver_ids      uuid[] NOT NULL,
  escalation_ids    uuid[] NOT NULL,
  approvals_needed  integer NOT NULL CHECK (approvals_needed > 0),
  -- The users whose approval counts in this stage.
  given_by          uuid[] NOT NULL DEFAULT '{}',
  escalation_told_at timestamptz(6),
  closed_at         timestamptz(6),
  CHECK (opened_at < expires_at)
);
CREATE INDEX request_approvals_deciders_idx ON request_approvals USING gin ((approver_ids || escalation_ids))
  WHERE closed_at IS NULL;
CREATE INDEX request_approvals_expires_idx ON request_approvals (expires_at) WHERE closed_at IS NULL;
CREATE INDEX request_approvals_escalates_idx ON request_approvals (escalates_at)
  WHERE closed_at IS NULL AND escalation_told_at IS NULL;

CREATE TYPE decision AS ENUM ('Approve', 'Deny');
CREATE TABLE request_decisions (
  id                uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  request_id        uuid NOT NULL REFERENCES requests (id),
  stage             integer NOT NULL,
  round             integer NOT NULL,
  decision          decision NOT NULL,
  decider_id        uuid NOT NULL REFERENCES principals (id),
  -- Decided as an active administrator, since too few of the approvers could.
  as_administrator  boolean NOT NULL,
  justification     text NOT NULL CHECK (btrim(justification) <> ''),
  proof_id          uuid REFERENCES step_up_proofs (id),
  decided_at        timestamptz(6) NOT NULL DEFAULT postern_now(),
  UNIQUE (request_id, round, stage, decider_id)
);

-- The people who stand behind principals now: users, and the users in groups, whatever is disabled left out.
CREATE FUNCTION users_behind(named uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 AS $$
  WITH RECURSIVE reached (id, type) AS (
    SELECT id, type FROM principals WHERE id = ANY (named) AND disabled_at IS NULL
    UNION
    SELECT p.id, p.type FROM reached r
      JOIN group_members m ON m.group_id = r.id
      JOIN principals p ON p.id = m.member_id AND p.disabled_at IS NULL
  )
  SELECT id FROM reached WHERE type = 'User'
$$;

GRANT SELECT, INSERT, UPDATE ON request_approvals TO postern_app;
GRANT SELECT, INSERT ON request_decisions TO postern_app;
CREATE TRIGGER request_decisions_refuse_change BEFORE UPDATE OR DELETE ON request_decisions
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
