import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approvedOtherStage, ofOpenStage, openIds } from "@/lib/authority/stage-approvals";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { Prisma } from "@/lib/platform/generated/client";
import { makeAdministration } from "../../support/administration";
import { arrangeApproval, stageOf } from "../../support/approval";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const value = async (sql: string, parameters: unknown[] = []) =>
  (await at.test.asOwner(`SELECT ${sql} AS value`, parameters)).rows[0].value;
const id = (last: number) => `00000000-0000-0000-0000-${String(last).padStart(12, "0")}`;

describe("open_decider_ids", () => {
  it.each([
    [null, 1],
    ["1 minute", 1],
    ["0", 2],
    ["-1 minute", 2],
  ])("with an escalation at %s from now are %i", async (escalates, count) => {
    const sql = `cardinality(open_decider_ids(ARRAY['${id(1)}']::uuid[], ARRAY['${id(2)}']::uuid[],
      postern_now() + $1::interval))`;
    expect(await value(sql, [escalates])).toBe(count);
  });
});

describe("counts_in_stage", () => {
  const counts = (decision: number, made: [number, number], round: number, stage: number, kept: object) =>
    value("counts_in_stage($1::uuid, $2::int, $3::int, $4::int, $5::int, $6::jsonb)", [
      id(decision),
      ...made,
      round,
      stage,
      JSON.stringify(kept),
    ]);

  it("is true in the round and stage of the decision, and in the stage that it was kept for", async () => {
    expect(await counts(1, [0, 0], 0, 0, {})).toBe(true);
    expect(await counts(1, [0, 0], 1, 0, {})).toBe(false);
    expect(await counts(1, [0, 0], 0, 1, {})).toBe(false);
    expect(await counts(1, [0, 0], 1, 2, { 2: [id(1)] })).toBe(true);
    expect(await counts(1, [0, 0], 1, 1, { 2: [id(1)] })).toBe(false);
    expect(await counts(3, [0, 0], 1, 2, { 2: [id(1)] })).toBe(false);
  });
});

describe("approved_other_stage", () => {
  it("names who approved another stage, of this round or kept, and nobody else", async () => {
    const { database, tree } = at;
    const approval = await arrangeApproval(database, {
      tree,
      stages: ([one = "", two = ""]) => [stageOf([one, two]), stageOf([one, two])],
    });
    const requestId = await approval.waiting();
    const others = (stage: number, round: number, kept: object) =>
      value("ARRAY(SELECT approved_other_stage($1::uuid, $2::int, $3::int, $4::jsonb))::text[]", [
        requestId,
        stage,
        round,
        JSON.stringify(kept),
      ]);
    expect(await others(1, 0, {})).toEqual([]);
    const decided = await decideRequests(database, approval.first, {
      decision: "Approve",
      requestIds: [requestId],
      justification: "Known outage",
      proofId: null,
    });
    expect(JSON.stringify(decided)).toContain(requestId);
    const [decision] = (await approval.read(requestId)).decisions;
    const given = approval.first.userId;
    expect(await others(1, 0, {})).toEqual([given]);
    expect(await others(0, 0, {})).toEqual([]);
    expect(await others(1, 1, {})).toEqual([]);
    expect(await others(0, 1, { 1: [decision?.id] })).toEqual([given]);
    expect(await others(1, 1, { 1: [decision?.id] })).toEqual([]);
  });
});

it("the rules are inlined, so that a statement is planned as if it said them itself", async () => {
  const { sql, values } = Prisma.sql`EXPLAIN VERBOSE SELECT ${openIds("a")} FROM request_approvals a
    JOIN request_decisions c ON ${ofOpenStage("c", "a")} WHERE c.decider_id NOT IN ${approvedOtherStage("a")}`;
  expect(values).toEqual([]);
  const { rows } = await at.test.asOwner(sql);
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("request_decisions");
  expect(plan).not.toMatch(/open_decider_ids|counts_in_stage|approved_other_stage\(/);
});
