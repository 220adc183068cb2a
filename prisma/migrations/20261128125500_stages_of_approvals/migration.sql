-- The rules about the stages of an approval, which statements used to repeat. Written with RETURN or BEGIN ATOMIC and
-- without a search_path of their own, so that they are inlined into the statements that use them; their names are bound
-- when they are made.

-- The deciders of the open stage of an approval: its approvers, and after its escalation the escalation approvers too.
CREATE FUNCTION open_decider_ids(approver_ids uuid[], escalation_ids uuid[], escalates_at timestamptz) RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN escalates_at <= postern_now() THEN approver_ids || escalation_ids ELSE approver_ids END;

-- Whether a decision of a request counts in a stage of its approval: it was made there in this round, or in an earlier
-- one if the role settings changed and the stage stayed (`kept`).
CREATE FUNCTION counts_in_stage(decision uuid, made_in_round integer, made_in_stage integer, round integer, stage integer,
  kept jsonb) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN (made_in_round = round AND made_in_stage = stage)
  OR coalesce((kept -> stage::text) @> to_jsonb(decision::text), false);

-- Who approved a stage of a request other than this one. One person approves one stage only, whatever groups make them
-- an approver: two stages are two people's look at it.
CREATE FUNCTION approved_other_stage(request uuid, stage integer, round integer, kept jsonb) RETURNS SETOF uuid
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
  SELECT d.decider_id FROM request_decisions d
  WHERE (approved_other_stage.stage > 0 OR approved_other_stage.kept <> '{}')
    AND d.request_id = approved_other_stage.request AND d.decision = 'Approve'
    AND ((d.round = approved_other_stage.round AND d.stage <> approved_other_stage.stage) OR EXISTS (
      SELECT FROM jsonb_each(approved_other_stage.kept) AS k (stage, ids)
      WHERE k.stage <> approved_other_stage.stage::text AND k.ids @> to_jsonb(d.id::text)));
END;
