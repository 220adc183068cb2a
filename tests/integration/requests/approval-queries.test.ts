import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import type { Caller } from "@/lib/platform/caller";
import { eligibleRoles, wholeList } from "@/lib/queries/activation/my-roles";
import { findAuditEvent } from "@/lib/queries/audit/audit-event";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { listPendingRequests } from "@/lib/queries/requests/pending-requests";
import { countWaitingActivations, myRequests, waitingActivations } from "@/lib/queries/requests/requests";
import { countWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
import { type Administration, makeAdministration } from "../../support/administration";
import { arrangeApproval, stageOf } from "../../support/approval";
import { approveRequest } from "../../support/decide-one";
import { grant, makeCaller, makeRole, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: Administration["test"];
let tree: Administration["tree"];
let owner: Caller;
beforeAll(async () => {
  ({ test, tree, owner } = await makeAdministration(() => now));
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

const arrange = (options: Parameters<typeof arrangeApproval>[1] = {}) =>
  arrangeApproval(test.database, { tree, ...options });
const toDecide = async (caller: Caller, search = "") => {
  const { rows } = await requestsToDecide(test.database, caller, { search, after: null });
  // The same result, whether it is found among the first that wait or by a search of all.
  const { rows: others } = await requestsToDecide(test.database, caller, { search, after: null }, 0);
  expect(others).toEqual(rows);
  return rows;
};
const approve = (caller: Caller, requestId: string) =>
  approveRequest(test.database, caller, { requestId, justification: "Fine", proofId: null });

describe("what waits for me", () => {
  it("shows how old the member's proof is, on the card, where the code is typed and in the log", async () => {
    const { waiting, first, prove } = await arrange({ settings: { approvalRequiresStepUp: true } });
    const id = await waiting();
    now = addMinutes(start, 185);
    const row = (await toDecide(first)).find((each) => each.id === id);
    expect(row).toMatchObject({ provedAt: start, provedMinutesAgo: 185 });
    const challenge = await createChallenge(test.database, first, decideRequestsOperation("Approve", [id]));
    expect(challenge?.description.details).toContainEqual({
      label: "Their identity verified",
      value: start.toISOString(),
    });
    const proofId = await prove(first, "Approve", [id]);
    await approveRequest(test.database, first, { requestId: id, justification: "Fine", proofId });
    const event = await test.database.client.auditEvent.findFirstOrThrow({
      where: { requestId: id, kind: "RoleActivated" },
    });
    expect(event.details).toMatchObject({ provedAt: start.toISOString() });
  });

  it("shows a member who asked without a second factor", async () => {
    const { waiting, first } = await arrange({ settings: { activationRequiresMfa: false } });
    const id = await waiting({ proved: false });
    const row = (await toDecide(first)).find((each) => each.id === id);
    expect(row).toMatchObject({ provedAt: null, provedMinutesAgo: null });
  });

  it("shows who asks for what and why, who else decides, and what they did lately", async () => {
    const { waiting, first, second, user } = await arrange();
    const before = await waiting({ durationMinutes: 60 });
    await approve(first, before);
    now = addMinutes(start, 120);
    const id = await waiting({ durationMinutes: 90 });
    const [row] = await toDecide(first);
    expect(row).toMatchObject({
      id,
      member: { displayName: "Rita Requester", email: user.email, type: "User", former: [] },
      roleName: "User Access Administrator",
      resourceName: "Production",
      justification: "Fix the outage",
      durationMinutes: 90,
      startsAt: null,
      expiresAt: addDays(now, 1),
      stage: 1,
      stages: 1,
      deciders: [{ displayName: "Anna Approver" }, { displayName: "Boris Approver" }],
      recent: [{ startsAt: start, endsAt: addMinutes(start, 60) }],
      recentCount: 1,
      asAdministrator: false,
    });
    expect(await toDecide(second)).toHaveLength(1);
    expect(await toDecide(first, "rita")).toHaveLength(1);
    expect(await toDecide(first, "nobody%")).toHaveLength(0);
    expect(await countWaitingForMe(test.database, first)).toMatchObject({ activations: 1, extensions: 0 });
  });

  it("is nothing of one's own, nothing decided or timed out, and nothing for anybody else", async () => {
    const { waiting, first, member } = await arrange({
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })],
    });
    const id = await waiting();
    expect(await toDecide(member)).toEqual([]);
    expect(await toDecide(owner)).toEqual([]);
    await approve(first, id);
    expect(await toDecide(first)).toEqual([]);
    expect(await countWaitingForMe(test.database, first)).toMatchObject({ activations: 0, extensions: 0 });
    const other = await arrange();
    await other.waiting();
    expect(await toDecide(other.first)).toHaveLength(1);
    now = addDays(start, 1);
    expect(await toDecide(other.first)).toEqual([]);
  });

  it("is an administrator's where too few approvers are able", async () => {
    const { waiting, people } = await arrange();
    const id = await waiting();
    for (const person of people)
      await test.database.client.principal.update({ where: { id: person.id }, data: { disabledAt: now } });
    expect(await toDecide(owner)).toMatchObject([{ id, asAdministrator: true }]);
    expect(await countWaitingForMe(test.database, owner)).toMatchObject({ activations: 1, extensions: 0 });
  });

  it("is an administrator's, however many roles they hold that administer nothing", async () => {
    const { client } = test.database;
    const reader = await makeRole(test.database, "Reader", { actions: ["*/read"] });
    const admin = await makeRole(test.database, "Administrator", { actions: ["Microsoft.Authorization/*"] });
    const make = (name: string) =>
      client.resource.create({
        data: {
          parentId: tree.root.id,
          scope: `/subscriptions/${randomUUID()}`,
          displayName: name,
          resourceType: "Microsoft.Resources/subscriptions",
        },
      });
    const read: string[] = [];
    for (let number = 1; number <= 201; number += 1) read.push((await make(`Read ${number}`)).id);
    const administered = await make("Administered");
    const user = await makeUser(test.database, "Rose Reader");
    await test.asOwner(
      `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
       SELECT $1, $2, id, 'Assigned', $3 FROM unnest($4::uuid[]) AS id`,
      [user.id, reader.id, start, read],
    );
    await grant(test.database, "active", user.id, admin.id, administered.id);
    const { waiting, people } = await arrange({ tree: { ...tree, subscription: administered } });
    const id = await waiting();
    for (const person of people)
      await client.principal.update({ where: { id: person.id }, data: { disabledAt: now } });
    expect(await toDecide(await makeCaller(test.database, user))).toMatchObject([
      { id, asAdministrator: true },
    ]);
  });

  it("is what a code can be asked for, and nothing else", async () => {
    const { waiting, first, member, user } = await arrange();
    const id = await waiting();
    const operation = decideRequestsOperation("Approve", [id]);
    const challenge = await createChallenge(test.database, first, operation);
    expect(challenge?.description.title).toBe(
      `Approve User Access Administrator on Production for Rita Requester (${user.email})`,
    );
    for (const stranger of [member, owner])
      expect(await createChallenge(test.database, stranger, operation)).toBeNull();
  });
});

describe("my requests", () => {
  it("say whom they wait for and what became of them, by the time it is", async () => {
    const { waiting, ask, first, second, member, eligibility } = await arrange();
    const mine = (only: boolean) => myRequests(test.database, member, { before: null, waiting: only });
    const id = await waiting();
    expect(await mine(true)).toMatchObject([
      {
        id,
        status: "PendingApproval",
        deciders: [{ displayName: "Anna Approver" }, { displayName: "Boris Approver" }],
        decisions: [],
      },
    ]);
    expect(
      (await eligibleRoles(test.database, member, wholeList)).rows.map((row) => [row.id, row.waiting]),
    ).toEqual([[eligibility.id, "PendingApproval"]]);
    await approve(second, id);
    expect(await mine(true)).toEqual([]);
    expect(await mine(false)).toMatchObject([
      {
        status: "Provisioned",
        deciders: [],
        decisions: [{ by: { displayName: "Boris Approver" }, justification: "Fine" }],
      },
    ]);
    now = addMinutes(start, 61);
    const later = await waiting({ startsAt: addMinutes(start, 300) });
    await approve(first, later);
    expect(await mine(true)).toMatchObject([{ id: later, status: "ScheduleCreated" }]);
    now = addMinutes(start, 300);
    expect(await mine(true)).toEqual([]);
    expect((await mine(false))[0]).toMatchObject({ id: later, status: "Provisioned" });
    now = addMinutes(start, 400);
    await ask();
    now = addDays(start, 3);
    expect((await mine(false))[0]).toMatchObject({ status: "TimedOut" });
    expect((await eligibleRoles(test.database, member, wholeList)).rows[0]?.waiting).toBe(null);
    expect(await myRequests(test.database, first, { before: null, waiting: false })).toEqual([]);
  });
});

describe("everybody's requests that wait", () => {
  it("are counted and listed for who may read them, until they time out", async () => {
    const ids = async () => {
      const place = { resourceId: tree.subscription.id, below: false };
      const page = await listPendingRequests(test.database, owner, place, null);
      expect(page?.total).toBe(page?.rows.length);
      return page?.rows.map((row) => row.id);
    };
    const { waiting } = await arrange();
    const id = await waiting();
    expect(await ids()).toContain(id);
    now = addDays(start, 1);
    expect(await ids()).not.toContain(id);
  });

  it("are shown in the log as they are at the time of reading", async () => {
    const { waiting } = await arrange();
    const id = await waiting();
    const event = await test.database.client.auditEvent.findFirstOrThrow({ where: { requestId: id } });
    const status = async () => (await findAuditEvent(test.database, owner, event.id))?.requestStatus;
    expect(await status()).toBe("PendingApproval");
    now = addDays(start, 1);
    expect(await status()).toBe("TimedOut");
  });
});

describe("the activations that wait at a resource", () => {
  it("are those at it and below it", async () => {
    const { waiting } = await arrange();
    const id = await waiting();
    const ids = async (resourceId: string) => {
      const rows = await waitingActivations(test.database, resourceId, null);
      expect(await countWaitingActivations(test.database, resourceId)).toBe(rows.length);
      return rows.map((row) => row.id);
    };
    expect(await ids(tree.root.id)).toContain(id);
    expect(await ids(tree.subscription.id)).toContain(id);
    expect(await ids(tree.group.id)).not.toContain(id);
  });
});
