CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The clock that decides. A test or the demo seed, which moves time, sets postern.now on its own connections, nothing
-- that serves requests ever does. STABLE, so that an index can be used against it.
CREATE FUNCTION postern_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(nullif(current_setting('postern.now', true), '')::timestamptz, statement_timestamp())
$$;

-- RFC 9562 version 7 from that clock (PostgreSQL before 18 has no uuidv7 of its own).
CREATE FUNCTION postern_uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch FROM postern_now()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
$$;

CREATE TYPE principal_type AS ENUM ('User', 'Group', 'ServicePrincipal');
CREATE TYPE role_type AS ENUM ('BuiltInRole', 'CustomRole');
CREATE TYPE assignment_type AS ENUM ('Assigned', 'Activated');
CREATE TYPE step_up_method AS ENUM ('Totp', 'RecoveryCode');
CREATE TYPE audit_outcome AS ENUM ('Success', 'Failure');
CREATE TYPE request_type AS ENUM (
  'AdminAssign', 'AdminUpdate', 'AdminExtend', 'AdminRenew', 'AdminRemove',
  'SelfActivate', 'SelfDeactivate', 'SelfExtend', 'SelfRenew');
CREATE TYPE request_status AS ENUM (
  'PendingApproval', 'PendingProvisioning', 'ScheduleCreated', 'Provisioned',
  'Denied', 'Canceled', 'TimedOut', 'Revoked', 'Failed');

-- Resources: the scope tree -------------------------------------------------------------------------------------

CREATE TABLE resources (
  id            uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  parent_id     uuid REFERENCES resources (id),
  scope         text NOT NULL CHECK (scope = '/' OR scope ~ '^(/[^/]+)+$'),
  path          text COLLATE "C" NOT NULL DEFAULT '',
  display_name  text NOT NULL CHECK (display_name <> ''),
  resource_type text NOT NULL CHECK (resource_type <> ''),
  created_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  CHECK ((parent_id IS NULL) = (scope = '/'))
);
CREATE UNIQUE INDEX resources_scope_key ON resources (lower(scope));
CREATE UNIQUE INDEX resources_path_key ON resources (path);
CREATE INDEX resources_parent_id_idx ON resources (parent_id, lower(display_name), id);
CREATE INDEX resources_name_idx ON resources (lower(display_name), id);
CREATE INDEX resources_type_idx ON resources (resource_type, lower(display_name), id);
CREATE INDEX resources_search_idx ON resources USING gin ((display_name || ' ' || scope) gin_trgm_ops);

CREATE FUNCTION resources_set_path() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- A moved resource takes everything below along: touching a child's path makes its own trigger compute it anew.
CREATE FUNCTION resources_move_children() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.path LIKE OLD.path || '.%' THEN
    RAISE EXCEPTION 'a resource cannot be moved below itself' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE resources SET path = '' WHERE parent_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER resources_move_children AFTER UPDATE OF parent_id, path ON resources
  FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION resources_move_children();

