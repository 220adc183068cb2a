-- Looking for a circle with every row walks up from each of them: a thousand groups, each in the next, took longer than
-- a transaction may. All rows of a statement are walked up from at once. The row still waits for its turn to change
-- which groups are in which, so that two statements that would close a circle together cannot miss each other.
CREATE OR REPLACE FUNCTION group_members_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM principals WHERE id = NEW.group_id AND type = 'Group') THEN
    RAISE EXCEPTION 'only a group has members' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT FROM principals WHERE id = NEW.member_id AND type = 'Group') THEN
    PERFORM pg_advisory_xact_lock(7362433);
  END IF;
  RETURN NEW;
END $$;
ALTER FUNCTION group_members_refuse_cycle() RENAME TO group_members_wait_for_turn;
ALTER TRIGGER group_members_refuse_cycle ON group_members RENAME TO group_members_wait_for_turn;

CREATE FUNCTION group_members_refuse_circles() RETURNS trigger LANGUAGE plpgsql AS $$
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
-- Transition tables are of one event.
CREATE TRIGGER group_members_refuse_circles_joined AFTER INSERT ON group_members
  REFERENCING NEW TABLE AS joined FOR EACH STATEMENT EXECUTE FUNCTION group_members_refuse_circles();
CREATE TRIGGER group_members_refuse_circles_changed AFTER UPDATE ON group_members
  REFERENCING NEW TABLE AS joined FOR EACH STATEMENT EXECUTE FUNCTION group_members_refuse_circles();
