import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Caller } from "@/lib/platform/caller";
import { oneRequest } from "@/lib/queries/requests/one-request";
import { arrangeApproval } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { denyRequest } from "../../support/decide-one";
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
  // Decided: those whom it asked find what became of it, where a notice has led them.
  expect(await seen(first)).toEqual(["other's", "reads", "Denied"]);
  expect(await seen(stranger)).toBeNull();
  expect(await seen(member)).toEqual(["own", "reads", "Denied"]);
});
