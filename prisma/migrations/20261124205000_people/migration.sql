-- What other systems call a principal or a resource: one of ours at most, without regard to case.
ALTER TABLE principals
  ADD COLUMN external_id text CHECK (external_id <> ''),
  ADD COLUMN version integer NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX principals_external_id_key ON principals (lower(external_id)) WHERE external_id IS NOT NULL;
CREATE INDEX principals_type_name_idx ON principals (type, lower(display_name), id);
ALTER TABLE resources ADD COLUMN external_id text CHECK (external_id <> '');
CREATE UNIQUE INDEX resources_external_id_key ON resources (lower(external_id)) WHERE external_id IS NOT NULL;

-- A password that an administrator set is good for choosing one's own, and for nothing else.
ALTER TABLE password_credentials
  ADD COLUMN must_change boolean NOT NULL DEFAULT false,
  ADD COLUMN expires_at timestamptz(6);

CREATE TYPE password_ticket_purpose AS ENUM ('Invitation', 'OneTimePassword');
CREATE TABLE password_tickets (
  id            uuid PRIMARY KEY DEFAULT postern_uuidv7(),
  user_id       uuid NOT NULL REFERENCES principals (id),
  purpose       password_ticket_purpose NOT NULL,
  token_hash    bytea NOT NULL UNIQUE,
  created_at    timestamptz(6) NOT NULL DEFAULT postern_now(),
  expires_at    timestamptz(6) NOT NULL,
  used_at       timestamptz(6),
  replaced_at   timestamptz(6)
);
CREATE INDEX password_tickets_user_id_idx ON password_tickets (user_id) WHERE used_at IS NULL AND replaced_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON password_tickets TO postern_app;

-- Only groups have members, and no group is its own member, however far around. Whoever joins one group to another
-- does so alone: two that would close a circle together cannot miss each other. Operations take this lock first of all
-- (docs/decisions/locking-order.md).
CREATE FUNCTION group_members_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM principals WHERE id = NEW.group_id AND type = 'Group') THEN
    RAISE EXCEPTION 'only a group has members' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT FROM principals WHERE id = NEW.member_id AND type = 'Group') THEN
    PERFORM pg_advisory_xact_lock(7362433);
    IF EXISTS (
      WITH RECURSIVE above (id) AS (
        SELECT NEW.group_id
        UNION
        SELECT m.group_id FROM above a JOIN group_members m ON m.member_id = a.id
      )
      SELECT FROM above WHERE id = NEW.member_id) THEN
      RAISE EXCEPTION 'a group cannot be a member of itself' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER group_members_refuse_cycle BEFORE INSERT OR UPDATE ON group_members
  FOR EACH ROW EXECUTE FUNCTION group_members_refuse_cycle();

-- Principals and every group above them, the disabled included: whose access they have, or would have once enabled.
CREATE FUNCTION principals_and_groups_above(principals uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 AS $$
  WITH RECURSIVE above (id) AS (
    SELECT unnest(principals)
    UNION
    SELECT m.group_id FROM above a JOIN group_members m ON m.member_id = a.id
  )
  SELECT id FROM above
$$;

-- Principals and everybody below them, through groups in groups.
CREATE FUNCTION principals_and_members_below(principals uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE ROWS 100 AS $$
  WITH RECURSIVE below (id) AS (
    SELECT unnest(principals)
    UNION
    SELECT m.member_id FROM below b JOIN group_members m ON m.group_id = b.id
  )
  SELECT id FROM below
$$;
