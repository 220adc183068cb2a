import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import type { Caller } from "@/lib/platform/caller";
import { oneRequest } from "@/lib/queries/requests/one-request";
import { arrangeApproval, stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { grant, makeCaller, makeRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.drop());

it("opens a request for its member, for whom it waits and for whoever may read access there, and hides it from all others", async () => {
  const { database } = test;
  const tree = await makeTree(database);
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  const { waiting, first, second, member } = await arrangeApproval(database, { tree });
  if (!second) throw new Error("no second approver");
  const person = async (name: string, resourceId?: string) => {
    const user = await makeUser(database, name);
    if (resourceId) await grant(database, "active", user.id, reader.id, resourceId);
    return makeCaller(database, user);
  };
  const above = await person("Rita Root", tree.root.id);
  const below = await person("Ben Below", tree.group.id);
  const stranger = await person("Sam Stranger");
  const id = await waiting();
  const seen = async (caller: Caller, requestId = id) => {
    const found = await oneRequest(database, caller, requestId);
    return (
      found && [found.own ? "own" : "other's", found.activation ? "decides" : "reads", found.request.status]
    );
  };
  expect(await seen(member)).toEqual(["own", "reads", "PendingApproval"]);
  expect(await seen(first)).toEqual(["other's", "decides", "PendingApproval"]);
  expect(await seen(above)).toEqual(["other's", "reads", "PendingApproval"]);
  for (const caller of [below, stranger]) expect(await seen(caller)).toBeNull();
  expect(await seen(above, randomUUID())).toBeNull();
  expect(
    await denyRequest(database, second, { requestId: id, justification: "No", proofId: null }),
  ).toMatchObject({
    ok: true,
  });
  // Decided: the approvers it asked find the outcome behind the link of their notice.
  expect(await seen(first)).toEqual(["other's", "reads", "Denied"]);
  expect(await seen(stranger)).toBeNull();
  expect(await seen(member)).toEqual(["own", "reads", "Denied"]);
});

it("shows the story of a request with who and when, and who may decide it now", async () => {
  const { database } = test;
  const { waiting, first, second, member, user } = await arrangeApproval(database, {
    stages: (ids) => [stageOf([ids[0] ?? ""]), stageOf([ids[1] ?? ""], { approvalsNeeded: 1 })],
  });
  const id = await waiting();
  const seen = async (caller: Caller) => {
    const found = await oneRequest(database, caller, id);
    if (!found) throw new Error("hidden");
    const steps = found.story.map(({ kind, actorName }) => `${kind} by ${actorName}`);
    const deciders = found.request.deciders.map(({ displayName }) => displayName);
    return { steps, deciders, openStage: found.openStage };
  };
  const asked = "ActivationRequested by Rita Requester";
  expect(await seen(member)).toEqual({
    steps: [asked],
    deciders: ["Anna Approver"],
    openStage: { needed: 1, given: 0, administratorsToo: false },
  });
  const decision = { requestId: id, justification: "Known", proofId: null };
  expect(await approveRequest(database, first, decision)).toMatchObject({ ok: true });
  // A refused attempt is not a step of it.
  expect(await approveRequest(database, member, decision)).toMatchObject({ ok: false });
  const approved = "RequestApproved by Anna Approver";
  // The approver of the first stage still finds it.
  expect(await seen(first)).toEqual({
    steps: [asked, approved],
    deciders: ["Boris Approver"],
    openStage: { needed: 1, given: 0, administratorsToo: false },
  });
  await database.client.principal.update({ where: { id: second.userId }, data: { disabledAt: new Date() } });
  expect((await seen(member)).openStage).toMatchObject({ administratorsToo: true });
  await database.client.principal.update({ where: { id: second.userId }, data: { disabledAt: null } });
  expect(await denyRequest(database, second, decision)).toMatchObject({ ok: true });
  expect(await seen(member)).toEqual({
    steps: [asked, approved, "RequestDenied by Boris Approver"],
    deciders: [],
    openStage: null,
  });
  expect(user.id).toBe(member.userId);
});

it("says what happened to whoever decides a request that somebody else decided meanwhile", async () => {
  const { database } = test;
  const { waiting, first, second, member } = await arrangeApproval(database);
  const refused = (result: unknown) => expect(result).toMatchObject({ ok: false });
  const decide = (requestId: string) => ({ requestId, justification: "Known", proofId: null });
  const denied = await waiting();
  await denyRequest(database, second, decide(denied));
  const late = await approveRequest(database, first, decide(denied));
  refused(late);
  expect(JSON.stringify(late)).toMatch(/no longer waits for a decision: .*Boris Approver.* denied it/);
  const canceled = await waiting();
  await cancelRequest(database, member, { requestId: canceled, justification: null });
  expect(JSON.stringify(await denyRequest(database, first, decide(canceled)))).toContain("it was canceled");
  const approved = await waiting();
  await approveRequest(database, second, decide(approved));
  expect(JSON.stringify(await denyRequest(database, first, decide(approved)))).toMatch(
    /Boris Approver.* approved it/,
  );
});
