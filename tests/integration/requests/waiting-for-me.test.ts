import { afterEach, beforeEach, expect, it } from "vitest";
import { action } from "@/lib/domain/roles/permissions";
import { addDays } from "@/lib/domain/time/schedule";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import type { Caller } from "@/lib/platform/caller";
import { listExtensionRequests } from "@/lib/queries/assignments/extension-requests";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { listPendingRequests } from "@/lib/queries/requests/pending-requests";
import { countInWords, countWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
import { arrangeApproval } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
} from "../../support/factories";

const start = new Date("2027-03-01T09:00:00Z");
let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase({ clock: () => start });
});
afterEach(() => test.drop());

/**
 * Requests to activate and to extend, and people with every kind of decision right: an Owner, one below, those who
 * may give only eligible or only active access, or both by two roles, a reader, a member who asks, and a member of a group that asks.
 */
async function arrange() {
  const { database } = test;
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  const giving = (name: string, operation: string) =>
    makeRole(database, name, { actions: [operation, "*/read"] });
  const eligibleGiver = await giving("Gives eligible", action.writeEligibility);
  const activeGiver = await giving("Gives active", action.writeAssignment);
  const { waiting, first } = await arrangeApproval(database, { tree });
  const person = async (name: string, roleId?: string, at = tree.root.id) => {
    const user = await makeUser(database, name);
    if (roleId) await grant(database, "active", user.id, roleId, at);
    return makeCaller(database, user);
  };
  const callers: Record<string, Caller> = {
    approver: first,
    owner: await person("Olga Owner", owner.id),
    ownerBelow: await person("Ben Below", owner.id, tree.group.id),
    eligibleGiver: await person("Gina Giver", eligibleGiver.id),
    activeGiver: await person("Gert Giver", activeGiver.id),
    bothGiver: await person("Gabi Giver", eligibleGiver.id),
    giverBelow: await person("Gus Giver", eligibleGiver.id, tree.group.id),
    reader: await person("Rita Reader", reader.id),
    member: await person("Mia Member", owner.id),
    inGroup: await person("Gwen Group", owner.id),
  };
  // What roles allow adds up, at one place and over several.
  for (const { userId } of [callers.bothGiver, callers.giverBelow].flatMap((each) => each ?? []))
    await grant(database, "active", userId, activeGiver.id, tree.root.id);
  const group = await makeGroup(
    database,
    [callers.inGroup?.userId ?? "", callers.member?.userId ?? ""],
    "Team",
  );
  const ask = async (principalId: string, kind: "eligible" | "active", resourceId: string) => {
    const access = await grant(database, kind, principalId, reader.id, resourceId, {
      startsAt: addDays(start, -9),
      endsAt: addDays(start, 5),
    });
    const { member } = callers;
    if (!member) throw new Error("nobody asks");
    const asked = await requestExtension(database, member, {
      assignmentType: kind === "eligible" ? "Eligible" : "Active",
      id: access.id,
      endsAt: addDays(start, 60),
      justification: "Still needed",
    });
    if (!asked.ok) throw new Error(asked.error.code);
    return asked.requestId;
  };
  await waiting();
  const memberId = callers.member?.userId ?? "";
  const requests = [
    await ask(memberId, "eligible", tree.group.id),
    await ask(memberId, "active", tree.subscription.id),
    await ask(group.id, "eligible", tree.subscription.id),
  ];
  return { database, callers, requests };
}

it("says the same of what waits for somebody in the pane, in the lists of approvals, among all pending and in notices", async () => {
  const { database, callers, requests } = await arrange();
  await deliverNotifications(database, { mail: false });
  const seen: Record<string, number[]> = {};
  for (const [name, caller] of Object.entries(callers)) {
    const counted = await countWaitingForMe(database, caller);
    const activations = (await requestsToDecide(database, caller, { search: "", after: null })).rows;
    const extensions = (
      await listExtensionRequests(database, caller, { resourceId: null, after: null, forMe: true })
    ).rows;
    const pending = await listPendingRequests(database, caller, { resourceId: null, below: true }, null);
    const notices = await database.client.notification.findMany({
      where: {
        recipientId: caller.userId,
        category: "decisions",
        title: { not: { startsWith: "Activate first" } },
      },
    });
    expect([name, counted]).toEqual([
      name,
      { activations: activations.length, extensions: extensions.length, emergencies: 0, exceptions: 0 },
    ]);
    expect([name, countInWords(counted)]).toEqual([name, String(notices.length || "")]);
    if (pending)
      expect([
        name,
        pending.rows
          .filter((row) => row.forMe)
          .map((row) => row.id)
          .sort(),
      ]).toEqual([name, [...activations, ...extensions].map((row) => row.id).sort()]);
    expect(extensions.every((row) => !row.own)).toBe(true);
    seen[name] = [counted.activations, counted.extensions];
  }
  expect(seen).toEqual({
    approver: [1, 0],
    owner: [0, 3],
    ownerBelow: [0, 1],
    eligibleGiver: [0, 2],
    activeGiver: [0, 1],
    bothGiver: [0, 3],
    giverBelow: [0, 2],
    reader: [0, 0],
    member: [0, 0],
    inGroup: [0, 2],
  });
  // The requests that wait for somebody are those that they may decide. All others are refused.
  for (const [name, caller] of Object.entries(callers)) {
    const { rows } = await listExtensionRequests(database, caller, {
      resourceId: null,
      after: null,
      forMe: true,
    });
    for (const requestId of requests) {
      const result = await decideExtension(database, caller, {
        ...{ requestId, decision: { decision: "Deny" }, justification: null, proofId: null },
      });
      const allowed = !result.ok && result.error.code === "RoleAssignmentRequestPolicyValidationFailed";
      expect([name, requestId, allowed]).toEqual([name, requestId, rows.some((row) => row.id === requestId)]);
    }
  }
});
