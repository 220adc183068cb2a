import { afterEach, beforeEach, expect, it } from "vitest";
import { auditPage } from "@/lib/queries/audit/audit";
import { type AuditFilter, wholeLog } from "@/lib/queries/audit/audit-conditions";
import { findAuditEvent } from "@/lib/queries/audit/audit-event";
import { arrangeApproval, stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { grant, makeCaller, makeOwnerRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.drop());

it("finds events by their ticket and by who approved them, by the names of that moment", async () => {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeUser(database, "Olga Owner");
  await grant(database, "active", owner.id, (await makeOwnerRole(database)).id, tree.root.id);
  const reader = await makeCaller(database, owner);
  const { waiting, first, second, member } = await arrangeApproval(database, {
    tree,
    stages: (ids) => [stageOf([ids[0] ?? ""]), stageOf([ids[1] ?? ""])],
  });
  const decision = (requestId: string) => ({ requestId, justification: "Known", proofId: null });
  const denied = await waiting({ ticketNumber: "INC-7" });
  await denyRequest(database, first, decision(denied));
  const approved = await waiting({ ticketNumber: "INC-42" });
  await approveRequest(database, first, decision(approved));
  await approveRequest(database, second, decision(approved));
  const list = async (filter: Partial<AuditFilter>) => {
    const asked = { ...wholeLog, ...filter };
    const page = await auditPage(database, reader, asked, null);
    for (const limits of [
      { first: [], byName: 5_000 },
      { first: [2], byName: 0 },
    ])
      expect(await auditPage(database, reader, asked, null, 40, limits)).toEqual(page);
    return page.events;
  };
  const shown = async (filter: Partial<AuditFilter>) =>
    (await list(filter)).map(({ kind, ticketNumber, approvers }) => [kind, ticketNumber, approvers.length]);
  const story = [
    ["RoleActivated", "INC-42", 2],
    ["RequestApproved", "INC-42", 2],
    ["RequestApproved", "INC-42", 1],
    ["ActivationRequested", "INC-42", 0],
  ];
  expect(await shown({ ticket: "inc-42" })).toEqual(story);
  expect(await shown({ ticket: "INC" })).toHaveLength(6);
  expect(await shown({ ticket: "%" })).toEqual([]);
  // The activation names the first stage's approver too. The request itself was made before any approval.
  expect(await shown({ approver: "anna app" })).toEqual(story.slice(0, 3));
  expect(await shown({ approver: second.email })).toEqual(story.slice(0, 2));
  expect(await shown({ approver: "Boris", kinds: ["RoleActivated"] })).toEqual(story.slice(0, 1));
  expect(await shown({ approver: "Boris", ticket: "INC-7" })).toEqual([]);
  const [activated] = await list({ kinds: ["RoleActivated"] });
  expect(activated?.approvers).toEqual([
    `Anna Approver (${first.email})`,
    `Boris Approver (${second.email})`,
  ]);
  // An approver who was asked reads their own events with the approved ticket.
  expect((await findAuditEvent(database, member, activated?.id ?? ""))?.approvers).toHaveLength(2);
  const renamed = await database.client.principal.update({
    where: { id: first.userId },
    data: { displayName: "Anna Married" },
  });
  expect(renamed.displayName).toBe("Anna Married");
  expect(await shown({ approver: "Anna Approver" })).toEqual(story.slice(0, 3));
  expect(await shown({ approver: "Anna Married" })).toEqual([]);
});