-- The ids of a resource and all that contain it, from a path.
CREATE FUNCTION path_ids(path text) RETURNS uuid[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_to_array(path, '.')::uuid[]
$$;

-- Principals ----------------------------------------------------------------------------------------------------

CREATE TABLE principals (
  id           uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  type         principal_type NOT NULL,
  display_name text NOT NULL CHECK (display_name <> ''),
  email        text,
  created_at   timestamptz(6) NOT NULL DEFAULT postern_now(),
  disabled_at  timestamptz(6),
  CHECK (type <> 'User' OR email IS NOT NULL)
);
CREATE UNIQUE INDEX principals_email_key ON principals (lower(email)) WHERE type = 'User';
CREATE INDEX principals_name_idx ON principals (lower(display_name), id);
CREATE INDEX principals_search_idx ON principals USING gin ((display_name || ' ' || coalesce(email, '')) gin_trgm_ops);

CREATE TABLE group_members (
  group_id  uuid NOT NULL REFERENCES principals (id),
  member_id uuid NOT NULL REFERENCES principals (id),
  added_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  PRIMARY KEY (group_id, member_id),
  CHECK (group_id <> member_id)
);
CREATE INDEX group_members_member_id_idx ON group_members (member_id);

-- A principal and every group it belongs to, directly or through groups, leaving out whatever is disabled. UNION
-- (not UNION ALL) ends on a cycle.
CREATE FUNCTION principal_and_groups(principal uuid) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE ROWS 5 AS $$
  WITH RECURSIVE reached (id) AS (
    SELECT id FROM principals WHERE id = principal AND disabled_at IS NULL
    UNION
    SELECT m.group_id FROM reached r
      JOIN group_members m ON m.member_id = r.id
      JOIN principals g ON g.id = m.group_id AND g.disabled_at IS NULL
  )
  SELECT id FROM reached
$$;

-- Identity ------------------------------------------------------------------------------------------------------

CREATE TABLE password_credentials (
  user_id    uuid PRIMARY KEY REFERENCES principals (id),
  hash       text NOT NULL,
  changed_at timestamptz(6) NOT NULL DEFAULT postern_now()
);

CREATE TABLE sessions (
  id                   uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id              uuid NOT NULL REFERENCES principals (id),
  secret_hash          bytea NOT NULL,
  previous_secret_hash bytea,
  rotated_at           timestamptz(6) NOT NULL DEFAULT postern_now(),
  created_at           timestamptz(6) NOT NULL DEFAULT postern_now(),
  last_seen_at         timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at           timestamptz(6) NOT NULL,
  ended_at             timestamptz(6),
  ip_address           text NOT NULL,
  user_agent           text NOT NULL
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id) WHERE ended_at IS NULL;

CREATE TABLE sign_in_throttles (
  key           text PRIMARY KEY,
  failures      integer NOT NULL DEFAULT 0,
  blocked_until timestamptz(6),
  updated_at    timestamptz(6) NOT NULL DEFAULT postern_now()
);
CREATE INDEX sign_in_throttles_updated_at_idx ON sign_in_throttles (updated_at);

CREATE TABLE totp_factors (
  id              uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id         uuid NOT NULL REFERENCES principals (id),
  key_id          text NOT NULL,
  nonce           bytea NOT NULL,
  ciphertext      bytea NOT NULL,
  created_at      timestamptz(6) NOT NULL DEFAULT postern_now(),
  confirmed_at    timestamptz(6),
  removed_at      timestamptz(6),
  last_used_step  bigint,
  last_used_at    timestamptz(6),
  failed_attempts integer NOT NULL DEFAULT 0,
  lock_count      integer NOT NULL DEFAULT 0,
  locked_until    timestamptz(6)
);
CREATE UNIQUE INDEX totp_factors_confirmed_key ON totp_factors (user_id) WHERE confirmed_at IS NOT NULL AND removed_at IS NULL;
CREATE UNIQUE INDEX totp_factors_pending_key ON totp_factors (user_id) WHERE confirmed_at IS NULL AND removed_at IS NULL;

CREATE TABLE recovery_codes (
  id          uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id     uuid NOT NULL REFERENCES principals (id),
  hash        text NOT NULL,
  created_at  timestamptz(6) NOT NULL DEFAULT postern_now(),
  used_at     timestamptz(6),
  replaced_at timestamptz(6)
);
CREATE INDEX recovery_codes_user_id_idx ON recovery_codes (user_id) WHERE used_at IS NULL AND replaced_at IS NULL;

CREATE TABLE step_up_challenges (
  id               uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id          uuid NOT NULL REFERENCES principals (id),
  session_id       uuid NOT NULL REFERENCES sessions (id),
  operation        jsonb NOT NULL,
  operation_digest bytea NOT NULL,
  created_at       timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at       timestamptz(6) NOT NULL
);
CREATE INDEX step_up_challenges_user_id_idx ON step_up_challenges (user_id, created_at);

CREATE TABLE step_up_proofs (
  id               uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  challenge_id     uuid NOT NULL UNIQUE REFERENCES step_up_challenges (id),
  user_id          uuid NOT NULL REFERENCES principals (id),
  session_id       uuid NOT NULL REFERENCES sessions (id),
  operation_digest bytea NOT NULL,
  method           step_up_method NOT NULL,
  factor_id        uuid REFERENCES totp_factors (id),
  created_at       timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at       timestamptz(6) NOT NULL,
  spent_at         timestamptz(6)
);

-- Roles and their settings --------------------------------------------------------------------------------------

CREATE TABLE role_definitions (
  id                uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  role_name         text NOT NULL CHECK (role_name <> ''),
  description       text NOT NULL,
  role_type         role_type NOT NULL,
  permissions       jsonb NOT NULL,
  assignable_scopes text[] NOT NULL,
  created_at        timestamptz(6) NOT NULL DEFAULT postern_now()
);
CREATE INDEX role_definitions_name_idx ON role_definitions (lower(role_name), id);
CREATE INDEX role_definitions_search_idx ON role_definitions USING gin (role_name gin_trgm_ops);

CREATE TABLE role_management_policies (
  id                                uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  resource_id                       uuid NOT NULL REFERENCES resources (id),
  role_definition_id                uuid NOT NULL REFERENCES role_definitions (id),
  version                           integer NOT NULL DEFAULT 0,
  activation_maximum_minutes        integer NOT NULL DEFAULT 480
    CHECK (activation_maximum_minutes BETWEEN 30 AND 1440 AND activation_maximum_minutes % 30 = 0),
  activation_requires_mfa           boolean NOT NULL DEFAULT true,
  activation_requires_justification boolean NOT NULL DEFAULT true,
  activation_requires_ticket        boolean NOT NULL DEFAULT false,
  eligible_maximum_days             integer DEFAULT 365 CHECK (eligible_maximum_days IN (15, 30, 90, 180, 365)),
  active_maximum_days               integer DEFAULT 180 CHECK (active_maximum_days IN (15, 30, 90, 180)),
  assignment_requires_mfa           boolean NOT NULL DEFAULT false,
  assignment_requires_justification boolean NOT NULL DEFAULT true,
  updated_at                        timestamptz(6),
  updated_by_id                     uuid REFERENCES principals (id),
  UNIQUE (resource_id, role_definition_id)
);

-- Access --------------------------------------------------------------------------------------------------------

CREATE TABLE eligibilities (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  principal_id       uuid NOT NULL REFERENCES principals (id),
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  resource_id        uuid NOT NULL REFERENCES resources (id),
  starts_at          timestamptz(6) NOT NULL,
  ends_at            timestamptz(6),
  created_at         timestamptz(6) NOT NULL DEFAULT postern_now(),
  removed_at         timestamptz(6),
  CHECK (ends_at IS NULL OR ends_at >= starts_at),
  CONSTRAINT eligibilities_no_overlap EXCLUDE USING gist (
    principal_id WITH =, role_definition_id WITH =, resource_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
);
CREATE INDEX eligibilities_principal_idx ON eligibilities (principal_id, ends_at);
CREATE INDEX eligibilities_resource_idx ON eligibilities (resource_id, role_definition_id, ends_at);

CREATE TABLE assignments (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  principal_id       uuid NOT NULL REFERENCES principals (id),
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  resource_id        uuid NOT NULL REFERENCES resources (id),
  assignment_type    assignment_type NOT NULL,
  eligibility_id     uuid REFERENCES eligibilities (id),
  starts_at          timestamptz(6) NOT NULL,
  ends_at            timestamptz(6),
  created_at         timestamptz(6) NOT NULL DEFAULT postern_now(),
  removed_at         timestamptz(6),
  CHECK (ends_at IS NULL OR ends_at >= starts_at),
  CHECK ((assignment_type = 'Activated') = (eligibility_id IS NOT NULL)),
  CHECK (assignment_type <> 'Activated' OR ends_at IS NOT NULL),
  CONSTRAINT assignments_no_overlap EXCLUDE USING gist (
    principal_id WITH =, role_definition_id WITH =, resource_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
);
CREATE INDEX assignments_principal_idx ON assignments (principal_id, ends_at);
CREATE INDEX assignments_resource_idx ON assignments (resource_id, role_definition_id, ends_at);
CREATE INDEX assignments_resource_starts_idx ON assignments (resource_id, starts_at);
CREATE INDEX assignments_eligibility_idx ON assignments (eligibility_id) WHERE eligibility_id IS NOT NULL;

-- What a principal holds at a moment: its own and its groups' assignments in effect then. An activation counts only
-- while the eligibility it rests on is in effect and still reaches the principal (design section 2, rules 5 and 8).
CREATE FUNCTION active_assignments(principal uuid, at timestamptz) RETURNS SETOF assignments
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 AS $$
  WITH reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(principal) AS r (id))
  SELECT a.* FROM assignments a
  WHERE a.principal_id IN (SELECT id FROM reached)
    AND a.starts_at <= at AND (a.ends_at IS NULL OR a.ends_at > at)
    AND (a.assignment_type = 'Assigned' OR EXISTS (
      SELECT FROM eligibilities e
      WHERE e.id = a.eligibility_id AND e.principal_id IN (SELECT id FROM reached)
        AND e.starts_at <= at AND (e.ends_at IS NULL OR e.ends_at > at)))
$$;

-- What a principal may activate at a moment, itself or through its groups.
CREATE FUNCTION current_eligibilities(principal uuid, at timestamptz) RETURNS SETOF eligibilities
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 AS $$
  SELECT e.* FROM eligibilities e
  WHERE e.principal_id IN (SELECT principal_and_groups(principal))
    AND e.starts_at <= at AND (e.ends_at IS NULL OR e.ends_at > at)
$$;

CREATE TABLE requests (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  request_type       request_type NOT NULL,
  status             request_status NOT NULL,
  requestor_id       uuid NOT NULL REFERENCES principals (id),
  principal_id       uuid NOT NULL REFERENCES principals (id),
  role_definition_id uuid NOT NULL REFERENCES role_definitions (id),
  resource_id        uuid NOT NULL REFERENCES resources (id),
  eligibility_id     uuid REFERENCES eligibilities (id),
  assignment_id      uuid REFERENCES assignments (id),
  starts_at          timestamptz(6),
  ends_at            timestamptz(6),
  justification      text,
  ticket_number      text,
  ticket_system      text,
  policy             jsonb,
  proof_id           uuid REFERENCES step_up_proofs (id),
  created_at         timestamptz(6) NOT NULL DEFAULT postern_now(),
  completed_at       timestamptz(6)
);
CREATE INDEX requests_requestor_idx ON requests (requestor_id, created_at DESC, id DESC);
CREATE INDEX requests_assignment_idx ON requests (assignment_id) WHERE assignment_id IS NOT NULL;
CREATE INDEX requests_eligibility_idx ON requests (eligibility_id) WHERE eligibility_id IS NOT NULL;
CREATE INDEX requests_resource_idx ON requests (resource_id, created_at DESC);

-- The log -------------------------------------------------------------------------------------------------------

CREATE TABLE audit_events (
  id                 uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  sequence           bigserial NOT NULL,
  occurred_at        timestamptz(6) NOT NULL DEFAULT postern_now(),
  kind               text NOT NULL CHECK (kind <> ''),
  outcome            audit_outcome NOT NULL,
  actor_id           uuid,
  actor_name         text,
  target_id          uuid,
  target_name        text,
  role_definition_id uuid,
  role_name          text,
  resource_id        uuid,
  resource_name      text,
  scope              text,
  resource_path      text COLLATE "C",
  request_id         uuid REFERENCES requests (id),
  eligibility_id     uuid,
  assignment_id      uuid,
  proof_id           uuid REFERENCES step_up_proofs (id),
  factor             step_up_method,
  justification      text,
  ticket_number      text,
  ticket_system      text,
  session_id         uuid,
  ip_address         text,
  user_agent         text,
  correlation_id     uuid,
  failed_rules       text[] NOT NULL DEFAULT '{}',
  details            jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_events_time_idx ON audit_events (occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_actor_idx ON audit_events (actor_id, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_target_idx ON audit_events (target_id, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_role_idx ON audit_events (role_definition_id, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_resource_idx ON audit_events (resource_id, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_path_idx ON audit_events (resource_path, occurred_at DESC);
CREATE INDEX audit_events_kind_idx ON audit_events (kind, occurred_at DESC, sequence DESC);
CREATE INDEX audit_events_assignment_idx ON audit_events (assignment_id) WHERE assignment_id IS NOT NULL;
CREATE INDEX audit_events_eligibility_idx ON audit_events (eligibility_id) WHERE eligibility_id IS NOT NULL;
CREATE INDEX audit_events_request_idx ON audit_events (request_id) WHERE request_id IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TABLE installation (
  id               integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  setup_token_hash bytea,
  demo             boolean NOT NULL DEFAULT false,
  seeded_at        timestamptz(6)
);
INSERT INTO installation DEFAULT VALUES;

-- The application's own role ------------------------------------------------------------------------------------
-- Every connection that serves requests acts as postern_app, which may add to the log and read it, and no more, and
-- may not delete what access rests on. The role is the cluster's, so another database may have made it already.

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
GRANT USAGE ON SCHEMA public TO postern_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO postern_app;
GRANT SELECT, INSERT, UPDATE ON
  resources, principals, password_credentials, sessions, totp_factors, recovery_codes, step_up_challenges,
  step_up_proofs, role_definitions, role_management_policies, eligibilities, assignments, requests, installation
  TO postern_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON group_members, sign_in_throttles TO postern_app;
GRANT SELECT, INSERT ON audit_events TO postern_app;
